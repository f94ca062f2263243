"""Pages of programmes, calls and topics: public ones, and those of their managers."""

from __future__ import annotations

from grants.calls.views import asking, designing, managing, public
from grants.calls.views.blueprint import bp

phase_of = public.phase_of

__all__ = ["asking", "bp", "designing", "managing", "phase_of", "public"]
