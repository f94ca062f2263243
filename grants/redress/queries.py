"""Reading requests for a review, with what the rules and the access to them need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from grants.accounts.models import Account, RoleGrant
from grants.admission.models import Admission, RuleDecision
from grants.audit.models import AuditEvent
from grants.calls.facts import criteria_facts
from grants.calls.models import Call, Programme, Topic
from grants.db import db
from grants.evaluation.models import Assignment, Consensus, Remark
from grants.evaluation.queries import scores_of
from grants.experts.models import Expert
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.panels.models import Outcome, PanelMember, PanelProposal
from grants.proposals import queries as proposals
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole
from grants.ranking.models import Placement, Ranking
from grants.ranking.rules import Notice, end_of_day_after
from grants.ranking.states import Decision
from grants.redress import access
from grants.redress.models import CommitteeMember, Request, Round, Ruling
from grants.redress.rules import Involvement, Standing
from grants.redress.states import OPEN, RequestState, RoundState, RulingState

#: Rows of the first page.
HOME_ROWS = 6


@dataclass(frozen=True, slots=True)
class Own:
    """A proposal whose result was sent, as a member opened it. ``request``: None before anything was typed."""

    proposal: Proposal
    member: MemberRole | None
    notice: Notice
    request: Request | None


def own(actor: Actor, number: int, *, now: datetime) -> Own:
    """For the pages of the main contact. Raises NotFound for everybody else, and before the result was sent."""
    opened = proposals.open_proposal(actor, number, now=now, whole=False)
    notice = notice_of(opened.proposal)
    if opened.access.member is not MemberRole.MAIN_CONTACT or notice is None:
        raise NotFound
    return Own(opened.proposal, opened.access.member, notice, request_of(opened.proposal.id))


def request_of(proposal_id: int) -> Request | None:
    """The request of a proposal."""
    return db.session.scalar(select(Request).where(Request.proposal_id == proposal_id))


def notice_of(proposal: Proposal) -> Notice | None:
    """When the result, or the exclusion, was told and opened; None while nothing was told."""
    told = select(Admission.told_at).where(Admission.proposal_id == proposal.id).scalar_subquery()
    row = db.session.execute(
        select(Ranking.informed_at, Placement.opened_at, told)
        .select_from(Proposal)
        .outerjoin(Placement, Placement.proposal_id == Proposal.id)
        .outerjoin(Ranking, Ranking.id == Placement.ranking_id)
        .where(Proposal.id == proposal.id)
    ).one()
    sent = row[0] or row[2]
    topic = proposal.topic
    return None if sent is None else Notice(
        sent_at=sent, opened_at=row[1], deemed_days=topic.deemed_days, redress_days=topic.redress_days,
        zone=ZoneInfo(topic.call.zone),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A request as the funder opened it. ``waiting``: the ruling that waits for a second manager."""

    request: Request
    access: access.RequestAccess
    members: Sequence[CommitteeMember]
    rulings: Sequence[Ruling]
    waiting: Ruling | None


def opened(actor: Actor, number: int, *, locked: bool = False) -> Opened:
    """The request of the proposal with this number. Raises NotFound for those who may not see it."""
    statement = (
        select(Request)
        .join(Request.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(Proposal.number == number)
        .options(
            _with_topic(),
            joinedload(Request.round),
            contains_eager(Request.proposal).contains_eager(Proposal.topic).joinedload(Topic.criteria),
        )
    )
    if locked:
        statement = statement.with_for_update(of=Request).execution_options(populate_existing=True)
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFound
    members, rulings = committee(found.id), rulings_of(found.id)
    waiting = next((each for each in rulings if each.state is RulingState.PROPOSED), None)
    facts = access.RequestAccess(
        programme=found.proposal.topic.call.programme.code, state=found.state,
        committee=frozenset(each.account_id for each in members),
        proposed_by=waiting.proposed_by_id if waiting else None,
    )  # fmt: skip
    access.may_see(actor, facts).require()
    return Opened(found, facts, members, rulings, waiting)


def _with_topic() -> ExecutableOption:
    return (
        contains_eager(Request.proposal)
        .contains_eager(Proposal.topic)
        .contains_eager(Topic.call)
        .contains_eager(Call.programme)
    )


def committee(request_id: int) -> Sequence[CommitteeMember]:
    """Who looks at it, in the order of naming."""
    return db.session.scalars(
        select(CommitteeMember)
        .where(CommitteeMember.request_id == request_id)
        .options(joinedload(CommitteeMember.account))
        .order_by(CommitteeMember.id)
    ).all()


def rulings_of(request_id: int) -> Sequence[Ruling]:
    """Everything that was proposed, first to last, with who did."""
    return db.session.scalars(
        select(Ruling)
        .where(Ruling.request_id == request_id)
        .options(joinedload(Ruling.proposed_by), joinedload(Ruling.answered_by))
        .order_by(Ruling.id)
    ).all()


def confirmed_rulings(request_id: int) -> list[Ruling]:
    """What applicants are told."""
    return [each for each in rulings_of(request_id) if each.state is RulingState.CONFIRMED]


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The same as ``access.may_see``, over Request and Programme."""
    sits = exists().where(CommitteeMember.request_id == Request.id, CommitteeMember.account_id == actor.id)
    sent = Request.state != RequestState.DRAFT
    if actor.has(Role.AUDITOR):
        return sent
    return and_(sent, or_(Programme.code.in_(actor.programmes), sits))


def requests(actor: Actor, *, state: str = "") -> Select[Request]:
    """Requests that the actor may see, with proposal and topic. Not ordered."""
    rows = (
        select(Request)
        .join(Request.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .where(seen_by(actor))
        .options(_with_topic())
    )
    return rows.where(Request.state == RequestState(state)) if state else rows


def open_requests(actor: Actor) -> Sequence[Request]:
    """The oldest ones that wait for the funder, for the first page."""
    rows = requests(actor).where(_goes_on()).order_by(Request.sent_at, Request.id)
    return db.session.scalars(rows.limit(HOME_ROWS)).all()


def _goes_on() -> ColumnElement[bool]:
    """Requests that are not answered yet, and those whose new round is not confirmed."""
    again = exists().where(Round.request_id == Request.id, Round.state != RoundState.CONFIRMED)
    return or_(Request.state.in_(OPEN), again)


def under_review(topic_id: int) -> tuple[int, Decimal]:
    """Requests of a topic that are open or led to a round that is: how many, and what they ask for in euro."""
    row = db.session.execute(
        select(func.count(Request.id), func.coalesce(func.sum(Placement.requested), 0))
        .join(Proposal, Proposal.id == Request.proposal_id)
        .outerjoin(Placement, Placement.proposal_id == Proposal.id)
        .where(Proposal.topic_id == topic_id, _goes_on())
    ).one()
    return row[0], Decimal(row[1])


def standing_of(proposal: Proposal) -> Standing:
    """How the proposal stands in the decided list."""
    topic = proposal.topic
    own = aliased(Placement)
    rows = db.session.execute(
        select(own.decision, Placement.decision, func.min(Placement.ranking_score))
        .join(Placement, Placement.ranking_id == own.ranking_id)
        .where(own.proposal_id == proposal.id)
        .group_by(own.decision, Placement.decision)
    ).all()
    lines: dict[Decision | None, Decimal] = {row[1]: row[2] for row in rows}
    return Standing(
        scores=scores_of([proposal.id]).get(proposal.id, {}), criteria=criteria_facts(topic),
        overall=topic.overall_threshold, decision=rows[0][0] if rows else None, line=lines.get(Decision.MAIN),
        reserve_line=lines.get(Decision.RESERVE),
    )  # fmt: skip


def involvement(proposal: Proposal) -> Involvement:
    """Who did something in the evaluation of a proposal, in its admission, or in the decision on it.

    Managers who opened, reopened or approved a consensus are known by the audit trail.
    """
    consensus = select(Consensus.id).where(Consensus.proposal_id == proposal.id)
    key = select(cast(Consensus.id, String)).where(Consensus.proposal_id == proposal.id)
    acted = (AuditEvent.object_kind == "consensus", AuditEvent.object_key.in_(key))
    placed = (Placement.ranking_id == Ranking.id, Placement.proposal_id == proposal.id)
    assigned = (Assignment.expert_id == Expert.id, Assignment.proposal_id == proposal.id)
    sat = (
        PanelMember.expert_id == Expert.id, PanelMember.panel_id == PanelProposal.panel_id,
        PanelProposal.proposal_id == proposal.id,
    )  # fmt: skip
    kinds = (
        ("moderators", AuditEvent.actor_id, acted),
        ("moderators", Remark.written_by_id, (Remark.consensus_id.in_(consensus), Remark.assignment_id.is_(None))),
        ("deciders", Ranking.prepared_by_id, placed),
        ("deciders", Ranking.decided_by_id, placed),
        ("experts", Expert.account_id, assigned),
        ("experts", Expert.account_id, sat),
        ("deciders", Outcome.recorded_by_id, (Outcome.proposal_id == proposal.id,)),
        ("deciders", Outcome.answered_by_id, (Outcome.proposal_id == proposal.id,)),
        ("officers", Admission.decided_by_id, (Admission.proposal_id == proposal.id,)),
        ("officers", RuleDecision.decided_by_id, (RuleDecision.proposal_id == proposal.id,)),
        ("applicants", Member.account_id, (Member.proposal_id == proposal.id,)),
    )
    found: dict[str, set[int]] = {}
    for kind, person in db.session.execute(
        union_all(*(select(literal(kind), column).where(*where) for kind, column, where in kinds))
    ):
        if person is not None:
            found.setdefault(kind, set()).add(person)
    return Involvement(**{kind: frozenset(people) for kind, people in found.items()})


def answer_due(request: Request) -> datetime:
    """The instant from which an answer to a request is late, by the topic's days."""
    topic = request.proposal.topic
    sent = request.sent_at or request.changed_at
    return end_of_day_after(sent, topic.redress_answer_days, zone=ZoneInfo(topic.call.zone))


def managers() -> Sequence[Account]:
    """Everybody who manages some programme: who might sit on a committee."""
    granted = select(RoleGrant.account_id).where(RoleGrant.role == Role.MANAGER)
    return db.session.scalars(
        select(Account).where(Account.id.in_(granted), Account.disabled_at.is_(None)).order_by(Account.name)
    ).all()
