"""The lives of a profile, of an invitation to evaluate, and of an officer's decision on a conflict."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class ProfileState(StrEnum):
    """``validated``: an officer compared the profile with the CV. A new employer or CV opens it again."""

    ENTERED = "entered"
    VALIDATED = "validated"
    RETURNED = "returned"


PROFILE = Machine(
    "expert",
    ProfileState,
    Transition(ProfileState.ENTERED, "validate", ProfileState.VALIDATED, "programme manager"),
    Transition(ProfileState.ENTERED, "return", ProfileState.RETURNED, "programme manager"),
    Transition(ProfileState.VALIDATED, "return", ProfileState.RETURNED, "programme manager"),
    Transition(ProfileState.VALIDATED, "change", ProfileState.ENTERED, "expert"),
    Transition(ProfileState.RETURNED, "change", ProfileState.ENTERED, "expert"),
    final=(ProfileState.VALIDATED, ProfileState.RETURNED, ProfileState.ENTERED),
)


class SheetKind(StrEnum):
    """Written for an officer, or sent in by an administrator."""

    EXPORT = "export"
    IMPORT = "import"


class SheetState(StrEnum):
    """``checked``: everything in it is right, and somebody may look at what it would change."""

    WAITING = "waiting"
    CHECKED = "checked"
    TAKING = "taking"
    DONE = "done"
    REFUSED = "refused"


EXPERT_SHEET = Machine(
    "expert_sheet",
    SheetState,
    Transition(SheetState.WAITING, "finish", SheetState.DONE, "worker"),
    Transition(SheetState.WAITING, "check", SheetState.CHECKED, "worker"),
    Transition(SheetState.WAITING, "refuse", SheetState.REFUSED, "worker"),
    Transition(SheetState.CHECKED, "take_over", SheetState.TAKING, "administrator"),
    Transition(SheetState.TAKING, "finish", SheetState.DONE, "worker"),
    Transition(SheetState.TAKING, "refuse", SheetState.REFUSED, "worker"),
    final=(SheetState.CHECKED, SheetState.DONE, SheetState.REFUSED),
)


class DecisionState(StrEnum):
    """What an officer decided about a manageable conflict; ``open``: the decision was taken back."""

    OPEN = "open"
    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"


DECISION = Machine(
    "conflict_decision",
    DecisionState,
    Transition(DecisionState.OPEN, "allow", DecisionState.ALLOWED, "programme manager"),
    Transition(DecisionState.OPEN, "forbid", DecisionState.FORBIDDEN, "programme manager"),
    Transition(DecisionState.ALLOWED, "reopen", DecisionState.OPEN, "programme manager"),
    Transition(DecisionState.FORBIDDEN, "reopen", DecisionState.OPEN, "programme manager"),
    final=(DecisionState.OPEN, DecisionState.ALLOWED, DecisionState.FORBIDDEN),
)


class InvitationState(StrEnum):
    """An expert may be assigned once the invitation is accepted."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


INVITATION = Machine(
    "invitation",
    InvitationState,
    Transition(InvitationState.INVITED, "accept", InvitationState.ACCEPTED, "expert"),
    Transition(InvitationState.INVITED, "decline", InvitationState.DECLINED, "expert"),
    Transition(InvitationState.DECLINED, "invite_again", InvitationState.INVITED, "programme manager"),
    Transition(InvitationState.INVITED, "cancel", InvitationState.CANCELLED, "programme manager"),
    Transition(InvitationState.ACCEPTED, "cancel", InvitationState.CANCELLED, "programme manager"),
    final=(InvitationState.ACCEPTED, InvitationState.DECLINED, InvitationState.CANCELLED),
)
