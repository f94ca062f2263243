"""Pages about organisations: entries, what their people do, what officers do."""

from __future__ import annotations

from grants.organisations.views import entries, officers, people, proving
from grants.organisations.views.blueprint import bp
from grants.organisations.views.officers import home_slot

__all__ = ["bp", "entries", "home_slot", "officers", "people", "proving"]
