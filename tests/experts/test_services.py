"""Conflicts on PostgreSQL: what is declared and typed is found, decided on, and closes a proposal at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from grants.db import db
from grants.evaluation import services as evaluating
from grants.evaluation.states import AssignmentState
from grants.experts import services
from grants.experts.rules import lines, terms
from grants.experts.states import ProfileState
from grants.kernel.errors import Invalid, NotFound, Refused
from grants.notifications.models import Letter
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, manager_of
from tests.factories.people import organisation, signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once


@once
def scene(app):
    of = topic()
    _, manager = manager_of(of)
    proposal = submitted(of)
    (found,) = accepted(of, expert("Zoe Simic"), manager=manager)
    return proposal, found, manager


def worked_at(found, name, *, ended="", department="", pic=""):
    jobs, wrong = lines.jobs(f"2010-01 | {ended} | {name} | {department} | {pic}")
    assert wrong == []
    services.change_background(
        found, nationality="BE", sector="academia", orcid="0000-0002-1825-0097", jobs=jobs, publications=[],
        actor=expert_actor(found.account), now=LATER,
    )  # fmt: skip


def codes(proposal, found, *, now=LATER):
    return [each.code for each in evaluating.assignment_problems(proposal, found, now=now)]


def test_a_former_employer_blocks_until_an_officer_allows_it_and_again_when_that_is_taken_back(scene):
    proposal, found, manager = scene
    worked_at(found, proposal.participants[0].organisation.legal_name, ended=f"{LATER.date() - timedelta(days=400)}")
    assert codes(proposal, found) == ["conflict-former-employer"]
    with pytest.raises(Invalid):
        evaluating.assign(proposal, found, actor=manager, now=LATER)

    ties = evaluating.weighed(proposal, found, now=LATER).found
    services.decide_conflict(proposal, found, ties, allow=True, reason="Long ago", actor=manager, now=LATER)
    assert codes(proposal, found) == []

    services.take_back_decision(proposal, found, actor=manager, now=LATER)
    assert codes(proposal, found) == ["conflict-former-employer"]

    services.decide_conflict(proposal, found, ties, allow=False, reason="Too close", actor=manager, now=LATER)
    assert codes(proposal, found) == ["conflict-forbidden", "conflict-former-employer"]


def test_an_allowance_does_not_cover_what_is_found_later(scene):
    proposal, found, manager = scene
    name = proposal.participants[0].organisation.legal_name
    worked_at(found, name, ended=f"{LATER.date() - timedelta(days=400)}")
    ties = evaluating.weighed(proposal, found, now=LATER).found
    services.decide_conflict(proposal, found, ties, allow=True, reason="Long ago", actor=manager, now=LATER)
    who = expert_actor(found.account)
    services.declare_interests(found, [("professional", name)], declared=True, actor=who, now=LATER)
    assert codes(proposal, found) == ["conflict-tie-professional"]


def test_nobody_allows_what_disqualifies_or_decides_without_a_reason_or_from_outside(scene):
    proposal, found, manager = scene
    worked_at(found, "Works there", pic=proposal.participants[0].organisation.pic)
    ties = evaluating.weighed(proposal, found, now=LATER).found
    assert [(each.code, each.disqualifying) for each in ties] == [("employer", True)]
    for allow, reason, actor, error in (
        (True, "Please", manager, Invalid), (False, " ", manager, Invalid),
        (False, "No", expert_actor(found.account), Refused),
    ):  # fmt: skip
        with pytest.raises(error):
            services.decide_conflict(proposal, found, ties, allow=allow, reason=reason, actor=actor, now=LATER)


def test_a_name_in_part_a_is_found_in_the_submitted_version(scene):
    proposal, found, _ = scene
    version = proposal.submissions[-1]
    row = {"people": [{"first": "Zoë", "last": "Šimić", "career": "A"}]}
    version.content = {**version.content, "part_a": {"researchers": row}}
    db.session.flush()
    assert codes(proposal, found) == ["conflict-named"]


def test_a_declaration_out_of_date_blocks_new_assignments_and_a_new_one_opens_them(scene):
    proposal, found, _ = scene
    late = NOW + timedelta(days=366)
    assert codes(proposal, found, now=late) == ["declaration"]
    services.declare_interests(found, [], declared=True, actor=expert_actor(found.account), now=late)
    assert codes(proposal, found, now=late) == []


def test_a_conflict_found_since_closes_the_proposal_when_the_expert_opens_it(app, client, clock, scene):
    proposal, found, manager = scene
    (made,) = assigned(proposal, found, manager=manager)
    db.session.commit()
    clock.instant = LATER + timedelta(hours=1)
    signed_in(client, found.account, now=clock.instant)
    assert client.get(f"/evaluation/{made.id}").status_code == 200

    worked_at(found, proposal.participants[0].organisation.legal_name)
    db.session.commit()

    assert client.get(f"/evaluation/{made.id}").status_code == 404
    db.session.refresh(made)
    assert made.state is AssignmentState.CONFLICTED
    assert made.conflict.startswith("Works for")
    assert db.session.query(Letter).filter_by(kind="conflict_declared").count() == 1
    assert client.get(f"/evaluation/{made.id}").status_code == 404
    assert db.session.query(Letter).filter_by(kind="conflict_declared").count() == 1


@pytest.mark.parametrize(("orcid", "pic", "code"), [
    ("0000-0002-1825-0098", "", "orcid"), ("", "999999999", "job-pic"),
])  # fmt: skip
def test_wrong_identifiers_are_told_and_nothing_is_kept(scene, orcid, pic, code):
    _, found, _ = scene
    jobs, _ = lines.jobs(f"2020-01 | | Lab | Law | {pic}")
    with pytest.raises(Invalid) as problem:
        services.change_background(
            found, nationality="", sector="", orcid=orcid, jobs=jobs, publications=[],
            actor=expert_actor(found.account), now=LATER,
        )  # fmt: skip
    assert problem.value.code == code
    assert found.jobs == []


def test_a_new_employer_opens_a_validated_profile_again_and_nobody_else_writes_it(scene):
    _, found, manager = scene
    found.state = ProfileState.VALIDATED
    db.session.flush()
    worked_at(found, organisation().legal_name)
    assert found.state is ProfileState.ENTERED
    with pytest.raises(NotFound):
        services.declare_interests(found, [], declared=True, actor=manager, now=LATER)


@pytest.mark.parametrize(("read", "text"), [
    (lines.jobs, "2020 | | Lab"), (lines.jobs, "2020-01 | | "), (lines.publications, "24 | Title"),
    (lines.publications, "2024"), (lines.ties, "friend | Ana"), (lines.ties, "family |"),
])  # fmt: skip
def test_a_line_that_cannot_be_read_is_told_by_its_number(read, text):
    kept, wrong = read(f"\n{text}")
    assert kept == []
    assert wrong[0].message.startswith("Line 2:")


def test_the_pages_keep_what_is_typed_and_tell_what_is_wrong(app, client, clock, scene):
    app.config["WTF_CSRF_ENABLED"] = False
    _, found, _ = scene
    db.session.commit()
    clock.instant = LATER
    signed_in(client, found.account, now=LATER)
    good = {
        "nationality": "BE",
        "sector": "",
        "jobs": "2020-01 | | Lab | Law |",
        "publications": "2024 | Title | | Ana Petrov",
    }
    assert client.post("/evaluation/background", data=good).status_code == 302
    assert "2020-01-01 |  | Lab | Law | " in client.get("/evaluation/background").text
    wrong = client.post("/evaluation/background", data=good | {"jobs": "since long"})
    assert wrong.status_code == 422
    assert "Line 1:" in wrong.text
    declared = {"ties": "family | Ana Petrov", "declared": "y"}
    assert client.post("/evaluation/interests", data=declared).status_code == 302
    assert "family | Ana Petrov" in client.get("/evaluation/interests").text
    assert client.post("/evaluation/interests", data={"ties": "x"}).status_code == 422


@pytest.mark.parametrize(("own", "kept"), [("", terms.USUAL), ("Our contract", "Our contract")])
def test_the_terms_are_kept_as_they_were_accepted_and_the_training_is_asked_for(app, own, kept):
    of = topic()
    _, manager = manager_of(of)
    of.expert_terms, of.training = own, "Read both parts."
    (made,) = services.invite(of, [found := expert()], actor=manager, now=NOW)
    who = expert_actor(found.account)
    with pytest.raises(Invalid) as problem:
        services.answer_invitation(made, accept=True, trained=False, actor=who, now=NOW)
    assert problem.value.code == "not-trained"
    services.answer_invitation(made, accept=True, actor=who, now=NOW)
    of.expert_terms = "Changed since"
    assert (made.terms, made.terms_version, made.terms_at, made.trained_at) == (kept, terms.version(kept), NOW, NOW)
