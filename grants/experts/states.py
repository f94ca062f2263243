"""The life of an invitation to evaluate."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


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
