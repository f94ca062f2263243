"""One expert is replaced by the best other in one step."""

from __future__ import annotations

import pytest

from grants.assigning import replacing
from grants.assigning.models import PairNote
from grants.db import db
from grants.evaluation import queries
from grants.evaluation.states import AssignmentState
from grants.kernel.errors import Invalid, Refused
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, manager_of
from tests.factories.people import organisation, signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once


@once
def scene(app):
    """A proposal with two experts, of whom the first is rapporteur; three others in the pool who could come."""
    of = topic()
    account, manager = manager_of(of)
    lab = organisation("A lab")
    there = [expert("Ann There", lab), expert("Bob There")]
    pool = [expert("Cid Fits"), expert("Dee Other"), expert("Eve Lab", lab)]
    for each, words in zip(pool, (["safer", "net"], ["painting"], ["safer"]), strict=True):
        each.expertise = words
    accepted(of, *there, *pool, manager=manager)
    made = assigned(submitted(of), *there, manager=manager)
    return of, account, manager, made, pool


def names(assignment):
    return [each.expert.account.name for each in replacing.others(assignment, now=LATER)]


def test_the_best_of_the_pool_who_may_be_asked_come_first(scene):
    _, _, _, (rapporteur, second), _ = scene
    assert names(rapporteur) == ["Cid Fits", "Eve Lab", "Dee Other"]
    assert names(second) == ["Cid Fits", "Dee Other"], "the lab's other expert stays"


def test_what_a_manager_said_of_a_pair_counts(scene):
    _, account, _, (rapporteur, _), (cid, dee, _) = scene
    for each, fit in ((cid, None), (dee, 900)):
        db.session.add(
            PairNote(
                proposal_id=rapporteur.proposal_id, expert_id=each.id, fit=fit, forbidden=fit is None,
                noted_by_id=account.id, noted_at=LATER,
            )
        )  # fmt: skip
    db.session.flush()
    assert "Cid Fits" not in names(rapporteur)
    assert {each.expert.account.name: each.fit for each in replacing.others(rapporteur, now=LATER)}[
        "Dee Other"
    ] == 900


def test_who_is_full_or_has_not_declared_is_not_offered(scene):
    _, _, manager, (rapporteur, _), (cid, dee, _) = scene
    cid.declared_at = None
    dee.declared_at = LATER.replace(year=LATER.year - 2)
    assert names(rapporteur) == ["Eve Lab"]
    with pytest.raises(Invalid):
        replacing.replace(rapporteur, cid, actor=manager, now=LATER)


def test_one_step_removes_one_and_asks_the_other_with_the_same_role(scene):
    _, _, manager, (rapporteur, _), (cid, *_) = scene
    made = replacing.replace(rapporteur, cid, actor=manager, now=LATER)
    assert rapporteur.state is AssignmentState.REMOVED
    assert (made.expert.account.name, made.rapporteur, made.state) == ("Cid Fits", True, AssignmentState.PROPOSED)
    with pytest.raises(Refused):
        replacing.replace(rapporteur, cid, actor=manager, now=LATER)


def test_the_manager_does_it_from_the_page_of_the_proposal(client, clock, scene):
    _, account, _, (rapporteur, _), (cid, *_) = scene
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    number = rapporteur.proposal.number
    address = f"/manage/proposals/{number}/evaluation/{rapporteur.id}/replace"
    assert address in client.get(f"/manage/proposals/{number}/evaluation").text
    assert "Ask Cid Fits instead" in client.get(address).text
    page = client.post(address, data={"expert": cid.id}, follow_redirects=True).text
    assert "Cid Fits is asked instead" in page
    active = [each for each in queries.assignments_of(rapporteur.proposal_id) if each.state != "removed"]
    assert {each.expert.account.name for each in active} == {"Cid Fits", "Bob There"}
    assert "Choose one of these" in client.post(address, data={"expert": "x"}, follow_redirects=True).text
    again = client.post(address, data={"expert": cid.id})
    assert again.status_code == 409
    assert "does not evaluate the proposal any more" in again.text
