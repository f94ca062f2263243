"""Reading experts and invitations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.accounts.models import Account, RoleGrant
from grants.calls.models import Call, Topic
from grants.db import db
from grants.experts.models import ConflictDecision, Expert, Invitation
from grants.experts.states import InvitationState
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound


def own_profile(account_id: int) -> Expert | None:
    """The profile of one person."""
    return db.session.scalar(select(Expert).where(Expert.account_id == account_id))


def find(topic_id: int, *, text: str = "", country: str = "") -> Select[Expert]:
    """Experts who are not invited to this topic yet, with account. Not ordered."""
    invited = exists().where(Invitation.expert_id == Expert.id, Invitation.topic_id == topic_id)
    has_role = exists().where(RoleGrant.account_id == Account.id, RoleGrant.role == Role.EVALUATOR)
    statement = (
        select(Expert)
        .join(Expert.account)
        .where(Account.disabled_at.is_(None), has_role, ~invited)
        .options(contains_eager(Expert.account))
    )
    if country:
        statement = statement.where(Expert.country == country)
    if text:
        words = func.array_to_string(Expert.expertise, " ")
        statement = statement.where(
            or_(
                Account.name.icontains(text, autoescape=True),
                Expert.employer_name.icontains(text, autoescape=True),
                words.icontains(text, autoescape=True),
            )
        )
    return statement


def experts_by_id(ids: Sequence[int]) -> Sequence[Expert]:
    """Experts with their accounts."""
    return db.session.scalars(select(Expert).where(Expert.id.in_(ids)).options(joinedload(Expert.account))).all()


def pool(topic_id: int) -> Sequence[Invitation]:
    """Everybody who was invited to a topic, by name."""
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.expert)
        .join(Expert.account)
        .where(Invitation.topic_id == topic_id)
        .order_by(Account.name, Invitation.id)
        .options(contains_eager(Invitation.expert).contains_eager(Expert.account))
    ).all()


def invitation(topic_id: int, invitation_id: int) -> Invitation:
    """One invitation of this topic, locked. Raises NotFound."""
    return _one_invitation(Invitation.topic_id == topic_id, Invitation.id == invitation_id)


def own_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """The actor's own invitation, locked. Raises NotFound."""
    own = select(Expert.id).where(Expert.account_id == actor.id)
    return _one_invitation(Invitation.expert_id.in_(own), Invitation.id == invitation_id)


def _one_invitation(*where: ColumnElement[bool]) -> Invitation:
    found = db.session.scalar(
        select(Invitation)
        .where(*where)
        .with_for_update(of=Invitation)
        .options(
            joinedload(Invitation.topic).joinedload(Topic.call).joinedload(Call.programme),
            joinedload(Invitation.expert).joinedload(Expert.account),
        )
    )
    if found is None:
        raise NotFound
    return found


def open_invitations(account_id: int) -> Sequence[Invitation]:
    """Invitations that wait for this person's answer."""
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.expert)
        .where(Expert.account_id == account_id, Invitation.state == InvitationState.INVITED)
        .order_by(Invitation.id)
        .options(joinedload(Invitation.topic).joinedload(Topic.call))
    ).all()


def accepted(topic_id: int, expert_id: int) -> Invitation | None:
    """The accepted invitation of an expert to a topic."""
    return db.session.scalar(
        select(Invitation).where(
            Invitation.topic_id == topic_id,
            Invitation.expert_id == expert_id,
            Invitation.state == InvitationState.ACCEPTED,
        )
    )


def decision_of(proposal_id: int, expert_id: int) -> ConflictDecision | None:
    """What was decided about a pair, also where it was taken back."""
    mine = (ConflictDecision.proposal_id == proposal_id, ConflictDecision.expert_id == expert_id)
    return db.session.scalar(select(ConflictDecision).where(*mine))
