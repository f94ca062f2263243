"""The lives of an assignment, of an individual evaluation report and of a consensus report."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class AssignmentState(StrEnum):
    """``conflicted`` closes everything about the proposal to the expert, for good."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CONFLICTED = "conflicted"
    REMOVED = "removed"


ASSIGNMENT = Machine(
    "assignment",
    AssignmentState,
    Transition(AssignmentState.PROPOSED, "accept", AssignmentState.ACCEPTED, "expert"),
    Transition(AssignmentState.PROPOSED, "declare_conflict", AssignmentState.CONFLICTED, "expert or manager"),
    Transition(AssignmentState.ACCEPTED, "declare_conflict", AssignmentState.CONFLICTED, "expert or manager"),
    Transition(AssignmentState.PROPOSED, "remove", AssignmentState.REMOVED, "programme manager"),
    Transition(AssignmentState.ACCEPTED, "remove", AssignmentState.REMOVED, "programme manager"),
    Transition(AssignmentState.REMOVED, "assign_again", AssignmentState.PROPOSED, "programme manager"),
    final=(AssignmentState.ACCEPTED, AssignmentState.CONFLICTED, AssignmentState.REMOVED),
)


class ReportState(StrEnum):
    """A submitted report is locked."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


REPORT = Machine(
    "report",
    ReportState,
    Transition(ReportState.DRAFT, "submit", ReportState.SUBMITTED, "expert"),
    Transition(ReportState.SUBMITTED, "return", ReportState.DRAFT, "programme manager"),
    final=(ReportState.SUBMITTED,),
)


class FormKind(StrEnum):
    """Which way reports go as an offline form."""

    EXPORT = "export"
    IMPORT = "import"


class FormState(StrEnum):
    """How far an offline form is. ``read``: all of it is right, and the expert has not confirmed it yet."""

    WAITING = "waiting"
    DONE = "done"
    READ = "read"
    REFUSED = "refused"
    TAKEN = "taken"
    DROPPED = "dropped"


REPORT_FORM = Machine(
    "report_form",
    FormState,
    Transition(FormState.WAITING, "finish", FormState.DONE, "worker"),
    Transition(FormState.WAITING, "read", FormState.READ, "worker"),
    Transition(FormState.WAITING, "refuse", FormState.REFUSED, "worker"),
    Transition(FormState.READ, "take", FormState.TAKEN, "expert"),
    Transition(FormState.READ, "drop", FormState.DROPPED, "expert or worker"),
    final=(FormState.DONE, FormState.REFUSED, FormState.TAKEN, FormState.DROPPED),
)


class ConsensusState(StrEnum):
    """``proposed``: the rapporteur asks the others; ``approved``: its scores count for the ranking."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"


CONSENSUS = Machine(
    "consensus",
    ConsensusState,
    Transition(ConsensusState.DRAFT, "propose", ConsensusState.PROPOSED, "rapporteur"),
    Transition(ConsensusState.PROPOSED, "reopen", ConsensusState.DRAFT, "rapporteur or manager"),
    Transition(ConsensusState.PROPOSED, "approve", ConsensusState.APPROVED, "programme manager"),
    final=(ConsensusState.APPROVED,),
)


class Answer(StrEnum):
    """What an expert says of the proposed consensus."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
