"""What is left of a draft for the contact of a partner to whom the coordinator shows no more than their own part.

Pages and totals are made from what is left: what one may not read is not there to be shown by mistake.
"""

from __future__ import annotations

from sqlalchemy.orm.attributes import set_committed_value

from grants.kernel.findings import Finding
from grants.proposals import facts
from grants.proposals.access import WHOLE, Reach, part_of, reach
from grants.proposals.budgeting import PACKAGES
from grants.proposals.models import Answer
from grants.proposals.queries import Opened


def reads_all(opened: Opened) -> bool:
    """Whether the person reads the whole draft: everybody but such contacts. The funder came by its own right."""
    return opened.access.member is None or reach(opened.access, WHOLE) >= Reach.READS


def findings(opened: Opened) -> list[Finding]:
    """What is missing or wrong in the parts that the person may read. Made from the whole draft, since answers of one
    part decide what is asked in another: before ``narrow``."""
    found = facts.findings(opened.proposal)
    if reads_all(opened):
        return found
    return [each for each in found if reach(opened.access, part_of(each.place)) >= Reach.READS]


def _is_left(answer: Answer, own: frozenset[int]) -> bool:
    """Titles of work packages are left, too: they are the columns in which a lump sum is shared out."""
    return answer.participant_id in own or answer.section == PACKAGES.key


def narrow(opened: Opened) -> bool:
    """Leave in the loaded rows what the person may read, for the rest of the request; whether that is everything.
    Nothing is written."""
    if reads_all(opened):
        return True
    proposal, own = opened.proposal, opened.access.participants
    set_committed_value(proposal, "participants", [row for row in proposal.participants if row.id in own])
    set_committed_value(proposal, "answers", [each for each in proposal.answers if _is_left(each, own)])
    set_committed_value(proposal, "attachments", [])
    set_committed_value(proposal, "abstract", "")
    set_committed_value(proposal, "keywords", [])
    return False
