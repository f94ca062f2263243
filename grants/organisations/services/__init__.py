"""What can be done with organisations: entries, people, papers, ownership, bank accounts, duplicates."""

from __future__ import annotations

from grants.organisations.services.bank import add_bank_account, bank_shown, remove_bank_account
from grants.organisations.services.merging import Preview, merge, preview
from grants.organisations.services.pairs import compare_all, keep_apart, propose_duplicates, propose_pair
from grants.organisations.services.people import (
    accept_invitation,
    add_representative,
    decline_invitation,
    invite,
    remove_representative,
    withdraw_invitation,
)
from grants.organisations.services.proving import (
    attach_paper,
    declare_control,
    hand_in,
    refuse,
    remove_paper,
    validate,
)
from grants.organisations.services.registry import add_organisation, change_organisation

__all__ = [
    "Preview",
    "accept_invitation",
    "add_bank_account",
    "add_organisation",
    "add_representative",
    "attach_paper",
    "bank_shown",
    "change_organisation",
    "compare_all",
    "declare_control",
    "decline_invitation",
    "hand_in",
    "invite",
    "keep_apart",
    "merge",
    "preview",
    "propose_duplicates",
    "propose_pair",
    "refuse",
    "remove_bank_account",
    "remove_paper",
    "remove_representative",
    "validate",
    "withdraw_invitation",
]
