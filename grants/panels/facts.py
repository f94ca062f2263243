"""From rows to what the rules take: who is tied to which proposal, and what the members of a panel are counted by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all

from grants.calls.models import Call, Topic
from grants.db import db
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment
from grants.evaluation.states import AssignmentState
from grants.experts.facts import Weighing
from grants.experts.models import Expert
from grants.panels.models import Panel, PanelConflict, PanelMember
from grants.panels.rules import Limits, Seat, employer


@dataclass(frozen=True, slots=True)
class Tie:
    """Why an expert leaves, in a sentence. ``to_decide``: an officer may allow it."""

    reason: str
    to_decide: bool = False


def ties(
    experts: Sequence[Expert], proposal_ids: Iterable[int], topic: Topic, *, now: datetime
) -> dict[tuple[int, int], Tie]:
    """Why an expert leaves for a proposal, by ``(proposal, expert)``: the one place where that is decided.

    What the facts show and no officer has allowed, what an officer forbade, what was declared as evaluator or as
    member. Four statements, however many pairs. Source: domain.md 8.4.
    """
    wanted = list(proposal_ids)
    if not experts or not wanted:
        return {}
    found = _declared([each.id for each in experts], wanted)
    weighing = Weighing(experts, wanted, topic, now=now)
    for proposal_id in wanted:
        for each in experts:
            weighed = weighing.pair(proposal_id, each.id)
            if weighed.left:
                tie = Tie(weighed.left[0].sentence, to_decide=not weighed.rules_out)
                found.setdefault((proposal_id, each.id), tie)
    return found


def _declared(expert_ids: Sequence[int], proposal_ids: Sequence[int]) -> dict[tuple[int, int], Tie]:
    as_evaluator = select(Assignment.proposal_id, Assignment.expert_id, Assignment.conflict).where(
        Assignment.state == AssignmentState.CONFLICTED, Assignment.expert_id.in_(expert_ids),
        Assignment.proposal_id.in_(proposal_ids),
    )  # fmt: skip
    as_member = select(PanelConflict.proposal_id, PanelConflict.expert_id, PanelConflict.reason).where(
        PanelConflict.expert_id.in_(expert_ids), PanelConflict.proposal_id.in_(proposal_ids)
    )
    rows = db.session.execute(union_all(as_evaluator, as_member))
    return {(proposal, expert): Tie(f"Declared: {reason}") for proposal, expert, reason in rows}


def evaluators(proposal_id: int) -> set[int]:
    """Experts who evaluate a proposal."""
    mine = (Assignment.proposal_id == proposal_id, Assignment.state.in_(ACTIVE))
    return set(db.session.scalars(select(Assignment.expert_id).where(*mine)))


def limits(topic: Topic) -> Limits:
    """What the topic sets for its panels."""
    return Limits(topic.panel_nationality, topic.panel_organisation, topic.panel_years)


def seats(panel: Panel, experts: Sequence[Expert]) -> list[Seat]:
    """These experts as members of this panel; years are those of the topics' deadlines. One statement."""
    year = func.date_part("year", func.timezone("UTC", Topic.deadline))
    rows = db.session.execute(
        select(PanelMember.expert_id, year)
        .join(Panel, Panel.id == PanelMember.panel_id)
        .join(Topic, Topic.id == Panel.topic_id)
        .join(Call, Call.id == Topic.call_id)
        .where(
            Panel.name == panel.name, Call.programme_id == panel.topic.call.programme_id,
            Panel.topic_id != panel.topic_id, PanelMember.expert_id.in_([each.id for each in experts]),
        )
    )  # fmt: skip
    years: dict[int, set[int]] = {}
    for expert_id, found in rows:
        years.setdefault(expert_id, set()).add(int(found))
    return [
        Seat(
            each.account.name, each.nationality, employer(each.employer_id, each.employer_name),
            frozenset(years.get(each.id, ())),
        )
        for each in experts
    ]  # fmt: skip


def year_of(topic: Topic) -> int:
    """The year that a topic's panels belong to."""
    return topic.deadline.year
