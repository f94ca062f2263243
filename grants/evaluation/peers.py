"""What an expert reads of the others' reports on one proposal: what the phase does not show is not loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import null, select

from grants.accounts.models import Account
from grants.calls.models import Criterion
from grants.db import db
from grants.evaluation.facts import ACTIVE, labels_of
from grants.evaluation.models import Assignment, Report, ReportScore
from grants.evaluation.queries import Opened
from grants.evaluation.rules import Judgement
from grants.evaluation.states import ReportState
from grants.evaluation.visibility import Aspect
from grants.experts.models import Expert


@dataclass(frozen=True, slots=True)
class Peer:
    """One expert of the proposal. ``name``: a letter, or the person's where the phase names experts.

    ``judgements``: by criterion, empty for a report that is not handed in; what is not shown is empty.
    """

    id: int
    name: str
    rapporteur: bool
    handed_in: bool
    panel_note: str = ""
    judgements: dict[str, Judgement] = field(default_factory=dict)

    @property
    def scores(self) -> dict[str, Decimal | None]:
        """What the rules of agreement take."""
        return {code: each.score for code, each in self.judgements.items()}


def peers(opened: Opened) -> list[Peer]:
    """All active experts of the proposal with what the opener sees of them, in the order of assignment."""
    shown, own = opened.access.shows, opened.assignment.id
    texts = Aspect.TEXTS in shown
    rows = db.session.execute(
        select(
            Assignment.id, Assignment.rapporteur, Report.id, Report.state,
            Account.name if Aspect.NAMES in shown else null(),
            Report.panel_note if texts else null(),
        )
        .join(Expert, Expert.id == Assignment.expert_id)
        .join(Account, Account.id == Expert.account_id)
        .outerjoin(Report, Report.assignment_id == Assignment.id)
        .where(Assignment.proposal_id == opened.assignment.proposal_id, Assignment.state.in_(ACTIVE))
        .order_by(Assignment.id)
    ).all()  # fmt: skip
    letters = labels_of(row[0] for row in rows)
    handed = {row[2]: row[0] for row in rows if row[3] is ReportState.SUBMITTED}
    judged = _judgements(handed, own=own, shown=shown)
    return [
        Peer(
            id=identity, name=f"{letters[identity]}, {name}" if name else letters[identity], rapporteur=rapporteur,
            handed_in=report in handed,
            panel_note=(note or "") if report in handed else "", judgements=judged.get(report, {}),
        )
        for identity, rapporteur, report, _, name, note in rows
    ]  # fmt: skip


def _judgements(handed: dict[int, int], *, own: int, shown: frozenset[Aspect]) -> dict[int, dict[str, Judgement]]:
    """By report and criterion: the own whole, of the others the columns that the phase shows."""
    mine = [report for report, assignment in handed.items() if assignment == own]
    others = [report for report, assignment in handed.items() if assignment != own]
    found = _read(mine, scores=True, texts=True)
    return found | _read(others, scores=Aspect.SCORES in shown, texts=Aspect.TEXTS in shown)


def _read(reports: Iterable[int], *, scores: bool, texts: bool) -> dict[int, dict[str, Judgement]]:
    wanted = list(reports)
    if not wanted or not (scores or texts):
        return {}
    rows = db.session.execute(
        select(
            ReportScore.report_id, Criterion.code, ReportScore.score if scores else null(),
            ReportScore.comment if texts else null(), ReportScore.weaknesses if texts else null(),
        )
        .join(Criterion, Criterion.id == ReportScore.criterion_id)
        .where(ReportScore.report_id.in_(wanted))
        .order_by(ReportScore.report_id, Criterion.position)
    )  # fmt: skip
    found: dict[int, dict[str, Judgement]] = {report: {} for report in wanted}
    for report, code, score, comment, weaknesses in rows:
        found[report][code] = Judgement(code, score, comment or "", weaknesses or "")
    return found
