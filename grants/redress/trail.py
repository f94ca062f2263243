"""What the page of the trail does not show yet of new rounds: who judges again, and why somebody does not."""

from __future__ import annotations

from sqlalchemy import Select, String, cast, select

from grants.audit import withheld
from grants.redress.models import Round, RoundExpert
from grants.redress.states import RoundState


def register() -> None:
    """Rounds and their experts until the new result is confirmed."""
    withheld.register("redress_round", _rounds)
    withheld.register("redress_round_expert", _experts)


def _rounds() -> Select[str]:
    return select(cast(Round.id, String)).where(Round.state != RoundState.CONFIRMED)


def _experts() -> Select[str]:
    of = select(cast(RoundExpert.id, String)).join(RoundExpert.round)
    return of.where(Round.state != RoundState.CONFIRMED)
