"""Reading hearings: for the panel, and for the applicants of one proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from grants.calls.models import Call, Topic
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound
from grants.panels.access import HearingAccess, may_see_hearing
from grants.panels.models import Hearing
from grants.panels.states import TOLD, HearingState
from grants.proposals import queries as proposals
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole


def of_proposal(proposal_id: int) -> Sequence[Hearing]:
    """All hearings of a proposal with their questions, the latest first."""
    return db.session.scalars(
        select(Hearing)
        .where(Hearing.proposal_id == proposal_id)
        .order_by(Hearing.id.desc())
        .options(selectinload(Hearing.questions))
    ).all()


def present(proposal_id: int, *, locked: bool = False) -> Hearing | None:
    """The hearing that goes on: a draft, or one that was sent."""
    going_on = (HearingState.DRAFT, HearingState.SENT, HearingState.CONFIRMED)
    statement = (
        select(Hearing)
        .where(Hearing.proposal_id == proposal_id, Hearing.state.in_(going_on))
        .order_by(Hearing.id.desc())
        .limit(1)
        .options(selectinload(Hearing.questions))
    )
    if locked:
        statement = statement.with_for_update(of=Hearing).execution_options(populate_existing=True)
    return db.session.scalar(statement)


def told(proposal_id: int, *, now: datetime) -> Hearing | None:
    """The last hearing of a proposal that its people know of."""
    return db.session.scalar(
        select(Hearing)
        .where(Hearing.proposal_id == proposal_id, Hearing.state.in_(TOLD), Hearing.send_at <= now)
        .order_by(Hearing.id.desc())
        .limit(1)
    )


def slots(panel_id: int, *, but: int | None = None) -> Sequence[Hearing]:
    """Interviews of a panel that the applicants know of, the earliest first."""
    statement = select(Hearing).where(
        Hearing.panel_id == panel_id, Hearing.starts_at.is_not(None),
        Hearing.state.in_((HearingState.SENT, HearingState.CONFIRMED)),
    )  # fmt: skip
    if but is not None:
        statement = statement.where(Hearing.id != but)
    return db.session.scalars(statement.order_by(Hearing.starts_at)).all()


@dataclass(frozen=True, slots=True)
class OwnHearing:
    """A hearing as somebody of the proposal opened it."""

    proposal: Proposal
    hearing: Hearing
    access: HearingAccess


def own(actor: Actor, number: int, *, now: datetime, locked: bool = False) -> OwnHearing:
    """The last hearing that the applicants know of. Raises NotFound for others, and before the time of sending."""
    opened = proposals.open_proposal(actor, number, now=now, whole=False)
    if opened.access.member is None:
        raise NotFound
    statement = (
        select(Hearing)
        .where(Hearing.proposal_id == opened.proposal.id, Hearing.state.in_(TOLD), Hearing.send_at <= now)
        .order_by(Hearing.id.desc())
        .limit(1)
        .options(selectinload(Hearing.questions))
    )
    if locked:
        statement = statement.with_for_update(of=Hearing).execution_options(populate_existing=True)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    facts = access_of(found, opened.access.member)
    may_see_hearing(facts, now=now).require()
    return OwnHearing(opened.proposal, found, facts)


def access_of(hearing: Hearing, member: MemberRole | None) -> HearingAccess:
    """What access decides on. Contacts of partners were refused before, where they read their own part alone."""
    return HearingAccess(member, hearing.state, hearing.kind, hearing.send_at, hearing.answer_by)


def waiting(actor: Actor, *, now: datetime) -> list[Hearing]:
    """Hearings that wait for the actor as a main contact: one statement."""
    return list(
        db.session.scalars(
            select(Hearing)
            .join(Hearing.proposal)
            .join(Proposal.topic)
            .join(Topic.call)
            .join(Member, Member.proposal_id == Proposal.id)
            .where(
                Member.account_id == actor.id, Member.role == MemberRole.MAIN_CONTACT,
                Hearing.state == HearingState.SENT, Hearing.send_at <= now,
            )
            .order_by(Hearing.id)
            .limit(6)
            .options(
                contains_eager(Hearing.proposal).contains_eager(Proposal.topic).contains_eager(Topic.call)
                .load_only(Call.zone)
            )
        )
    )  # fmt: skip
