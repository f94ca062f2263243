"""Availability, the load that experts choose, and the balance of a topic's experts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.assigning import facts
from grants.db import db
from grants.evaluation import services as evaluating
from grants.experts import pool_queries, services
from grants.experts.rules import Seat, away_throughout, balance, lines
from grants.kernel.errors import Invalid, NotFound
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, expert, expert_actor, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted

FIRST = date(2026, 1, 1)
_DAYS = st.integers(0, 20)


@given(st.lists(st.tuples(_DAYS, _DAYS).map(sorted), max_size=5), st.tuples(_DAYS, _DAYS).map(sorted))
def test_an_expert_is_away_throughout_where_every_single_day_lies_in_an_absence(periods, span):
    absences = [(FIRST + timedelta(days=a), FIRST + timedelta(days=b)) for a, b in periods]
    covered = {day for a, b in periods for day in range(a, b + 1)}
    expected = set(range(span[0], span[1] + 1)) <= covered
    assert away_throughout(absences, *(FIRST + timedelta(days=day) for day in span)) == expected


@pytest.mark.parametrize(("new", "total", "wanted", "met"), [
    (1, 4, 25, True), (1, 5, 25, False), (0, 4, 0, True), (4, 4, 100, True), (0, 0, 25, True),
])  # fmt: skip
def test_newcomers_are_enough_from_the_very_share_on(new, total, wanted, met):
    seats = [Seat("woman" if at % 2 else "", "BE", "", newcomer=at < new) for at in range(total)]
    counted = balance(seats, wanted=wanted)
    assert counted.enough_are_new is met
    assert sum(count for _, count in counted.gender) == counted.total == total


@pytest.mark.parametrize("text", ["2026-08-01", "2026-08-20 | 2026-08-01", "August | September"])
def test_days_that_cannot_be_read_are_told_by_their_line(text):
    assert lines.absences(f"\n{text}")[1][0].message.startswith("Line 2:")


def away(found, first, last):
    services.change_absences(found, [(first, last)], actor=expert_actor(found.account), now=NOW)


@pytest.mark.parametrize(("back", "codes"), [(0, ["away"]), (1, [])])
def test_who_is_away_until_the_report_is_due_gets_no_proposal_by_hand_or_from_the_solver(app, back, codes):
    of = topic()
    manager = manager_of(of)[1]
    proposal = submitted(of)
    (found,) = accepted(of, expert(), manager=manager)
    last = (LATER + timedelta(days=of.evaluation_days)).date() - timedelta(days=back)
    away(found, LATER.date(), last)
    assert [each.code for each in evaluating.assignment_problems(proposal, found, now=LATER)] == codes
    assert (facts.pool(of, now=LATER).fit[0][0] < 0) is bool(codes)


def test_a_later_day_for_the_report_lets_the_expert_take_it_after_all(app):
    of = topic()
    manager = manager_of(of)[1]
    proposal = submitted(of)
    (found,) = accepted(of, expert(), manager=manager)
    until = (LATER + timedelta(days=of.evaluation_days)).date()
    away(found, LATER.date(), until)
    with pytest.raises(Invalid):
        evaluating.assign(proposal, found, actor=manager, now=LATER)
    assert evaluating.assign(proposal, found, due_on=until + timedelta(days=9), actor=manager, now=LATER).id


def test_nobody_writes_anothers_absences(app):
    with pytest.raises(NotFound):
        services.change_absences(expert(), [], actor=expert_actor(expert().account), now=NOW)


@pytest.mark.parametrize(("takes", "kept"), [(None, 8), (3, 3), (8, 8), (9, None), (0, None)])
def test_an_expert_takes_fewer_proposals_than_asked_and_never_more(app, takes, kept):
    of = topic()
    (made,) = services.invite(of, [found := expert()], max_load=8, actor=manager_of(of)[1], now=NOW)
    who = expert_actor(found.account)
    if kept is None:
        with pytest.raises(Invalid) as problem:
            services.answer_invitation(made, accept=True, takes=takes, actor=who, now=NOW)
        assert problem.value.code == "takes"
        kept = 8
    else:
        services.answer_invitation(made, accept=True, takes=takes, actor=who, now=NOW)
    assert made.max_load == kept


def test_newcomers_accepted_nothing_in_the_programme_in_the_year_before(app):
    before = topic()
    of = topic(of=before.call.programme, deadline=before.deadline + timedelta(days=300))
    assert of.deadline.year == before.deadline.year + 1
    elsewhere = topic(deadline=before.deadline)
    old, new, stranger = expert(), expert(), expert()
    manager = manager_of(of)[1]
    accepted(before, old, manager=manager)
    services.invite(before, [new], actor=manager, now=NOW)
    accepted(elsewhere, stranger, manager=manager_of(elsewhere)[1])
    accepted(of, old, new, stranger, manager=manager)
    assert sorted(each.newcomer for each in pool_queries.pool(of)) == [False, True, True]


def test_the_pages_show_absences_and_the_balance(app, client, clock):
    app.config["WTF_CSRF_ENABLED"] = False
    of = topic()
    account, manager = manager_of(of)
    (found,) = accepted(of, expert(), manager=manager)
    db.session.commit()
    clock.instant = LATER
    signed_in(client, found.account, now=LATER)
    assert client.post("/evaluation/availability", data={"absences": "soon"}).status_code == 422
    days = f"{LATER.date()} | {LATER.date() + timedelta(days=3)}"
    assert client.post("/evaluation/availability", data={"absences": days}).status_code == 302
    assert days in client.get("/evaluation/availability").text
    signed_in(client, account, now=LATER)
    page = client.get(f"/manage/topics/{of.identifier}/experts").text
    assert "Enough are new" in page
    assert "1 of 1 accepted nothing in this programme" in page
    assert "1 (100 %)" in page


def test_the_form_of_the_invitation_keeps_the_load(app, client, clock):
    app.config["WTF_CSRF_ENABLED"] = False
    of = topic()
    (made,) = services.invite(of, [found := expert()], max_load=8, actor=manager_of(of)[1], now=NOW)
    db.session.commit()
    clock.instant = NOW
    signed_in(client, found.account, now=NOW)
    answer = {"answer": "accept", "declared": "y", "takes": "9"}
    assert client.post(f"/evaluation/invitations/{made.id}", data=answer).status_code == 422
    assert client.post(f"/evaluation/invitations/{made.id}", data=answer | {"takes": "2"}).status_code == 302
    db.session.refresh(made)
    assert made.max_load == 2
