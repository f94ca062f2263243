"""A request for a review on PostgreSQL, from the draft to the outcome; who reads what."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.proposals.models import Member
from grants.proposals.states import MemberRole
from grants.ranking import queries as ranked
from grants.ranking import services as ranking
from grants.redress import queries, services
from grants.redress.models import Ruling
from grants.redress.states import RequestState, Says
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.ranking import decided
from tests.factories.redress import TEXT, asked, contact_of, manager_for, ruled, with_committee
from tests.factories.shared import once

DAY = timedelta(days=1)
THEN = LATER + DAY
MS = timedelta(milliseconds=1)


@once
def scene(app):
    """Two results whose letters are sent: one funded, one above the thresholds and on the reserve list."""
    of = topic(budget=Decimal(500_000))
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    good, fair = (
        evaluated(of, pool, dict(zip(("excellence", "impact", "implementation"), scores, strict=True)),
                  manager=manager)
        for scores in (("5", "4.5", "4"), ("4", "4", "3.5"))
    )  # fmt: skip
    made = ranking.compute_ranking(of, actor=manager, now=LATER)
    decided(made, manager=manager, now=LATER)
    ranking.send_letters(made, count=2, actor=manager, now=LATER)
    db.session.commit()
    return of, (account, manager), good, fair


def kinds():
    return sorted(db.session.scalars(select(Letter.kind).where(Letter.kind.like("redress%"))))


def own_of(proposal, now=THEN):
    _, actor = contact_of(proposal)
    return queries.own(actor, proposal.number, now=now), actor


def test_what_is_typed_is_kept_and_sent_once_with_a_receipt(scene):
    *_, fair = scene
    own, actor = own_of(fair)
    services.save_request(own, {"text": "Half a sen"}, seen=0, actor=actor, now=THEN)
    own, actor = own_of(fair)
    assert (own.request.state, own.request.text, own.request.version) == (RequestState.DRAFT, "Half a sen", 1)
    with pytest.raises(Stale):
        services.save_request(own, TEXT, seen=0, actor=actor, now=THEN)
    with pytest.raises(Invalid) as missing:
        services.send_request(own, {"text": ""}, seen=1, actor=actor, now=THEN)
    assert [each.code for each in missing.value.findings] == ["no-subject", "no-text"]

    services.send_request(own, TEXT, seen=own.request.version, actor=actor, now=THEN)
    assert kinds().count("redress_receipt") == 1
    assert "redress_asked" in kinds()
    with pytest.raises(Refused) as again:
        services.send_request(own, TEXT, seen=own.request.version, actor=actor, now=THEN)
    assert again.value.code == "asked-already"


def test_late_by_one_millisecond_is_late(scene):
    *_, fair = scene
    own, actor = own_of(fair)
    until = own.notice.redress_until
    with pytest.raises(Refused) as late:
        services.send_request(own, TEXT, seen=0, actor=actor, now=until)
    assert late.value.code == "late"
    assert services.send_request(own, TEXT, seen=0, actor=actor, now=until - MS).sent_at == until - MS


def test_the_time_runs_from_the_opening(scene):
    *_, fair = scene
    own, actor = own_of(fair)
    unopened = own.notice.redress_until
    ranking.note_opened(ranked.result_of(fair), member=MemberRole.MAIN_CONTACT, actor=actor, now=THEN)
    assert unopened - own_of(fair)[0].notice.redress_until == 9 * DAY


def test_only_the_main_contact_finds_the_form(scene, client, clock):
    _, (manager, _), _, fair = scene
    clock.instant = THEN
    reader = person()
    account, _ = contact_of(fair)
    db.session.add(Member(proposal_id=fair.id, account_id=reader.id, role=MemberRole.CONTACT))
    db.session.commit()
    for who in (reader, person(), manager):
        assert signed_in(client, who, now=THEN).get(f"/proposals/{fair.number}/review").status_code == 404
    page = signed_in(client, account, now=THEN).get(f"/proposals/{fair.number}/review")
    assert page.status_code == 200
    assert "scientific or technical judgement" in page.text


def test_the_form_keeps_what_is_wrong_and_sends_what_is_right(scene, client, clock, app):
    *_, fair = scene
    clock.instant, app.config["WTF_CSRF_ENABLED"] = THEN, False
    account, _ = contact_of(fair)
    browser = signed_in(client, account, now=THEN)
    address = f"/proposals/{fair.number}/review"
    saved = browser.post(f"{address}/save", data={"version": "0", "text": "Half"}, headers={"X-Autosave": "1"})
    assert saved.json["version"] == 1
    wrong = browser.post(f"{address}/send", data={"version": "1", "subject": "step", "text": ""})
    assert wrong.status_code == 422
    assert "Describe what went wrong" in wrong.text
    stale = browser.post(f"{address}/send", data={"version": "0"} | TEXT)
    assert (stale.status_code, TEXT["text"] in stale.text) == (409, True)
    assert browser.post(f"{address}/send", data={"version": "1"} | TEXT).status_code == 302
    page = browser.get(address).text
    assert "Admissibility to decide" in page
    assert TEXT["text"] in page
    assert "Your request for a review" in browser.get(f"/proposals/{fair.number}/result").text


@pytest.mark.parametrize("ending", ["", "/send"])
def test_a_change_elsewhere_loses_nothing_that_was_typed(scene, client, clock, app, ending):
    *_, fair = scene
    clock.instant, app.config["WTF_CSRF_ENABLED"] = THEN, False
    account, _ = contact_of(fair)
    browser = signed_in(client, account, now=THEN)
    address = f"/proposals/{fair.number}/review"
    kept = {"version": "0", "subject": "step", "criterion": "excellence", "text": "Elsewhere"}
    assert browser.post(address, data=kept).status_code == 302
    mine = {"version": "0", "subject": "criterion", "criterion": "impact", "text": "Mine"}
    page = browser.post(f"{address}{ending}", data=mine)
    assert page.status_code == 409
    chosen = re.findall(r"<(?:option|input)[^>]*\b(?:selected|checked)\b[^>]*>", page.text)
    assert [re.findall(r'value="([^"]*)"', each) for each in chosen] == [["criterion"], ["impact"]]
    assert "Mine</textarea>" in page.text
    conflict = page.text.split("This is what is kept now")[1].split("Save again")[0]
    assert "Another step of the procedure" in conflict
    assert "Elsewhere" in conflict


def test_a_draft_is_the_main_contacts_alone(scene):
    of, (_, manager), _, fair = scene
    own, actor = own_of(fair)
    services.save_request(own, TEXT, seen=0, actor=actor, now=THEN)
    with pytest.raises(NotFound):
        queries.opened(manager, fair.number)
    assert db.session.scalars(queries.requests(manager)).all() == []
    assert queries.under_review(of.id) == (0, 0)


def test_a_request_that_is_withdrawn_is_closed_for_good(scene):
    *_, fair = scene
    asked(fair, now=THEN)
    own, actor = own_of(fair)
    services.withdraw_request(own, actor=actor, now=THEN)
    assert (own.request.state, own.request.closed_at) == (RequestState.WITHDRAWN, THEN)
    assert "redress_withdrawn" in kinds()
    with pytest.raises(Refused):
        services.withdraw_request(own, actor=actor, now=THEN)
    with pytest.raises(Refused):
        asked(fair, now=THEN)


def test_withdrawing_ends_what_waits_for_a_confirmation(scene):
    of, _, _, fair = scene
    asked(fair, now=THEN)
    first, second = manager_for(of), manager_for(of)
    services.propose_ruling(
        queries.opened(first, fair.number), Says.ADMISSIBLE, criteria=(), reason="x", actor=first, now=THEN
    )
    own, actor = own_of(fair)
    services.withdraw_request(own, actor=actor, now=THEN)
    with pytest.raises(Refused):
        services.confirm_ruling(queries.opened(second, fair.number), actor=second, now=THEN)


def test_admissibility_takes_two_managers_and_a_reason(scene):
    of, _, _, fair = scene
    asked(fair, now=THEN)
    first, second = manager_for(of), manager_for(of)
    opened = queries.opened(first, fair.number)
    for says, reason in ((Says.FULLY, "x"), (None, "x"), (Says.INADMISSIBLE, " ")):
        with pytest.raises(Invalid):
            services.propose_ruling(opened, says, criteria=(), reason=reason, actor=first, now=THEN)
    services.propose_ruling(opened, Says.INADMISSIBLE, criteria=(), reason="A score.", actor=first, now=THEN)
    with pytest.raises(Refused) as alone:
        services.confirm_ruling(queries.opened(first, fair.number), actor=first, now=THEN)
    assert alone.value.code == "four-eyes"
    services.send_back_ruling(queries.opened(second, fair.number), reason="Read again", actor=second, now=THEN)
    services.propose_ruling(
        queries.opened(second, fair.number), Says.INADMISSIBLE, criteria=(), reason="A score.", actor=second, now=THEN
    )
    services.confirm_ruling(queries.opened(first, fair.number), actor=first, now=THEN)
    assert queries.request_of(fair.id).state is RequestState.INADMISSIBLE
    assert "A score." in db.session.scalar(select(Letter.body).where(Letter.kind == "redress_inadmissible"))


@pytest.mark.slow
def test_the_database_refuses_a_ruling_of_one_person(scene):
    *_, fair = scene
    asked(fair, now=THEN)
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(update(Ruling).values(answered_by_id=Ruling.proposed_by_id))


def test_nobody_who_was_involved_sits_on_the_committee(scene):
    of, (account, _), _, fair = scene
    asked(fair, now=THEN)
    first = manager_for(of)
    with pytest.raises(Refused) as early:
        services.name_member(queries.opened(first, fair.number), account.id, actor=first, now=THEN)
    assert early.value.code == "not-admissible"
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    db.session.commit()
    involved = queries.involvement(fair)
    assert account.id in involved.moderators  # opened and approved the consensus
    assert account.id in involved.deciders
    assert (len(involved.deciders), len(involved.experts)) == (2, 3)
    with pytest.raises(Invalid) as refused:
        services.name_member(queries.opened(first, fair.number), account.id, actor=first, now=THEN)
    assert refused.value.findings[0].code == "involved"
    with pytest.raises(Invalid):
        services.name_member(queries.opened(first, fair.number), person().id, actor=first, now=THEN)
    services.name_member(queries.opened(first, fair.number), first.id, actor=first, now=THEN)
    with pytest.raises(Invalid) as twice:
        services.name_member(queries.opened(first, fair.number), first.id, actor=first, now=THEN)
    assert twice.value.findings[0].code == "member-already"
    assert kinds().count("redress_named") == 1


def test_an_outcome_needs_committee_and_opinion_then_two_managers(scene):
    of, _, _, fair = scene
    asked(fair, now=THEN)
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    first = manager_for(of)
    with pytest.raises(Invalid) as alone:
        services.propose_ruling(
            queries.opened(first, fair.number), Says.CONFIRMED, criteria=(), reason="x", actor=first, now=THEN
        )
    assert {each.code for each in alone.value.findings} == {"committee-too-small", "no-opinion"}
    with_committee(fair, now=THEN)
    ruled(fair, Says.PARTLY, criteria=("excellence", "impact"), now=THEN + DAY)
    request = queries.request_of(fair.id)
    assert (request.state, request.closed_at) == (RequestState.DECIDED, THEN + DAY)
    body = db.session.scalar(select(Letter.body).where(Letter.kind == "redress_outcome"))
    assert "- Excellence" in body
    assert "- Impact" in body


def test_what_cannot_change_the_result_is_not_evaluated_again(scene):
    _, _, good, _ = scene
    asked(good, now=THEN)
    ruled(good, Says.ADMISSIBLE, now=THEN)
    with_committee(good, now=THEN)
    with pytest.raises(Invalid) as nothing:
        ruled(good, Says.FULLY, now=THEN)
    assert nothing.value.findings[0].code == "changes-nothing"
    ruled(good, Says.CONFIRMED, now=THEN)


def test_only_members_write_the_opinion(scene):
    of, _, _, fair = scene
    asked(fair, now=THEN)
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    members, other = with_committee(fair, now=THEN), manager_for(of)
    with pytest.raises(Refused) as refused:
        services.note_opinion(queries.opened(other, fair.number), "x", seen=1, actor=other, now=THEN)
    assert refused.value.code == "no-member"
    with pytest.raises(Stale):
        services.note_opinion(queries.opened(members[1], fair.number), "x", seen=0, actor=members[1], now=THEN)


def test_members_from_other_programmes_see_this_request_and_no_other(scene):
    _, _, good, fair = scene
    for each in (good, fair):
        asked(each, now=THEN)
        ruled(each, Says.ADMISSIBLE, now=THEN)
    stranger = manager_for(topic())
    first = manager_for(fair.topic)
    assert db.session.scalars(queries.requests(stranger)).all() == []
    services.name_member(queries.opened(first, fair.number), stranger.id, actor=first, now=THEN)
    assert [each.proposal_id for each in db.session.scalars(queries.requests(stranger))] == [fair.id]
    assert queries.opened(stranger, fair.number).request.proposal_id == fair.id
    with pytest.raises(NotFound):
        queries.opened(stranger, good.number)


def test_auditors_read_and_do_not_rule(scene):
    *_, fair = scene
    asked(fair, now=THEN)
    auditor = actor_of(person("", Role.AUDITOR), Role.AUDITOR)
    opened = queries.opened(auditor, fair.number)
    with pytest.raises(NotFound):
        services.propose_ruling(opened, Says.ADMISSIBLE, criteria=(), reason="x", actor=auditor, now=THEN)
    assert len(db.session.scalars(queries.requests(auditor)).all()) == 1


def test_the_contact_reads_the_reason_but_never_the_committee(scene, client, clock):
    *_, fair = scene
    asked(fair, now=THEN)
    ruled(fair, Says.ADMISSIBLE, now=THEN)
    members = with_committee(fair, now=THEN)
    ruled(fair, Says.CONFIRMED, now=THEN)
    account, _ = contact_of(fair)
    db.session.commit()
    clock.instant = THEN
    page = signed_in(client, account, now=THEN).get(f"/proposals/{fair.number}/review").text
    assert "As the committee found." in page
    assert "The step was left out." not in page
    assert not any(each.name in page for each in members)


def test_the_managers_pages_show_clock_chance_and_money(scene, client, clock):
    of, (account, _), _, fair = scene
    asked(fair, now=THEN)
    db.session.commit()
    clock.instant = THEN
    browser = signed_in(client, account, now=THEN)
    page = browser.get(f"/manage/redress/{fair.number}").text
    assert "All criteria again: The best possible ranking score is 15" in page
    assert "Answer due" in page
    assert str(fair.number) in browser.get("/manage/redress").text
    assert str(fair.number) in browser.get("/").text
    assert "1 proposal under review" in browser.get(f"/manage/topics/{of.identifier}/ranking").text
    assert queries.under_review(of.id) == (1, Decimal(375_000))
    clock.instant = THEN + 62 * DAY
    page = signed_in(client, account, now=clock.instant).get("/manage/redress").text
    assert re.search(r">Late</\w+> since \w{3} \d+ \w{3} \d{4}, \d\d:\d\d Brussels time", page)
