"""Who sees what when: the phases of an evaluation, and what an expert of a proposal sees in each. Pure.

One table for each topic, which its managers read and change as a whole. Source: domain.md 8.1, security.md 2 (1-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from grants.kernel.findings import Finding


class Phase(StrEnum):
    """The phases in their order; the first has always begun."""

    INDIVIDUAL = "individual"
    CONSENSUS = "consensus"
    PANEL = "panel"
    AFTER = "after"


class Aspect(StrEnum):
    """What can be seen of a proposal's evaluation. ``OWN`` before the decision cannot be taken away.

    ``APPLICANTS``: who applies; it is asked of blind evaluations only, elsewhere experts always see it.
    """

    OWN = "own"
    SCORES = "scores"
    TEXTS = "texts"
    NAMES = "names"
    APPLICANTS = "applicants"


#: What tells of others' reports: never before the own report is handed in.
OTHERS = frozenset({Aspect.SCORES, Aspect.TEXTS, Aspect.NAMES})


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """``starts``: None begins the phase with its state of work. ``shows``: what an expert sees in it."""

    phase: Phase
    shows: frozenset[Aspect]
    starts: datetime | None = None


Table = tuple[PhaseRule, ...]

_READ = frozenset({Aspect.OWN, Aspect.SCORES, Aspect.TEXTS})
#: What a topic begins with: reports are read in the consensus, by letter and not by name, and closed by the decision;
#: who applies in a blind evaluation is shown after it, where anything is.
DEFAULT: Table = (
    PhaseRule(Phase.INDIVIDUAL, frozenset({Aspect.OWN})),
    PhaseRule(Phase.CONSENSUS, _READ),
    PhaseRule(Phase.PANEL, _READ),
    PhaseRule(Phase.AFTER, frozenset({Aspect.APPLICANTS})),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one expert's proposal is. ``handed_in``: the expert's own report is."""

    handed_in: bool = False
    consensus: bool = False
    panel: bool = False
    decided: bool = False


def phase_at(table: Table, now: datetime, standing: Standing) -> Phase:
    """The last phase that has begun. No date makes a decision: the last phase needs one whatever its date.

    >>> from datetime import UTC
    >>> phase_at(DEFAULT, datetime(2026, 6, 1, tzinfo=UTC), Standing(consensus=True)).value
    'consensus'
    """
    work = {
        Phase.INDIVIDUAL: True, Phase.CONSENSUS: standing.consensus, Phase.PANEL: standing.panel,
        Phase.AFTER: standing.decided,
    }  # fmt: skip
    begun = [Phase.INDIVIDUAL]
    for rule in table:
        dated = rule.starts is not None and now >= rule.starts
        if rule.phase is Phase.AFTER:
            here = standing.decided and (rule.starts is None or dated)
        else:
            here = dated if rule.starts is not None else work[rule.phase]
        if here:
            begun.append(rule.phase)
    order = list(Phase)
    return max(begun, key=order.index)


def visible(table: Table, now: datetime, standing: Standing) -> frozenset[Aspect]:
    """What the expert sees now.

    Three rules that no table breaks: nothing of another's report, and nobody's name in a blind evaluation, before the
    own report is handed in; no such name while all write theirs; and the own report until the decision.
    """
    phase = phase_at(table, now, standing)
    shown = next((rule.shows for rule in table if rule.phase is phase), frozenset())
    if phase is not Phase.AFTER:
        shown |= {Aspect.OWN}
    if not standing.handed_in:
        shown -= OTHERS
    if not standing.handed_in or phase is Phase.INDIVIDUAL:
        shown -= {Aspect.APPLICANTS}
    return shown


def table_of(stored: Mapping[str, Any]) -> Table:
    """The table as a topic keeps it (see ``stored_of``); what it does not say is as in ``DEFAULT``."""
    return tuple(_rule(default, stored.get(default.phase.value)) for default in DEFAULT)


def _rule(default: PhaseRule, stored: Mapping[str, Any] | None) -> PhaseRule:
    if stored is None:
        return default
    starts = stored.get("starts")
    shows = frozenset(Aspect(each) for each in stored["shows"])
    return PhaseRule(default.phase, shows, datetime.fromisoformat(starts) if starts else None)


def stored_of(table: Table) -> dict[str, Any]:
    """What a topic keeps: by phase, ``starts`` (ISO, or None) and ``shows``."""
    return {
        rule.phase.value: {
            "starts": rule.starts.isoformat() if rule.starts else None,
            "shows": [each.value for each in Aspect if each in rule.shows],
        }
        for rule in table
    }


def table_findings(table: Iterable[PhaseRule]) -> list[Finding]:
    """What is wrong with a table: phases that begin in another order than they follow. Places: ``<phase>_starts``."""
    found, before = [], None
    for rule in table:
        if rule.starts is None:
            continue
        if before is not None and rule.starts < before:
            message = "This phase follows the one above and cannot begin before it."
            found.append(Finding("order", message, place=f"{rule.phase.value}_starts"))
        before = rule.starts
    return found
