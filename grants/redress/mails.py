"""Letters about requests for a review. None to applicants names a member of a committee."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grants.accounts.models import Account
from grants.accounts.queries import managers_of
from grants.notifications import letters
from grants.proposals.queries import main_contacts
from grants.redress.models import CommitteeMember, Request, Round, RoundExpert, Ruling
from grants.redress.states import Says


def receipt(request: Request, *, now: datetime) -> None:
    """Tells the main contact that the request is in."""
    _to_contact("redress_receipt", request, f"redress_receipt:{request.id}", now=now)


def asked(request: Request, *, now: datetime) -> None:
    """Tells the managers that somebody asks for a review."""
    _to_managers("redress_asked", request, f"redress_asked:{request.id}", now=now)


def withdrawn(request: Request, *, now: datetime) -> None:
    """Tells the managers that it was taken back."""
    _to_managers("redress_withdrawn", request, f"redress_withdrawn:{request.id}", now=now)


def to_confirm(request: Request, ruling: Ruling, *, by: str, now: datetime) -> None:
    """Asks the other managers to confirm a ruling."""
    key = f"redress_to_confirm:{ruling.id}"
    _to_managers("redress_to_confirm", request, key, now=now, but=ruling.proposed_by_id, by=by)


def named(request: Request, member: CommitteeMember, account: Account, *, now: datetime) -> None:
    """Tells somebody that they are on the committee."""
    _write("redress_named", request, f"redress_named:{member.id}", account, now=now)


def ruled(request: Request, ruling: Ruling, *, now: datetime) -> None:
    """Tells the main contact what was decided, and why."""
    kind = {Says.ADMISSIBLE: "redress_admissible", Says.INADMISSIBLE: "redress_inadmissible"}
    _to_contact(
        kind.get(ruling.says, "redress_outcome"), request, f"redress_ruling:{ruling.id}", now=now, ruling=ruling
    )


def _to_contact(kind: str, request: Request, key: str, *, now: datetime, **facts: Any) -> None:
    contact = main_contacts([request.proposal_id])[request.proposal_id]
    _write(kind, request, key, contact, now=now, **facts)


def _to_managers(
    kind: str, request: Request, key: str, *, now: datetime, but: int | None = None, **facts: Any
) -> None:
    for manager in managers_of(request.proposal.topic.call.programme.code):
        if manager.id != but:
            _write(kind, request, f"{key}:{manager.id}", manager, now=now, **facts)


def _write(kind: str, request: Request, key: str, to: Account, *, now: datetime, **facts: Any) -> None:
    proposal = request.proposal
    letters.write(
        kind, key=key, address=to.email, about=proposal.ref(), now=now, account_id=to.id, name=to.name,
        proposal=proposal, request=request, zone=proposal.topic.call.zone, **facts,
    )  # fmt: skip


def judge_again(round_: Round, named: RoundExpert, *, now: datetime) -> None:
    """Tells an expert that they are asked to judge in a new round."""
    account = named.expert.account
    _write("redress_judge", round_.request, f"redress_judge:{named.id}", account, now=now, criteria=round_.criteria,
           desk=named)  # fmt: skip


def stepped_back(row: RoundExpert, *, now: datetime) -> None:
    """Tells the managers that an expert of a new round has a conflict of interest."""
    key = f"redress_stepped_back:{row.id}"
    _to_managers("redress_stepped_back", row.round.request, key, now=now, expert=row.expert.account.name)


def round_to_confirm(round_: Round, *, by: str, now: datetime) -> None:
    """Asks the other managers to confirm new scores and what follows from them."""
    key = f"redress_round:{round_.id}:{round_.version}"
    _to_managers("redress_round_to_confirm", round_.request, key, now=now, but=round_.proposed_by_id, by=by)


def new_result(round_: Round, *, now: datetime) -> None:
    """Tells the main contact the new result."""
    _to_contact("redress_result", round_.request, f"redress_result:{round_.id}", now=now, round=round_)
