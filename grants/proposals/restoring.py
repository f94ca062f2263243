"""Bringing one part of a draft back to what it was before a change. It is a save like any other: by the same
services, refused where the part was changed since the page was shown, and a row of the history itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import select, update

from grants.calls.parta.definition import form_of
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound, Refused, Stale
from grants.organisations import queries as organisations
from grants.proposals import access, answering, budgeting, facts, history, services
from grants.proposals.access import Part, PartKind
from grants.proposals.budgeting import plain_amount
from grants.proposals.history import State, consortium_of, files_of, part_of_change
from grants.proposals.models import Attachment, Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import ParticipantRole
from grants.proposals.writing_models import DraftChange


def current(proposal: Proposal, part: Part) -> State:
    """A part as it is now, as its history keeps it; {} for an organisation that is not there."""
    match part.kind:
        case PartKind.GENERAL:
            return dict(services.general_texts(proposal))
        case PartKind.CONSORTIUM:
            return consortium_of(proposal.id)
        case PartKind.FILES:
            return files_of(proposal.id)
        case PartKind.BUDGET:
            row = _row(proposal, part)
            return dict(budgeting.budget_texts(row, proposal.topic)) if row else {}
    mine = (each.given for each in proposal.answers if _is_answer(each, part))
    return dict(next(mine, {}))


def mark(state: State) -> str:
    """A short name of a state: what a page carries, to notice that the part was changed since."""
    return sha256(rfc8785.dumps(state)).hexdigest()[:20]


def restore(opened: Opened, change_id: int, *, seen: str, actor: Actor, now: datetime) -> None:
    """Bring the part of a change back to what it was before it. ``seen``: the mark of the part on the page.

    Raises NotFound, Refused (no right, the part is no longer there), Stale.
    """
    proposal = opened.proposal
    change = db.session.scalar(history.rows_for(opened).where(DraftChange.id == change_id))
    if change is None:
        raise NotFound
    part = part_of_change(change, opened)
    access.may_edit_part(actor, opened.access, part, now=now).require()
    refresh_locked(proposal)
    db.session.expire(proposal, ["participants", "answers", "attachments"])
    for row in proposal.participants:
        db.session.refresh(row)
        db.session.expire(row, ["lines", "shares"])
    now_there = current(proposal, part)
    if mark(now_there) != seen:
        raise Stale(current={}, yours={}, version=0)
    if now_there == change.before:
        raise Refused("same-already", "This part is as it was before that change.", status=409)
    history.close(proposal.id, part, organisation_id=change.organisation_id)
    _put_back(opened, part, change, actor=actor, now=now)
    made = select(DraftChange.id).where(
        DraftChange.proposal_id == proposal.id, DraftChange.kind == change.kind,
        DraftChange.section == change.section,
        DraftChange.organisation_id.is_not_distinct_from(change.organisation_id),
    )  # fmt: skip
    newest = made.order_by(DraftChange.id.desc()).limit(1).scalar_subquery()
    db.session.execute(
        update(DraftChange).where(DraftChange.id == newest, DraftChange.id != change.id)
        .values(restores_id=change.id, closed=True).execution_options(synchronize_session=False)
    )  # fmt: skip


def _put_back(opened: Opened, part: Part, change: DraftChange, *, actor: Actor, now: datetime) -> None:
    proposal, before = opened.proposal, change.before
    match part.kind:
        case PartKind.GENERAL:
            services.save_general(opened, before, seen=proposal.version, actor=actor, now=now)
        case PartKind.CONSORTIUM:
            _consortium(opened, before, actor=actor, now=now)
        case PartKind.FILES:
            _files(proposal, before, actor=actor, now=now)
        case PartKind.BUDGET:
            _budget(opened, part, before, actor=actor, now=now)
        case _:
            _section(opened, part, before, actor=actor, now=now)


def _row(proposal: Proposal, part: Part) -> Participant | None:
    return next((row for row in proposal.participants if row.id == part.participant), None)


def _is_answer(answer: Any, part: Part) -> bool:
    return (answer.section, answer.participant_id) == (part.section, part.participant)


def _budget(opened: Opened, part: Part, before: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    row = _row(opened.proposal, part)
    if row is None:
        raise Refused("organisation-gone", "This organisation is not in the consortium. Add it first.", status=409)
    there = dict.fromkeys(budgeting.budget_texts(row, opened.proposal.topic), "")
    values = {**there, "rate": plain_amount(row.funding_rate), **before}
    budgeting.save_budget_row(opened, row.id, values, seen=row.version, actor=actor, now=now)


def _section(opened: Opened, part: Part, before: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    proposal = opened.proposal
    section = form_of(proposal.topic.form).section(part.section)
    if section is None and budgeting.has_own_packages(proposal.topic) and part.section == budgeting.PACKAGES.key:
        section = budgeting.PACKAGES
    if section is None:
        raise Refused("not-asked", "This section is no longer asked.", status=409)
    answer = facts.section_answers(proposal, section, part.participant)
    empty = {field.key: "" for field in section.fields if answer and field.key in answer.given}
    answering.save_section(
        opened, section, empty | dict(before), participant_id=part.participant,
        seen=answer.version if answer else 0, actor=actor, now=now,
    )  # fmt: skip


def _files(proposal: Proposal, before: list[dict[str, Any]], *, actor: Actor, now: datetime) -> None:
    """Files are never thrown away before the deadline, so each can come back."""
    was, wanted = files_of(proposal.id), [each["id"] for each in before]
    mine = Attachment.proposal_id == proposal.id
    gone = update(Attachment).where(mine, Attachment.removed_at.is_(None), Attachment.id.not_in(wanted))
    db.session.execute(gone.values(removed_at=now))
    db.session.execute(update(Attachment).where(mine, Attachment.id.in_(wanted)).values(removed_at=None))
    history.touch(proposal.id, actor=actor, now=now)
    history.keep(proposal.id, access.FILES, was, files_of(proposal.id), actor=actor, now=now)


def _consortium(opened: Opened, before: list[dict[str, Any]], *, actor: Actor, now: datetime) -> None:
    """Organisations that were there come back with the budget and the sections that they left with, those that were
    not leave, each is what it was. Each step is the service's own, with its rules."""
    proposal = opened.proposal
    there = {row.organisation.pic: row for row in proposal.participants}
    wanted = {each["identifier"]: ParticipantRole(each["role"]) for each in before}
    for pic, role in wanted.items():
        organisation = organisations.by_pic(pic)
        if pic not in there and organisation is not None:
            plain = ParticipantRole.BENEFICIARY if role is ParticipantRole.COORDINATOR else role
            row = services.add_participant(opened, organisation, role=plain, actor=actor, now=now)
            db.session.expire(proposal, ["participants"])
            _what_it_left(opened, row, actor=actor, now=now)
            there[pic] = row
    for pic, role in sorted(wanted.items(), key=lambda each: each[1] is not ParticipantRole.COORDINATOR):
        if pic in there:  # the coordinator first, so that the present one may become something else
            services.change_role(opened, there[pic].id, role, actor=actor, now=now)
    for pic, row in there.items():
        if pic not in wanted:
            services.remove_participant(opened, row.id, actor=actor, now=now)
    db.session.expire(proposal, ["participants"])


def _what_it_left(opened: Opened, row: Participant, *, actor: Actor, now: datetime) -> None:
    """The newest rows that took a part of this organisation away."""
    rows = select(DraftChange).where(
        DraftChange.proposal_id == opened.proposal.id, DraftChange.organisation_id == row.organisation_id
    )
    latest: dict[tuple[str, str], DraftChange] = {}
    for each in db.session.scalars(rows.order_by(DraftChange.id)):
        latest[each.kind, each.section] = each
    for change in latest.values():
        if change.after == {}:
            part = Part(PartKind(change.kind), row.id, change.section)
            put = _budget if part.kind is PartKind.BUDGET else _section
            put(opened, part, change.before, actor=actor, now=now)
