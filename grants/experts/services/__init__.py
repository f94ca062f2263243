"""Doing: profiles and invitations, declarations of interests, decisions on conflicts, validation."""

from __future__ import annotations

from grants.experts.services.comparing import ask_for_likeness
from grants.experts.services.cv import attach_cv, remove_cv
from grants.experts.services.deciding import decide_conflict, take_back_decision
from grants.experts.services.declaring import change_absences, change_background, declare_interests
from grants.experts.services.importing import Plan, import_experts, plan_import
from grants.experts.services.indexing import index_account
from grants.experts.services.inviting import (
    USUAL_LOAD,
    answer_invitation,
    cancel_invitation,
    invite,
    invite_again,
    register_expert,
)
from grants.experts.services.keywords import choose_concepts, choose_topic_concepts, import_keywords
from grants.experts.services.sheets import ask_for_export, sheet_received, take_over_sheet
from grants.experts.services.validating import return_profile, validate_profile

__all__ = [
    "USUAL_LOAD",
    "Plan",
    "answer_invitation",
    "ask_for_export",
    "ask_for_likeness",
    "attach_cv",
    "cancel_invitation",
    "change_absences",
    "change_background",
    "choose_concepts",
    "choose_topic_concepts",
    "decide_conflict",
    "declare_interests",
    "import_experts",
    "import_keywords",
    "index_account",
    "invite",
    "invite_again",
    "plan_import",
    "register_expert",
    "remove_cv",
    "return_profile",
    "sheet_received",
    "take_back_decision",
    "take_over_sheet",
    "validate_profile",
]
