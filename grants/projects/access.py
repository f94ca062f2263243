"""Who may see and do what with one project. Applicants become participants, programme managers its officers."""

from __future__ import annotations

from dataclasses import dataclass

from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused
from grants.projects.states import ProjectState, Side
from grants.proposals.states import MemberRole


@dataclass(frozen=True, slots=True)
class ProjectAccess:
    """``member``: the actor's role in the proposal that the project comes from, None for strangers."""

    state: ProjectState
    programme: str
    member: MemberRole | None


def may_see(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Read everything of the project: its people, the programme's managers, auditors."""
    known = facts.member is not None or actor.manages(facts.programme) or actor.has(Role.AUDITOR)
    return ALLOWED if known else HIDDEN


def side_of(actor: Actor, facts: ProjectAccess) -> Side | None:
    """For whom the actor confirms the agreement: the coordinator's main contact, or the funder's manager."""
    if facts.member is MemberRole.MAIN_CONTACT:
        return Side.COORDINATOR
    return Side.FUNDER if actor.manages(facts.programme) and facts.member is None else None


def may_plan(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Change the plan during preparation: those who write for the coordinator, and the officers."""
    verdict = may_see(actor, facts)
    if not verdict:
        return verdict
    writes = facts.member in {MemberRole.MAIN_CONTACT, MemberRole.CONTACT} or actor.manages(facts.programme)
    if not writes:
        return refused("reader", "You may read this project. Its main contact can change the plan.")
    if facts.state is not ProjectState.PREPARATION:
        return refused("not-in-preparation", "The agreement is confirmed: the plan changes by amendment only.")
    return ALLOWED


def may_confirm(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Confirm the agreement for one's side."""
    verdict = may_plan(actor, facts)
    if verdict and side_of(actor, facts) is None:
        return refused("no-side", "The main contact confirms for the consortium, a programme manager for the funder.")
    return verdict


def may_report(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Upload and submit deliverables and reports: the main contact, while the project runs (domain.md 10)."""
    verdict = may_see(actor, facts)
    if not verdict:
        return verdict
    if facts.member is not MemberRole.MAIN_CONTACT:
        return refused("not-main-contact", "Only the coordinator's main contact submits.")
    if facts.state is not ProjectState.RUNNING:
        return refused("not-running", "The project is not running, so nothing is submitted.")
    return ALLOWED


def may_judge(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Accept or return what was submitted: the officers; nobody judges a project of their own."""
    verdict = may_see(actor, facts)
    if not verdict:
        return verdict
    if not actor.manages(facts.programme) or facts.member is not None:
        return refused("not-officer", "Only the funder's officers accept or return.")
    return ALLOWED


def may_end(actor: Actor, facts: ProjectAccess) -> Verdict:
    """Give up the preparation, close or end the project: the officers."""
    return may_judge(actor, facts)
