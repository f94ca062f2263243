"""From rows to what the rules and access take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from grants.calls.facts import criteria_facts, criteria_of
from grants.calls.models import Criterion
from grants.calls.rules import CriterionFacts
from grants.evaluation.access import AssignmentAccess
from grants.evaluation.models import Assignment, Consensus, ConsensusScore, Report, ReportScore
from grants.evaluation.rules import AssignmentFacts, Judgement
from grants.evaluation.states import AssignmentState, ReportState
from grants.evaluation.visibility import Standing, table_of, visible
from grants.proposals.models import Proposal
from grants.proposals.queries import is_blind

ACTIVE = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)


def access_of(assignment: Assignment, consensus: Consensus | None, *, now: datetime) -> AssignmentAccess:
    """What access decides on (expert, report, proposal, topic, call and programme must be loaded)."""
    proposal = assignment.proposal
    decided = proposal.decided_at is not None
    standing = Standing(
        handed_in=handed_in(assignment), consensus=consensus is not None, decided=decided,
        panel=consensus is not None and consensus.panel_at is not None,
    )  # fmt: skip
    return AssignmentAccess(
        account=assignment.expert.account_id, programme=proposal.topic.call.programme.code, state=assignment.state,
        rapporteur=assignment.rapporteur, report=assignment.report.state if assignment.report else None,
        consensus=consensus.state if consensus else None, decided=decided,
        shows=visible(table_of(proposal.topic.visibility), now, standing), blind=is_blind(proposal),
    )  # fmt: skip


def judgements(rows: Iterable[ReportScore | ConsensusScore]) -> list[Judgement]:
    """Scores and comments by criterion (criteria must be loaded)."""
    return [Judgement(each.criterion.code, each.score, each.comment, each.weaknesses) for each in rows]


def scores(rows: Iterable[ReportScore | ConsensusScore]) -> dict[str, Decimal | None]:
    """Scores by the code of their criterion."""
    return {each.criterion.code: each.score for each in rows}


def assignment_facts(assignments: Sequence[Assignment], consensus: Consensus | None) -> list[AssignmentFacts]:
    """What consensus and approval look at."""
    answers = {each.assignment_id: each.answer for each in consensus.opinions} if consensus else {}
    return [
        AssignmentFacts(
            id=each.id, name=each.expert.account.name, state=each.state, rapporteur=each.rapporteur,
            submitted=handed_in(each), opinion=answers.get(each.id),
        )
        for each in assignments
    ]  # fmt: skip


def handed_in(assignment: Assignment) -> bool:
    """Whether the expert's report is submitted."""
    return assignment.report is not None and assignment.report.state is ReportState.SUBMITTED


def texts(row: Report | Consensus) -> dict[str, str]:
    """A report as its form shows it: ``scores.<code>.score``, ``scores.<code>.comment``,
    ``scores.<code>.weaknesses``, ``questions.<code>.answer`` and ``.remark``, ``overall``, ``panel_note``."""
    found = {"overall": row.overall, "panel_note": row.panel_note}
    for code, given in row.answers.items():
        found |= {f"questions.{code}.{name}": text for name, text in given.items()}
    for each in row.scores:
        place = f"scores.{each.criterion.code}"
        found[f"{place}.score"] = "" if each.score is None else f"{each.score.normalize():f}" if each.score else "0"
        found[f"{place}.comment"] = each.comment
        found[f"{place}.weaknesses"] = each.weaknesses
    return found


def labels(assignments: Sequence[Assignment]) -> dict[int, str]:
    """How experts call each other in the consensus: Expert A, Expert B, in the order of assignment."""
    return labels_of(each.id for each in assignments if each.state in ACTIVE)


def labels_of(active: Iterable[int]) -> dict[int, str]:
    """The same for the identities of active assignments."""
    return {identity: f"Expert {_letters(index)}" for index, identity in enumerate(sorted(active))}


def _letters(index: int) -> str:
    letter = chr(ord("A") + index % 26)
    return letter if index < 26 else _letters(index // 26 - 1) + letter


def criteria(proposal: Proposal) -> tuple[CriterionFacts, ...]:
    """The criteria that this proposal is judged by: a first stage has fewer, with thresholds of its own."""
    return criteria_facts(proposal.topic, stage=proposal.stage)


def criterion_rows(proposal: Proposal) -> list[Criterion]:
    """Their rows, in the same order."""
    return criteria_of(proposal.topic, stage=proposal.stage)
