"""What an expert may see and do with one proposal, and what the programme's managers may.

An expert with a conflict finds nothing any more, not even that the proposal exists. Source: domain.md 8.1, 8.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from grants.evaluation.states import AssignmentState, ConsensusState, ReportState
from grants.evaluation.visibility import Aspect
from grants.kernel.actor import Actor, Role
from grants.kernel.verdicts import ALLOWED, HIDDEN, Verdict, refused


@dataclass(frozen=True, slots=True)
class AssignmentAccess:
    """``account``: the expert's. ``report``: None before acceptance. ``consensus``: None while it is not opened.

    ``decided``: the result of the proposal is sent. ``shows``: see ``visibility.visible``. ``blind``: experts judge
    it without knowing who applies.
    """

    account: int
    programme: str
    state: AssignmentState
    rapporteur: bool = False
    report: ReportState | None = None
    consensus: ConsensusState | None = None
    decided: bool = False
    shows: frozenset[Aspect] = frozenset({Aspect.OWN})
    blind: bool = False

    @property
    def withheld(self) -> bool:
        """Whether who applies is not shown, in whatever form."""
        return self.blind and Aspect.APPLICANTS not in self.shows


def may_see(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Learn that the proposal is there: its expert, until a conflict or a removal, and while the phase shows it."""
    own = actor.id is not None and actor.id == facts.account and actor.has(Role.EVALUATOR)
    active = facts.state in {AssignmentState.PROPOSED, AssignmentState.ACCEPTED}
    return ALLOWED if own and active and Aspect.OWN in facts.shows else HIDDEN


def may_answer(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Accept the proposal."""
    verdict = may_see(actor, facts)
    if verdict and facts.state is not AssignmentState.PROPOSED:
        return refused("answered", "You have accepted this proposal already.")
    return verdict


def may_read_proposal(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Read the files: only after the declaration that there is no conflict."""
    verdict = may_see(actor, facts)
    if verdict and facts.state is not AssignmentState.ACCEPTED:
        return refused("not-accepted", "First declare that you have no conflict of interest.")
    return verdict


def may_write_report(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Write the individual evaluation report, until it is handed in."""
    verdict = may_read_proposal(actor, facts)
    if verdict and facts.decided:
        return refused("decided", "The result is sent: reports stay as they are.")
    if verdict and facts.report is not ReportState.DRAFT:
        message = "You handed in this report. The programme manager can return it if it must change."
        return refused("report-submitted", message)
    return verdict


def may_read_others(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """See others' reports: after one's own, in a phase that shows scores or texts."""
    verdict = may_read_proposal(actor, facts)
    if not verdict:
        return verdict
    if facts.report is not ReportState.SUBMITTED:
        return refused("report-first", "Hand in your own report first.")
    if not facts.shows & {Aspect.SCORES, Aspect.TEXTS}:
        return refused("not-in-this-phase", "The reports of the others are not shown in this phase.")
    return ALLOWED


def may_read_consensus(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """See the consensus: after one's own report, once it is opened, in a phase that shows others' texts.

    The texts, because it begins with those of all reports.
    """
    verdict = may_read_proposal(actor, facts)
    if not verdict:
        return verdict
    if facts.report is not ReportState.SUBMITTED or facts.consensus is None:
        return refused("no-consensus", "The consensus opens when all individual reports are handed in.")
    if Aspect.TEXTS not in facts.shows:
        return refused("not-in-this-phase", "The consensus is not shown in this phase of the evaluation.")
    return ALLOWED


def may_write_consensus(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Write the consensus report: the rapporteur, while it is a draft."""
    verdict = may_read_consensus(actor, facts)
    if not verdict:
        return verdict
    if not facts.rapporteur:
        return refused("not-rapporteur", "The rapporteur writes this report. You say whether you agree.")
    if facts.consensus is not ConsensusState.DRAFT:
        return refused("proposed", "This report is with the others. Take it back if it must change.")
    return ALLOWED


def may_take_back(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Take a proposed consensus back: the rapporteur."""
    verdict = may_read_consensus(actor, facts)
    if verdict and not (facts.rapporteur and facts.consensus is ConsensusState.PROPOSED):
        return refused("not-proposed", "Only the rapporteur takes back a report that is with the others.")
    return verdict


def may_give_opinion(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Agree or not: everybody but the rapporteur, while the report is with them."""
    verdict = may_read_consensus(actor, facts)
    if not verdict:
        return verdict
    if facts.rapporteur:
        return refused("rapporteur", "You wrote this report: the others say whether they agree.")
    if facts.consensus is not ConsensusState.PROPOSED:
        return refused("not-proposed", "The rapporteur is still writing, or the report is approved.")
    return ALLOWED


def may_discuss(actor: Actor, facts: AssignmentAccess) -> Verdict:
    """Say something in the discussion: those who read the consensus, until it is approved."""
    verdict = may_read_consensus(actor, facts)
    if verdict and facts.consensus is ConsensusState.APPROVED:
        return refused("approved", "The consensus is approved: the discussion is over.")
    return verdict


def may_manage(actor: Actor, *, programme: str) -> Verdict:
    """See and steer the evaluation: the programme's managers."""
    return ALLOWED if actor.manages(programme) else HIDDEN
