"""The desk of an expert who judges in a new round: what they see when, their report, conflicts; committees advise."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from grants.calls.states import Blind
from grants.db import db
from grants.experts.models import Employment
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.ranking import services as ranking
from grants.ranking.states import Decision
from grants.redress import desk_queries as queries
from grants.redress import desks, round_queries, rounds
from grants.redress import queries as requests
from grants.redress import services as redress
from grants.redress.states import DeskState, Says
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.people import person, signed_in
from tests.factories.ranking import decided
from tests.factories.redress import asked, manager_for, reported, ruled, with_committee
from tests.factories.shared import once

THEN = LATER + timedelta(days=1)
GOOD = {"excellence": "4", "impact": "4", "implementation": "3.5"}
SOUND = "The methods are sound throughout."
FAIR = {"excellence": "4", "impact": "3.5", "implementation": "3.5"}


@once
def scene(app, clock):
    """Excellence of a reserve-list proposal is judged again by three experts who are new to it."""
    clock.instant = THEN
    of = topic(budget=Decimal(400_000))
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    _, proposal = (evaluated(of, pool, scores, manager=manager) for scores in (GOOD, FAIR))
    ranked = decided(ranking.compute_ranking(of, actor=manager, now=LATER), manager=manager, now=LATER)
    ranking.send_letters(ranked, count=2, actor=manager, now=LATER)
    asked(proposal, now=THEN)
    ruled(proposal, Says.ADMISSIBLE, now=THEN)
    with_committee(proposal, now=THEN)
    ruled(proposal, Says.PARTLY, criteria=("excellence",), now=THEN)
    fresh = accepted(of, *(expert(f"New Judge {name}") for name in "ABC"), manager=manager)
    for each in fresh:
        opened = round_queries.opened_round(manager, proposal.number, locked=True)
        rounds.name_expert(opened, each.id, actor=manager, now=THEN)
    return proposal, round_queries.opened_round(manager, proposal.number).round.experts, account, manager


def test_the_expert_declares_reads_writes_and_hands_in(scene, client):
    proposal, (row, *_), _, _ = scene
    browser = signed_in(client, row.expert.account, now=THEN)
    assert f"Proposal {proposal.number}" in browser.get("/").text
    address = f"/rejudging/{row.id}"
    page = browser.get(address).text
    assert "is there a conflict of interest?" in page
    assert browser.get(f"{address}/files/{proposal.attachments[0].document.public_id}").status_code == 403
    assert "Confirm that you have no conflict" in browser.post(f"{address}/accept").text
    browser.post(f"{address}/accept", data={"declared": "y"})
    page = browser.get(address).text
    assert "Excellence reasons" in page
    assert "Impact reasons" not in page
    saved = browser.post(f"{address}/save", data={"version": "1", "scores.excellence.score": "4,5"})
    assert saved.json["version"] == 2
    missing = browser.post(f"{address}/hand-in", data={"version": "2", "scores.excellence.score": "4.5"})
    assert missing.status_code == 422
    sent = {
        "version": "3",
        "scores.excellence.score": "4.5",
        "scores.excellence.comment": "The methods are sound throughout.",
    }
    assert browser.post(f"{address}/hand-in", data=sent).status_code == 302
    page = browser.get(address).text
    assert "Handed in" in page
    assert SOUND in page
    assert browser.post(f"{address}/save", data=sent).status_code == 403


def test_a_score_outside_the_scale_is_refused_at_its_field_and_two_tabs_do_not_overwrite(scene):
    _, (row, *_), _, _ = scene
    who = expert_actor(row.expert.account)
    desks.accept(queries.open_desk(who, row.id), declared=True, actor=who, now=THEN)
    desk = queries.open_desk(who, row.id, locked=True)
    with pytest.raises(Invalid) as wrong:
        desks.save(desk, {"scores.excellence.score": "7"}, seen=1, actor=who, now=THEN)
    assert [each.place for each in wrong.value.findings] == ["scores.excellence.score"]
    desks.save(desk, {"scores.excellence.comment": "First tab."}, seen=1, actor=who, now=THEN)
    with pytest.raises(Stale) as stale:
        desks.save(desk, {"scores.excellence.comment": "Second tab."}, seen=1, actor=who, now=THEN)
    assert stale.value.current["scores.excellence.comment"] == "First tab."
    assert stale.value.yours["scores.excellence.comment"] == "Second tab."


def test_nobody_reads_another_s_desk_and_managers_read_what_is_handed_in(scene, client):
    proposal, (first, second, _), account, _ = scene
    reported(first.id, first.expert, {"excellence": "3.5"}, now=THEN)
    with pytest.raises(NotFound):
        queries.open_desk(expert_actor(second.expert.account), first.id)
    page = signed_in(client, second.expert.account, now=THEN).get(f"/rejudging/{second.id}").text
    assert "New Judge A" not in page
    assert "Judged from the text alone." not in page
    page = signed_in(client, account, now=THEN).get(f"/manage/redress/{proposal.number}/round").text
    assert "Judged from the text alone." in page
    assert "Report handed in" in page


def test_scores_are_proposed_only_when_all_reports_are_in(scene):
    proposal, rows, _, manager = scene
    for each in rows[:2]:
        reported(each.id, each.expert, {"excellence": "5"}, now=THEN)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    texts = {"excellence": ("5", "Agreed by all three of them.")}
    rounds.save_scores(opened, texts, agreement="In a meeting.", seen=1, actor=manager, now=THEN)
    with pytest.raises(Invalid, match="1 of 3 experts have not handed in"):
        rounds.propose_result(opened, Decision.RESERVE, reason="So it is.", seen=2, actor=manager, now=THEN)
    reported(rows[2].id, rows[2].expert, {"excellence": "5"}, now=THEN)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    rounds.propose_result(opened, Decision.RESERVE, reason="So it is.", seen=2, actor=manager, now=THEN)


def test_who_steps_back_sees_nothing_any_more_and_does_not_count(scene, client):
    proposal, (row, *_), account, manager = scene
    browser = signed_in(client, row.expert.account, now=THEN)
    address = f"/rejudging/{row.id}"
    assert browser.post(f"{address}/conflict").status_code == 422
    browser.post(f"{address}/conflict", data={"reason": "My former student."})
    assert browser.get(address).status_code == 404
    assert f"Proposal {proposal.number}" not in browser.get("/").text
    told = db.session.scalars(select(Letter).where(Letter.kind == "redress_stepped_back")).all()
    assert told
    page = signed_in(client, account, now=THEN).get(f"/manage/redress/{proposal.number}/round").text
    assert "My former student." in page
    with pytest.raises(NotFound):
        opened = round_queries.opened_round(manager, proposal.number, locked=True)
        rounds.remove_expert(opened, row.expert_id, actor=manager, now=THEN)


def test_a_conflict_that_is_found_since_closes_the_desk_at_once(scene, client):
    proposal, (row, *_), _, _ = scene
    who = expert_actor(row.expert.account)
    desks.accept(queries.open_desk(who, row.id), declared=True, actor=who, now=THEN)
    applicant = proposal.participants[0].organisation
    job = Employment(name=applicant.legal_name, organisation_id=applicant.id, began_on=THEN.date())
    row.expert.jobs.append(job)
    db.session.flush()
    assert signed_in(client, row.expert.account, now=THEN).get(f"/rejudging/{row.id}").status_code == 404
    assert (row.state, applicant.legal_name in row.conflict) == (DeskState.CONFLICTED, True)


def test_in_a_blind_evaluation_the_new_experts_learn_no_name_either(scene, client):
    proposal, (row, *_), _, _ = scene
    proposal.topic.blind = Blind.ALL
    db.session.flush()
    who = expert_actor(row.expert.account)
    browser = signed_in(client, row.expert.account, now=THEN)
    names = [each.organisation.legal_name for each in proposal.participants] + [proposal.acronym]
    for _ in range(2):
        page = browser.get(f"/rejudging/{row.id}").text
        assert [name for name in names if name in page] == []
        if row.state is DeskState.ASKED:
            desks.accept(queries.open_desk(who, row.id), declared=True, actor=who, now=THEN)


def test_after_the_confirmation_the_desk_is_closed(scene):
    proposal, rows, _, manager = scene
    for each in rows:
        reported(each.id, each.expert, {"excellence": "5"}, now=THEN)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    rounds.save_scores(
        opened,
        {"excellence": ("5", "Agreed by all three of them.")},
        agreement="In a meeting.",
        seen=1,
        actor=manager,
        now=THEN,
    )
    rounds.propose_result(opened, Decision.RESERVE, reason="So it is.", seen=2, actor=manager, now=THEN)
    second = manager_for(proposal.topic)
    opened = round_queries.opened_round(second, proposal.number, locked=True)
    rounds.confirm_result(opened, seen=3, actor=second, now=THEN)
    with pytest.raises(NotFound):
        queries.open_desk(expert_actor(rows[0].expert.account), rows[0].id)


def test_a_manager_on_the_committee_neither_proposes_nor_confirms(app, clock):
    clock.instant = THEN
    of = topic(budget=Decimal(400_000))
    _, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, FAIR, manager=manager)
    ranked = decided(ranking.compute_ranking(of, actor=manager, now=LATER), manager=manager, now=LATER)
    ranking.send_letters(ranked, count=1, actor=manager, now=LATER)
    asked(proposal, now=THEN)
    ruled(proposal, Says.ADMISSIBLE, now=THEN)
    member, *_ = with_committee(proposal, now=THEN)
    other = manager_for(of)

    def says(who):
        opened = requests.opened(who, proposal.number)
        redress.propose_ruling(opened, Says.CONFIRMED, criteria=(), reason="So.", actor=who, now=THEN)

    with pytest.raises(Refused, match="You are on the committee"):
        redress.propose_ruling(
            requests.opened(member, proposal.number),
            Says.CONFIRMED,
            criteria=(),
            reason="So.",
            actor=member,
            now=THEN,
        )
    redress.propose_ruling(
        requests.opened(other, proposal.number), Says.CONFIRMED, criteria=(), reason="So.", actor=other, now=THEN
    )
    with pytest.raises(Refused, match="You are on the committee"):
        redress.confirm_ruling(requests.opened(member, proposal.number), actor=member, now=THEN)


def test_strangers_find_no_desk(scene, client):
    _, (row, *_), account, _ = scene
    for who in (account, person()):
        assert signed_in(client, who, now=THEN).get(f"/rejudging/{row.id}").status_code == 404


def agreed(proposal, manager, *, seen=1):
    """The scores of the round, written down; the round as it is then."""
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    texts = {"excellence": ("5", "Agreed by all three of them.")}
    rounds.save_scores(opened, texts, agreement="In a meeting.", seen=seen, actor=manager, now=THEN)
    return opened


def test_a_round_goes_on_when_somebody_else_is_named_for_who_stepped_back(scene):
    proposal, rows, _, manager = scene
    gone = rows[0]
    applicant = proposal.participants[0].organisation
    gone.expert.jobs.append(Employment(name=applicant.legal_name, organisation_id=applicant.id, began_on=THEN.date()))
    db.session.flush()
    desks.close_conflicted(queries.open_desk(expert_actor(gone.expert.account), gone.id, locked=True), now=THEN)
    (fresh,) = accepted(proposal.topic, expert("New Judge D"), manager=manager)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    rounds.name_expert(opened, fresh.id, actor=manager, now=THEN)
    for each in opened.round.experts:
        if each.state is DeskState.ASKED:
            reported(each.id, each.expert, {"excellence": "5"}, now=THEN)
    opened = agreed(proposal, manager)
    rounds.propose_result(opened, Decision.RESERVE, reason="So it is.", seen=2, actor=manager, now=THEN)


def test_who_steps_back_after_the_proposal_stands_against_the_confirmation(scene):
    proposal, rows, _, manager = scene
    for each in rows:
        reported(each.id, each.expert, {"excellence": "5"}, now=THEN)
    opened = agreed(proposal, manager)
    rounds.propose_result(opened, Decision.RESERVE, reason="So it is.", seen=2, actor=manager, now=THEN)
    who = expert_actor(rows[0].expert.account)
    desks.step_back(queries.open_desk(who, rows[0].id, locked=True), reason="A cousin.", actor=who, now=THEN)
    second = manager_for(proposal.topic)
    with pytest.raises(Invalid, match="at least 3 experts, it has 2"):
        rounds.confirm_result(
            round_queries.opened_round(second, proposal.number, locked=True), seen=3, actor=second, now=THEN
        )


def test_a_report_that_is_handed_in_stays_with_the_round(scene):
    proposal, rows, _, manager = scene
    reported(rows[0].id, rows[0].expert, {"excellence": "2"}, now=THEN)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    with pytest.raises(Refused, match="stays with the round"):
        rounds.remove_expert(opened, rows[0].expert_id, actor=manager, now=THEN)


def test_a_conflict_found_since_closes_the_desk_to_posts_too(scene, client):
    proposal, (row, *_), _, _ = scene
    applicant = proposal.participants[0].organisation
    row.expert.jobs.append(Employment(name=applicant.legal_name, organisation_id=applicant.id, began_on=THEN.date()))
    db.session.commit()
    browser = signed_in(client, row.expert.account, now=THEN)
    assert browser.post(f"/rejudging/{row.id}/accept", data={}).status_code == 404
    assert row.state is DeskState.CONFLICTED


def test_the_trail_tells_nothing_of_a_round_before_it_is_confirmed(scene, client):
    _, (row, *_), _, _ = scene
    who = expert_actor(row.expert.account)
    desks.step_back(queries.open_desk(who, row.id, locked=True), reason="SecretTie.", actor=who, now=THEN)
    auditor = person("", Role.AUDITOR)
    db.session.commit()
    page = signed_in(client, auditor, now=THEN).get("/audit").text
    assert "SecretTie." not in page
    assert "redress_round" not in page
