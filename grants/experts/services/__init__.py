"""Doing: profiles and invitations, declarations of interests, decisions on conflicts. One module for each."""

from __future__ import annotations

from grants.experts.services.deciding import decide_conflict, take_back_decision
from grants.experts.services.declaring import change_background, declare_interests
from grants.experts.services.inviting import (
    USUAL_LOAD,
    answer_invitation,
    cancel_invitation,
    invite,
    invite_again,
    register_expert,
)

__all__ = [
    "USUAL_LOAD",
    "answer_invitation",
    "cancel_invitation",
    "change_background",
    "decide_conflict",
    "declare_interests",
    "invite",
    "invite_again",
    "register_expert",
    "take_back_decision",
]
