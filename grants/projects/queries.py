"""Reading projects. Strangers find nothing; lists are filtered by the same rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants.calls.models import Call, Programme, Topic
from grants.db import db
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.projects.access import ProjectAccess, may_see
from grants.projects.models import Project, ProjectParticipant
from grants.projects.states import ProjectState
from grants.proposals.models import Member, Proposal
from grants.proposals.states import MemberRole
from grants.ranking.models import Placement
from grants.ranking.states import Decision
from grants.redress.round_queries import on_main_list


@dataclass(frozen=True, slots=True)
class Opened:
    """A project as one actor opened it, with what access decides on."""

    project: Project
    access: ProjectAccess


def open_project(actor: Actor, number: int, *, lock: bool = False) -> Opened:
    """A project with topic, participants and work packages. Raises NotFound for strangers."""
    statement = (
        select(Project, Member.role)
        .join(Project.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .outerjoin(Member, and_(Member.proposal_id == Proposal.id, Member.account_id == actor.id))
        .where(Project.number == number)
        .options(
            contains_eager(Project.proposal)
            .contains_eager(Proposal.topic)
            .contains_eager(Topic.call)
            .contains_eager(Call.programme),
            selectinload(Project.participants).joinedload(ProjectParticipant.organisation),
            selectinload(Project.work_packages),
        )
    )
    if lock:
        statement = statement.with_for_update(of=Project).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    project, role = row
    access = access_of(project, role)
    may_see(actor, access).require()
    return Opened(project, access)


def access_of(project: Project, member: MemberRole | None) -> ProjectAccess:
    """The facts of access from loaded rows (topic, call and programme must be loaded)."""
    return ProjectAccess(state=project.state, programme=project.proposal.topic.call.programme.code, member=member)


def visible(actor: Actor) -> Select[Project]:
    """Projects that the actor may see, with topic, call and participants. Not ordered."""
    own = select(Member.proposal_id).where(Member.account_id == actor.id)
    statement = (
        select(Project)
        .join(Project.proposal)
        .join(Proposal.topic)
        .join(Topic.call)
        .join(Call.programme)
        .options(contains_eager(Project.proposal).contains_eager(Proposal.topic).contains_eager(Topic.call))
    )
    if actor.has(Role.AUDITOR):
        return statement
    managed = Programme.code.in_(actor.programmes if actor.has(Role.MANAGER) else ())
    return statement.where(or_(Project.proposal_id.in_(own), managed))


def of_topic(topic_id: int) -> Sequence[Project]:
    """Projects that came from a topic, by number."""
    return db.session.scalars(
        select(Project).join(Project.proposal).where(Proposal.topic_id == topic_id).order_by(Project.number)
    ).all()


def is_main() -> ColumnElement[bool]:
    """Places on the main list: as announced, or by a supplement after a review."""
    return or_(Placement.decision == Decision.MAIN, Placement.proposal_id.in_(on_main_list()))


def waiting(ranking_id: int) -> int:
    """How many main-list proposals of a ranked list have no project yet."""
    made = select(Project.proposal_id)
    statement = select(func.count()).where(
        Placement.ranking_id == ranking_id, is_main(), Placement.proposal_id.not_in(made)
    )
    return db.session.scalar(statement) or 0


def coordinators(project_ids: Sequence[int]) -> dict[int, ProjectParticipant]:
    """The coordinating participant of each project."""
    rows = db.session.scalars(
        select(ProjectParticipant)
        .where(ProjectParticipant.project_id.in_(project_ids), ProjectParticipant.position == 1)
        .options(joinedload(ProjectParticipant.organisation))
    )
    return {each.project_id: each for each in rows}


def running(actor: Actor) -> Select[Project]:
    """Visible projects that run or are prepared: for the first page."""
    return visible(actor).where(Project.state.in_((ProjectState.PREPARATION, ProjectState.RUNNING)))
