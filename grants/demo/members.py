"""People who write together in two drafts of the open call: a partner's contact and a reader beside the main contact.

In one of them partners read everything, in the other no more than their own part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from grants.demo.loaded import Loaded, Step, read_anew
from grants.demo.people import ANA, JONAS
from grants.demo.plan import ProposalPlan
from grants.proposals import people, queries
from grants.proposals.states import MemberRole


@dataclass(frozen=True, slots=True)
class Helpers:
    """By e-mail. ``partner`` is the contact of the second organisation."""

    partner: str
    reader: str
    read_all: bool


HELPERS = {
    "open/FCT-02/1": Helpers(JONAS, "katharina.boehm@demo.example", read_all=True),
    "open/FCT-02/2": Helpers(ANA, "benoit.charvet@demo.example", read_all=False),
}


def steps(plan: ProposalPlan, loaded: Loaded, *, at: datetime) -> Iterator[Step]:
    """Once the consortium is there: invitations that are accepted at once."""
    helpers = HELPERS.get(plan.key)
    if helpers is not None:
        yield at, lambda: _join(plan, helpers, loaded, now=at)


def _join(plan: ProposalPlan, helpers: Helpers, loaded: Loaded, *, now: datetime) -> None:
    read_anew()
    actor = loaded.actor(plan.contact)
    opened = queries.open_proposal(actor, loaded.numbers[plan.key], now=now)
    second = opened.proposal.participants[1].id
    asked = ((helpers.partner, MemberRole.PARTNER_CONTACT, second), (helpers.reader, MemberRole.READER, None))
    for email, role, participant in asked:
        _, token = people.invite(opened, email, role, participant_id=participant, actor=actor, now=now)
        people.accept(token, actor=loaded.actor(email), now=now)
    people.show_partners(opened, everything=helpers.read_all, actor=actor, now=now)
