"""Pages of experts: their own, the pool of a topic, and the registry for officers."""

from __future__ import annotations

from grants.experts.views import background, cv, keywords, own, pool, registry, sheets
from grants.experts.views.blueprint import bp

__all__ = ["background", "bp", "cv", "keywords", "own", "pool", "registry", "sheets"]
