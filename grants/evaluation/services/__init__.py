"""Doing: assignments, individual reports, consensus. One module for each."""

from __future__ import annotations

from grants.evaluation.services.assigning import (
    accept_assignment,
    assign,
    assignment_problems,
    declare_conflict,
    make_rapporteur,
    remove_assignment,
    weighed,
)
from grants.evaluation.services.consensus import (
    approve_consensus,
    begin_panel_review,
    change_scores,
    give_opinion,
    open_consensus,
    propose_consensus,
    reopen_consensus,
    save_consensus,
    take_back_consensus,
)
from grants.evaluation.services.discussion import ask_for_expert, moderate, say
from grants.evaluation.services.offline import (
    ask_for_form,
    drop_forgotten_forms,
    drop_form,
    form_received,
    take_over_form,
)
from grants.evaluation.services.rechecking import close_conflicted, recheck, recheck_pair
from grants.evaluation.services.reminding import remind_late
from grants.evaluation.services.report import return_report, save_report, submit_report
from grants.evaluation.services.visibility import set_visibility

__all__ = [
    "accept_assignment",
    "approve_consensus",
    "ask_for_expert",
    "ask_for_form",
    "assign",
    "assignment_problems",
    "begin_panel_review",
    "change_scores",
    "close_conflicted",
    "declare_conflict",
    "drop_forgotten_forms",
    "drop_form",
    "form_received",
    "give_opinion",
    "make_rapporteur",
    "moderate",
    "open_consensus",
    "propose_consensus",
    "recheck",
    "recheck_pair",
    "remind_late",
    "remove_assignment",
    "reopen_consensus",
    "return_report",
    "save_consensus",
    "save_report",
    "say",
    "set_visibility",
    "submit_report",
    "take_back_consensus",
    "take_over_form",
    "weighed",
]
