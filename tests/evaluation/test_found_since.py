"""Conflicts that come to light after the assignment: found by whatever changed, closed or decided on, and listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from grants.accounts import services as accounts
from grants.audit.models import AuditEvent
from grants.db import db
from grants.documents import services as documents
from grants.evaluation import found_since, queries, services
from grants.evaluation.models import FoundConflict
from grants.evaluation.states import AssignmentState, ConsensusState
from grants.experts import services as experts
from grants.experts.rules import lines
from grants.kernel.actor import Role
from grants.kernel.errors import NotFound
from grants.notifications.models import Letter
from grants.organisations import services as organisations
from grants.organisations.services import merging
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import actor_of, organisation, person, signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once
from tests.reporting.counting import statements

LAST_YEAR = f"{LATER.date() - timedelta(days=400)}"


@once
def scene(app):
    of = topic()
    of.experts_per_proposal = 2
    _, manager = manager_of(of)
    proposal = submitted(of)
    found, other = accepted(of, expert("Zoe Simic"), expert("Ana Petrov"), manager=manager)
    return proposal, assigned(proposal, other, found, manager=manager), manager


def worked_at(found, name, *, ended=""):
    jobs, wrong = lines.jobs(f"2010-01 | {ended} | {name} | |")
    assert wrong == []
    experts.change_background(
        found, nationality="", sector="", orcid="", jobs=jobs, publications=[], actor=expert_actor(found.account),
        now=LATER,
    )  # fmt: skip


def work(now=LATER):
    """What the worker does with the checks that were asked for since; the counts of all together."""
    rows = db.session.execute(
        text("DELETE FROM procrastinate_jobs WHERE task_name = 'recheck_conflicts' RETURNING id, args")
    ).all()
    counts = {"pairs": 0, "closed": 0, "to_decide": 0}
    for _, given in sorted(rows):
        for name, value in services.recheck(given["kind"], given["identity"], now=now).items():
            counts[name] += value
    return counts


def kinds():
    return [each.kind for each in db.session.scalars(select(Letter).order_by(Letter.id))]


def counted(proposal):
    """As the pool counts, which must be what the page's rows say."""
    found = found_since.counts(proposal.topic_id)
    rows = found_since.with_facts(db.session.scalars(found_since.of_topic(proposal.topic_id)).all())
    assert found.waiting == sum(each.waits for each in rows)
    return found


def first_employer(proposal):
    return proposal.participants[0].organisation


def test_a_new_employer_closes_the_proposal_at_once_with_a_letter_to_each_and_the_consensus_goes_on(scene):
    proposal, (lead, made), manager = scene
    for each in (lead, made):
        handed_in(each)
    consensus = services.open_consensus(proposal, actor=manager, now=LATER)
    who = expert_actor(lead.expert.account)
    criteria = {f"scores.{each.code}.score": "4" for each in proposal.topic.criteria}
    services.save_consensus(queries.open_assignment(who, lead.id, now=LATER), criteria, seen=1, actor=who, now=LATER)
    services.propose_consensus(queries.open_assignment(who, lead.id, now=LATER), actor=who, now=LATER)
    work()
    db.session.query(Letter).delete()

    worked_at(made.expert, first_employer(proposal).legal_name)
    assert work() == {"pairs": 1, "closed": 1, "to_decide": 0}

    assert made.state is AssignmentState.CONFLICTED
    assert made.conflict.startswith("Works for")
    with pytest.raises(NotFound):
        queries.open_assignment(expert_actor(made.expert.account), made.id, now=LATER)
    assert consensus.state is ConsensusState.DRAFT
    assert sorted(kinds()) == ["assignment_removed", "conflict_declared"]
    told = db.session.scalar(select(Letter).where(Letter.kind == "assignment_removed"))
    assert told.address == made.expert.account.email
    for word in (str(proposal.number), "conflict", first_employer(proposal).legal_name):
        assert word not in told.body + told.subject
    (row,) = db.session.scalars(select(FoundConflict))
    assert (row.code, row.disqualifying, row.found_at) == ("employer", True, LATER)
    db.session.commit()
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "assignment.declare_conflict"))
    assert (event.actor_id, event.facts["code"]) == (None, "employer")
    assert work()["pairs"] == 0


def test_what_is_manageable_waits_for_the_officer_once_and_an_allowance_settles_it(scene):
    proposal, (_, made), manager = scene
    worked_at(made.expert, first_employer(proposal).legal_name, ended=LAST_YEAR)
    db.session.query(Letter).delete()
    assert work()["to_decide"] == 1
    assert services.recheck("expert", made.expert_id, now=LATER) == {"pairs": 1, "closed": 0, "to_decide": 0}
    assert kinds() == ["conflict_to_decide"]
    assert made.state is AssignmentState.ACCEPTED
    assert counted(proposal) == found_since.Counts(1, 1)

    ties = services.weighed(proposal, made.expert, now=LATER).found
    experts.decide_conflict(proposal, made.expert, ties, allow=True, reason="Long ago", actor=manager, now=LATER)
    services.recheck("expert", made.expert_id, now=LATER)
    assert counted(proposal) == found_since.Counts(1, 0)
    (row,) = found_since.with_facts(db.session.scalars(found_since.of_topic(proposal.topic_id)).all())
    assert not row.waits
    assert row.decision.reason == "Long ago"

    experts.take_back_decision(proposal, made.expert, actor=manager, now=LATER)
    assert counted(proposal) == found_since.Counts(1, 1)


def test_what_does_not_hold_any_more_waits_no_longer_and_waits_again_when_it_comes_back(scene):
    proposal, (_, made), _ = scene
    theirs = first_employer(proposal).legal_name
    for day, (name, many) in enumerate([(theirs, 1), ("Elsewhere", 0), (theirs, 1)]):
        worked_at(made.expert, name, ended=LAST_YEAR)
        work(LATER + timedelta(days=day))
        assert counted(proposal) == found_since.Counts(many, many)
    assert kinds().count("conflict_to_decide") == 2


def test_who_is_assigned_again_after_the_conflict_is_over_waits_for_no_decision(scene):
    proposal, (_, made), manager = scene
    worked_at(made.expert, first_employer(proposal).legal_name, ended=LAST_YEAR)
    work()
    services.remove_assignment(made, reason="Not now", actor=manager, now=LATER)
    assert counted(proposal) == found_since.Counts(1, 0)
    worked_at(made.expert, "Elsewhere", ended=LAST_YEAR)
    work()
    services.assign(proposal, made.expert, actor=manager, now=LATER + timedelta(days=1))
    work()
    assert counted(proposal) == found_since.Counts(0, 0)


def declared(scene):
    proposal, (_, made), _ = scene
    tie = [("post", first_employer(proposal).legal_name)]
    experts.declare_interests(made.expert, tie, declared=True, actor=expert_actor(made.expert.account), now=LATER)


def profile(scene):
    proposal, (_, made), _ = scene
    experts.register_expert(
        made.expert.account, employer=first_employer(proposal), actor=expert_actor(made.expert.account), now=LATER
    )


def renamed_organisation(scene):
    proposal, (_, made), _ = scene
    worked_at(made.expert, "Institute of Tides")
    assert work()["closed"] == 0
    who = replace(actor_of(person()), organisations=frozenset({first_employer(proposal).id}))
    organisations.change_organisation(
        first_employer(proposal), values={"legal_name": "Institute of Tides"}, actor=who, now=LATER
    )


def merged(scene):
    proposal, (_, made), _ = scene
    twin = organisation("Twin of the first")
    experts.register_expert(made.expert.account, employer=twin, actor=expert_actor(made.expert.account), now=LATER)
    assert work()["closed"] == 0
    officer = actor_of(person("", Role.ADMINISTRATOR), Role.ADMINISTRATOR)
    merging.merge(first_employer(proposal), twin, actor=officer, now=LATER)


def represents(scene):
    proposal, (_, made), _ = scene
    who = actor_of(made.expert.account)
    organisations.add_representative(first_employer(proposal), made.expert.account_id, actor=who, now=LATER)


@pytest.mark.parametrize("change", [declared, profile, renamed_organisation, merged, represents])
def test_whatever_changes_on_either_side_has_the_pairs_checked_again(scene, change):
    change(scene)
    assert work()["closed"] == 1
    assert scene[1][1].state is AssignmentState.CONFLICTED
    assert scene[1][0].state is AssignmentState.ACCEPTED


def test_a_new_name_is_looked_for_in_the_proposals(scene):
    proposal, (_, made), _ = scene
    version = proposal.submissions[-1]
    version.content = {**version.content, "part_a": {"researchers": {"people": [{"first": "Eva", "last": "Novak"}]}}}
    accounts.change_profile(
        made.expert.account, name="Eva Novak", timezone="UTC", actor=expert_actor(made.expert.account), now=LATER
    )
    assert work()["to_decide"] == 1
    assert db.session.scalar(select(FoundConflict.code)) == "named"


def test_a_version_that_comes_after_the_deadline_is_checked_and_one_before_it_needs_no_check(app, scene):
    asked = text(
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'recheck_conflicts' AND args ->> 'kind' = 'proposal'"
    )
    assert db.session.execute(asked).all() == []
    proposal, (_, made), _ = scene
    proposal.topic.first_deadline = NOW - timedelta(days=1)
    db.session.flush()
    other = submitted(proposal.topic)
    assert [row.args["identity"] for row in db.session.execute(asked)] == [other.id]
    made.expert.employer_id = first_employer(proposal).id
    db.session.flush()
    assert services.recheck("proposal", proposal.id, now=LATER)["closed"] == 1


def test_decided_proposals_and_experts_who_left_are_left_alone(scene):
    proposal, (lead, made), manager = scene
    services.remove_assignment(lead, reason="No time", actor=manager, now=LATER)
    for each in (lead, made):
        each.expert.employer_id = first_employer(proposal).id
    proposal.decided_at = LATER
    db.session.flush()
    assert services.recheck("proposal", proposal.id, now=LATER)["pairs"] == 0
    proposal.decided_at = None
    db.session.flush()
    assert services.recheck("proposal", proposal.id, now=LATER) == {"pairs": 1, "closed": 1, "to_decide": 0}


def test_the_page_shows_what_the_expert_had_opened_and_a_refusal_closes_the_proposal(app, client, clock, scene):
    proposal, (_, made), manager = scene
    file = proposal.attachments[0].document
    for hours in (1, 5):
        documents.opened(file, actor=expert_actor(made.expert.account), now=LATER + timedelta(hours=hours))
    worked_at(made.expert, first_employer(proposal).legal_name, ended=LAST_YEAR)
    work()
    db.session.commit()
    account = db.session.get_one(type(made.expert.account), manager.id)
    clock.instant = LATER + timedelta(days=1)
    signed_in(client, account, now=clock.instant)
    address = f"/manage/topics/{proposal.topic.identifier}/conflicts"
    pool = client.get(f"/manage/topics/{proposal.topic.identifier}/experts").text
    assert "1 of them waits for a decision" in pool
    page = client.get(address).text
    assert "Zoe Simic" in page
    assert file.name in page
    assert "2 times, " in page
    found = db.session.scalar(select(FoundConflict.id))
    client.post(f"{address}/{found}", data={"decision": "forbid", "reason": ""})
    assert made.state is AssignmentState.ACCEPTED
    client.post(f"{address}/{found}", data={"decision": "forbid", "reason": "Too close"})
    db.session.refresh(made)
    assert made.state is AssignmentState.CONFLICTED
    page = client.get(address).text
    assert "Closed to the expert" in page
    assert "Too close" in page
    signed_in(client, made.expert.account, now=clock.instant)
    assert client.get(address).status_code == 404


def test_no_other_topics_conflict_is_decided_on_from_here(app, client, clock, scene):
    proposal, (_, made), _ = scene
    worked_at(made.expert, first_employer(proposal).legal_name, ended=LAST_YEAR)
    work()
    account, _ = manager_of(other := topic())
    db.session.commit()
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    found = db.session.scalar(select(FoundConflict.id))
    answer = client.post(f"/manage/topics/{other.identifier}/conflicts/{found}", data={"decision": "allow"})
    assert answer.status_code == 404


def test_the_page_takes_the_same_few_statements_however_many_conflicts(app, client, clock, scene):
    proposal, (lead, made), manager = scene
    account = db.session.get_one(type(made.expert.account), manager.id)
    clock.instant = LATER
    address = f"/manage/topics/{proposal.topic.identifier}/conflicts"
    taken = []
    for each in (made, lead):
        documents.opened(proposal.attachments[0].document, actor=expert_actor(each.expert.account), now=LATER)
        worked_at(each.expert, first_employer(proposal).legal_name, ended=LAST_YEAR)
        work()
        db.session.commit()
        signed_in(client, account, now=LATER)
        taken.append(statements(client, address))
    assert taken[0] == taken[1] <= 8
