"""From rows to offline forms: an expert's open reports in a topic, and the forms that were asked for and sent in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.calls.models import Topic
from grants.db import db
from grants.evaluation import facts, queries
from grants.evaluation.access import may_write_report
from grants.evaluation.models import ReportForm
from grants.evaluation.offline import Form, fields_of
from grants.evaluation.queries import Opened
from grants.evaluation.states import FormKind, FormState
from grants.experts.facts import Weighing
from grants.experts.models import Expert
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound

#: How long a form is offered, and what was sent in waits for the expert's word.
AGE = timedelta(days=1)


def without_conflicts(opened: Sequence[Opened], *, now: datetime) -> tuple[list[Opened], list[Opened]]:
    """Those without a conflict found since they were given out, and those with one: three statements for all."""
    if not opened:
        return [], []
    first = opened[0].assignment
    ids = [each.assignment.proposal_id for each in opened]
    weighing = Weighing([first.expert], ids, first.proposal.topic, now=now)
    fine: list[Opened] = []
    closed: list[Opened] = []
    for each in opened:
        ruled_out = weighing.pair(each.assignment.proposal_id, first.expert_id).rules_out
        (closed if ruled_out else fine).append(each)
    return fine, closed


def to_write(actor: Actor, opened: Sequence[Opened]) -> list[Opened]:
    """Those whose report is the expert's to write on."""
    return [each for each in opened if may_write_report(actor, each.access)]


def forms_of(opened: Sequence[Opened]) -> dict[int, Form]:
    """Reports as forms, by assignment. No name of an applicant in a blind evaluation: see ``queries.titles``."""
    told = queries.titles([each.assignment.proposal_id for each in opened])
    return {each.assignment.id: _form(each, *told[each.assignment.proposal_id]) for each in opened}


def _form(opened: Opened, acronym: str, title: str) -> Form:
    assignment, report = opened.assignment, opened.assignment.report
    assert report is not None
    proposal = assignment.proposal
    return Form(
        assignment=assignment.id, version=report.version, number=proposal.number,
        label=f"{proposal.number} {acronym}".strip(), title=title,
        fields=fields_of(facts.criteria(proposal), proposal.topic.questions), texts=facts.texts(report),
    )  # fmt: skip


def last_forms(actor: Actor, topic_id: int, *, since: datetime) -> dict[str, ReportForm]:
    """The last form made and the last one sent in, by kind, that the expert asked for after ``since``."""
    last = (
        select(func.max(ReportForm.id))
        .join(ReportForm.expert)
        .where(Expert.account_id == actor.id, ReportForm.topic_id == topic_id, ReportForm.asked_at > since)
        .group_by(ReportForm.kind)
    )
    rows = db.session.scalars(
        select(ReportForm).where(ReportForm.id.in_(last)).options(joinedload(ReportForm.document))
    )
    return {each.kind.value: each for each in rows}


def own_form(actor: Actor, identifier: str, form_id: int, kind: FormKind, *, now: datetime) -> ReportForm:
    """One of the expert's own that is still offered. Raises NotFound for all others."""
    found = db.session.scalar(
        select(ReportForm)
        .join(ReportForm.topic)
        .join(ReportForm.expert)
        .where(
            ReportForm.id == form_id, ReportForm.kind == kind, Topic.identifier == identifier,
            Expert.account_id == actor.id, ReportForm.asked_at > now - AGE,
        )
        .options(
            joinedload(ReportForm.document), contains_eager(ReportForm.topic).joinedload(Topic.call),
            contains_eager(ReportForm.expert),
        )
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


def waiting_export(expert_id: int, topic_id: int) -> ReportForm | None:
    """The form that the worker is asked to make now."""
    mine = (ReportForm.expert_id == expert_id, ReportForm.topic_id == topic_id, ReportForm.kind == FormKind.EXPORT)
    rows = select(ReportForm).where(*mine, ReportForm.state == FormState.WAITING)
    return db.session.scalar(rows.order_by(ReportForm.id.desc()).limit(1))


def read_forms(expert_id: int, topic_id: int) -> Sequence[ReportForm]:
    """What the expert sent in and has not confirmed."""
    mine = (ReportForm.expert_id == expert_id, ReportForm.topic_id == topic_id)
    return db.session.scalars(select(ReportForm).where(*mine, ReportForm.state == FormState.READ)).all()


def forgotten(*, before: datetime, limit: int) -> Sequence[ReportForm]:
    """What nobody confirmed in time, the oldest first."""
    rows = select(ReportForm).where(ReportForm.state == FormState.READ, ReportForm.asked_at <= before)
    return db.session.scalars(rows.order_by(ReportForm.id).limit(limit).with_for_update(skip_locked=True)).all()
