"""Reading experts and invitations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.accounts.models import Account, RoleGrant
from grants.calls.models import Call, Topic
from grants.db import db
from grants.documents import queries as documents
from grants.documents.models import Document
from grants.experts.models import (
    Absence,
    ConflictDecision,
    Expert,
    ExpertConcept,
    ExpertSheet,
    Invitation,
    TopicConcept,
)
from grants.experts.states import InvitationState
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.organisations.rules import fold
from grants.vocabulary import queries as vocabulary
from grants.vocabulary.models import Concept

#: The kind of document that a CV is.
CV = "cv"


def cv_of(expert: Expert) -> Document | None:
    """The CV that counts."""
    return next(iter(documents.documents_of(expert.papers(), kind=CV)[-1:]), None)


def own_profile(account_id: int) -> Expert | None:
    """The profile of one person."""
    return db.session.scalar(select(Expert).where(Expert.account_id == account_id))


def find(
    topic_id: int, *, text: str = "", country: str = "", concept: int = 0, of_topic: bool = False
) -> Select[Expert]:
    """Experts who are not invited to this topic yet, with account. Not ordered. ``concept``: who chose it or one
    below it; ``of_topic``: who chose one of the topic's keywords or one below."""
    invited = exists().where(Invitation.expert_id == Expert.id, Invitation.topic_id == topic_id)
    statement = _registered().where(~invited, *_matching(text), *_chose(concept))
    if of_topic:
        wanted = select(TopicConcept.concept_id).where(TopicConcept.topic_id == topic_id)
        statement = statement.where(_has_one_of(vocabulary.with_narrower(Concept.id.in_(wanted))))
    return statement.where(Expert.country == country) if country else statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the registry is filtered by; what is empty does not filter. ``newcomer``: never accepted an invitation;
    ``undeclared_since``: no declaration of interests from then on; ``concept``: this keyword or one below it."""

    text: str = ""
    country: str = ""
    sector: str = ""
    language: str = ""
    state: str = ""
    newcomer: bool = False
    undeclared_since: datetime | None = None
    concept: int = 0

    def as_json(self) -> dict[str, Any]:
        """As an export keeps it."""
        since = self.undeclared_since
        return {**asdict(self), "undeclared_since": since.isoformat() if since else None}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Wanted:
        """From what ``as_json`` gave."""
        since = kept.get("undeclared_since")
        return cls(**{**kept, "undeclared_since": datetime.fromisoformat(since) if since else None})


def registry(wanted: Wanted) -> Select[Expert]:
    """The profiles of everybody who may be invited, with account. Not ordered."""
    statement = _registered().where(*_matching(wanted.text), *_chose(wanted.concept))
    for column, value in (
        (Expert.country, wanted.country), (Expert.sector, wanted.sector), (Expert.state, wanted.state),
    ):  # fmt: skip
        statement = statement.where(column == value) if value else statement
    if wanted.language:
        statement = statement.where(Expert.languages.contains([wanted.language]))
    if wanted.newcomer:
        took_part = exists().where(
            Invitation.expert_id == Expert.id, Invitation.state == InvitationState.ACCEPTED
        )  # fmt: skip
        statement = statement.where(~took_part)
    if wanted.undeclared_since is not None:
        outdated = or_(Expert.declared_at.is_(None), Expert.declared_at < wanted.undeclared_since)
        statement = statement.where(outdated)
    return statement


def _registered() -> Select[Expert]:
    has_role = exists().where(RoleGrant.account_id == Account.id, RoleGrant.role == Role.EVALUATOR)
    return (
        select(Expert)
        .join(Expert.account)
        .where(Account.disabled_at.is_(None), has_role)
        .options(contains_eager(Expert.account))
    )


def _matching(text: str) -> list[ColumnElement[bool]]:
    """Each word begins one of the name, of an employer present or past, of the expertise or of a chosen keyword."""
    if not text.strip():
        return []
    words = fold(text).split()
    query = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    return [Expert.search.op("@@")(query) if words else false()]


def _chose(concept: int) -> list[ColumnElement[bool]]:
    return [_has_one_of(vocabulary.with_narrower(Concept.id == concept))] if concept else []


def _has_one_of(concepts: Select[int]) -> ColumnElement[bool]:
    return Expert.id.in_(select(ExpertConcept.expert_id).where(ExpertConcept.concept_id.in_(concepts)))


def labels_of(expert_ids: Iterable[int]) -> dict[int, list[str]]:
    """The chosen keywords of these experts; who chose none is left out."""
    rows = db.session.execute(
        select(ExpertConcept.expert_id, Concept.label)
        .join(Concept, Concept.id == ExpertConcept.concept_id)
        .where(ExpertConcept.expert_id.in_(list(expert_ids)))
        .order_by(Concept.label)
    )
    found: dict[int, list[str]] = {}
    for expert_id, label in rows:
        found.setdefault(expert_id, []).append(label)
    return found


def topic_concepts(topic_id: int) -> dict[int, str]:
    """The keywords by which a topic's experts are looked for."""
    rows = db.session.execute(
        select(Concept.id, Concept.label)
        .join(TopicConcept, TopicConcept.concept_id == Concept.id)
        .where(TopicConcept.topic_id == topic_id)
        .order_by(Concept.label)
    )
    return {row[0]: row[1] for row in rows}


def one(expert_id: int) -> Expert:
    """One profile with its account, jobs, publications and ties. Raises NotFound."""
    found = db.session.scalar(
        select(Expert)
        .where(Expert.id == expert_id)
        .options(
            joinedload(Expert.account), selectinload(Expert.jobs), selectinload(Expert.publications),
            selectinload(Expert.ties), selectinload(Expert.concepts),
        )
    )  # fmt: skip
    if found is None:
        raise NotFound
    return found


def absences(expert_ids: Iterable[int]) -> dict[int, list[tuple[date, date]]]:
    """First and last days on which these experts are away; who is never away is left out."""
    rows = db.session.execute(
        select(Absence.expert_id, Absence.began_on, Absence.ended_on)
        .where(Absence.expert_id.in_(list(expert_ids)))
        .order_by(Absence.began_on, Absence.id)
    )
    found: dict[int, list[tuple[date, date]]] = {}
    for expert_id, began, ended in rows:
        found.setdefault(expert_id, []).append((began, ended))
    return found


def experts_by_id(ids: Sequence[int]) -> Sequence[Expert]:
    """Experts with their accounts."""
    return db.session.scalars(select(Expert).where(Expert.id.in_(ids)).options(joinedload(Expert.account))).all()


def last_sheets(account_id: int) -> dict[str, ExpertSheet]:
    """The last table that a person asked for and the last one they sent, by kind."""
    last = select(func.max(ExpertSheet.id)).where(ExpertSheet.asked_by_id == account_id).group_by(ExpertSheet.kind)
    rows = db.session.scalars(
        select(ExpertSheet).where(ExpertSheet.id.in_(last)).options(joinedload(ExpertSheet.document))
    )
    return {each.kind.value: each for each in rows}


def own_sheet(actor: Actor, sheet_id: int) -> ExpertSheet:
    """A table that this person sent. Raises NotFound."""
    found = db.session.get(ExpertSheet, sheet_id)
    if found is None or found.asked_by_id != actor.id:
        raise NotFound
    return found


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
