"""Another expert for one that cannot go on: the best others of the pool, and one step that puts one in place.

Source: domain.md 8.4; the team's other experts stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grants.assigning import access
from grants.assigning.facts import CONSIDERED, expert_words, proposal_words
from grants.assigning.queries import fits_by_hand
from grants.assigning.rules import fits
from grants.evaluation import queries as evaluation
from grants.evaluation import services
from grants.evaluation.facts import ACTIVE
from grants.evaluation.models import Assignment
from grants.experts.facts import Weighing
from grants.experts.models import Expert
from grants.experts.rules import declaration_is_valid
from grants.kernel.actor import Actor
from grants.kernel.errors import Refused
from grants.proposals.models import Proposal
from grants.proposals.queries import last_submission

#: Others that the page offers.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Other:
    """An expert who could take the place. ``fit``: 1000 for the best of the pool; ``assigned`` of ``most``."""

    expert: Expert
    fit: int
    assigned: int
    most: int


def others(assignment: Assignment, *, now: datetime) -> list[Other]:
    """The best of the pool for this proposal who may be asked: free, no conflict, declared, not of the organisation
    of somebody who stays, not forbidden by a manager. A fixed number of statements."""
    proposal = assignment.proposal
    topic = proposal.topic
    team = evaluation.assignments_of(proposal.id)
    there = {each.expert_id for each in team}
    taken = {each.expert.employer_id for each in team if each.state in ACTIVE and each.id != assignment.id} - {None}
    free = [
        each for each in evaluation.loads(topic.id)
        if each.free and each.expert.id not in there and each.expert.employer_id not in taken
        and declaration_is_valid(each.expert.declared_at, months=topic.declaration_months, now=now)
    ]  # fmt: skip
    version = last_submission(proposal.id)
    if not free or version is None:
        return []
    row = fits([proposal_words(version.content)], expert_words([each.expert for each in free]))[0]
    by_hand = fits_by_hand(proposal.id)
    scored = [
        (by_hand.get(each.expert.id, (fit, False)), each) for fit, each in zip(row, free, strict=True)
    ]  # fmt: skip
    allowed = [(fit or 0, each) for (fit, forbidden), each in scored if not forbidden]
    best = sorted(allowed, key=lambda pair: (-pair[0], pair[1].assigned, pair[1].expert.id))[:CONSIDERED]
    weighing = Weighing([each.expert for _, each in best], [proposal.id], topic, now=now)
    clear = [(fit, each) for fit, each in best if not weighing.pair(proposal.id, each.expert.id).left]
    return [Other(each.expert, fit, each.assigned, each.max_load) for fit, each in clear[:SHOWN]]


def replace(assignment: Assignment, expert: Expert, *, actor: Actor, now: datetime) -> Assignment:
    """Remove one expert and ask another, who is rapporteur where the first was: both or neither.

    Raises Refused and Invalid as the two steps do, and Refused where the first does not evaluate any more.
    """
    proposal: Proposal = assignment.proposal
    access.may_assign(actor, programme=proposal.topic.call.programme.code).require()
    if assignment.state not in ACTIVE:
        raise Refused("not-active", "This expert does not evaluate the proposal any more.", status=409)
    rapporteur = assignment.rapporteur
    reason = f"Replaced by {expert.account.name}."
    services.remove_assignment(assignment, reason=reason, actor=actor, now=now)
    return services.assign(proposal, expert, rapporteur=rapporteur, actor=actor, now=now)
