"""The life of a proposal on the applicants' side. Late, open and evaluated follow from other facts."""

from __future__ import annotations

from enum import StrEnum

from grants.kernel.states import Machine, Transition


class ProposalState(StrEnum):
    """``submitted``: at least one version was handed in, the last one counts."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


PROPOSAL = Machine(
    "proposal",
    ProposalState,
    Transition(ProposalState.DRAFT, "submit", ProposalState.SUBMITTED, "main contact"),
    Transition(ProposalState.SUBMITTED, "submit", ProposalState.SUBMITTED, "main contact"),
    Transition(ProposalState.SUBMITTED, "withdraw", ProposalState.WITHDRAWN, "main contact"),
    Transition(ProposalState.WITHDRAWN, "restore", ProposalState.SUBMITTED, "main contact"),
    Transition(ProposalState.WITHDRAWN, "submit", ProposalState.SUBMITTED, "main contact"),
    final=(ProposalState.SUBMITTED, ProposalState.WITHDRAWN),
)


class SheetKind(StrEnum):
    """Which way a budget goes as a spreadsheet."""

    EXPORT = "export"
    IMPORT = "import"


class SheetState(StrEnum):
    """How far the worker is with a spreadsheet."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


BUDGET_SHEET = Machine(
    "budget_sheet",
    SheetState,
    Transition(SheetState.WAITING, "finish", SheetState.DONE, "worker"),
    Transition(SheetState.WAITING, "refuse", SheetState.REFUSED, "worker"),
    final=(SheetState.DONE, SheetState.REFUSED),
)


class MemberRole(StrEnum):
    """What a person may do in a proposal. Source: domain.md 5.

    ``contact`` writes everything, as the main contact's deputy, and does not submit. ``partner_contact`` writes what
    belongs to the organisations that they are the contact of.
    """

    MAIN_CONTACT = "main_contact"
    CONTACT = "contact"
    PARTNER_CONTACT = "partner_contact"
    READER = "reader"

    @property
    def label(self) -> str:
        """In words."""
        return _ROLES[self]


_ROLES = {
    MemberRole.MAIN_CONTACT: "Main contact",
    MemberRole.CONTACT: "Deputy of the main contact",
    MemberRole.PARTNER_CONTACT: "Contact of a partner",
    MemberRole.READER: "Reader",
}


class ParticipantRole(StrEnum):
    """What an organisation is in a proposal. Source: domain.md 5."""

    COORDINATOR = "coordinator"
    BENEFICIARY = "beneficiary"
    AFFILIATED = "affiliated_entity"
    ASSOCIATED = "associated_partner"

    @property
    def label(self) -> str:
        """In words."""
        return self.value.replace("_", " ").capitalize()

    @property
    def with_article(self) -> str:
        """In a sentence: ``a beneficiary``, ``the coordinator``."""
        if self is ParticipantRole.COORDINATOR:
            return "the coordinator"
        return f"{'an' if self.value[0] == 'a' else 'a'} {self.label.lower()}"
