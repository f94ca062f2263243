"""Who sees what when: the table's rules by property, and that pages and queries keep to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.audit.models import AuditEvent
from grants.db import db
from grants.evaluation import queries, services
from grants.evaluation.peers import peers
from grants.evaluation.visibility import (
    DEFAULT,
    OTHERS,
    Aspect,
    Phase,
    PhaseRule,
    Standing,
    phase_at,
    stored_of,
    table_findings,
    table_of,
    visible,
)
from grants.kernel.errors import NotFound, Refused
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

ALL = frozenset(Aspect)
moments = st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda past: datetime(2020, 1, 1, tzinfo=UTC) + past)
shown = st.frozensets(st.sampled_from(list(Aspect)))
tables = st.tuples(
    *(st.builds(PhaseRule, st.just(phase), shown, st.none() | moments) for phase in Phase)
)  # fmt: skip
standings = st.builds(Standing, *(st.booleans() for _ in range(4)))


@given(tables, moments, standings)
def test_no_table_shows_anything_of_others_before_the_own_report_is_handed_in(table, now, standing):
    if not standing.handed_in:
        assert not visible(table, now, standing) & OTHERS


@given(tables, moments, standings)
def test_no_table_shows_who_applies_to_somebody_who_still_has_to_judge(table, now, standing):
    if not standing.handed_in or phase_at(table, now, standing) is Phase.INDIVIDUAL:
        assert Aspect.APPLICANTS not in visible(table, now, standing)


def test_who_applies_is_shown_after_the_decision_unless_the_table_says_otherwise():
    done = Standing(handed_in=True, consensus=True, panel=True)
    at = datetime(2026, 6, 1, tzinfo=UTC)
    assert Aspect.APPLICANTS not in visible(DEFAULT, at, done)
    assert Aspect.APPLICANTS in visible(DEFAULT, at, replace(done, decided=True))


@given(tables, moments, standings)
def test_no_table_takes_the_own_report_away_before_the_decision(table, now, standing):
    if not standing.decided:
        assert Aspect.OWN in visible(table, now, standing)


@given(tables, moments, standings)
def test_nothing_is_shown_that_the_phase_does_not_show_but_the_own_report(table, now, standing):
    phase = phase_at(table, now, standing)
    allowed = next(rule.shows for rule in table if rule.phase is phase)
    assert visible(table, now, standing) <= allowed | {Aspect.OWN}


@given(tables, moments, standings, st.timedeltas(timedelta(0), timedelta(days=900)))
def test_time_never_leads_back_to_an_earlier_phase(table, now, standing, passed):
    order = list(Phase)
    before, after = (order.index(phase_at(table, at, standing)) for at in (now, now + passed))
    assert before <= after


@given(tables)
def test_a_stored_table_is_read_as_it_was(table):
    assert table_of(stored_of(table)) == table


def test_a_phase_begins_at_its_instant_and_not_a_moment_before():
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    table = (DEFAULT[0], PhaseRule(Phase.CONSENSUS, ALL, start), *DEFAULT[2:])
    early = phase_at(table, start - timedelta(microseconds=1), Standing(consensus=True))
    assert (early, phase_at(table, start, Standing())) == (Phase.INDIVIDUAL, Phase.CONSENSUS)


def test_phases_out_of_order_are_refused_at_the_later_one():
    at = datetime(2026, 6, 1, tzinfo=UTC)
    table = (
        DEFAULT[0], PhaseRule(Phase.CONSENSUS, ALL, at), PhaseRule(Phase.PANEL, ALL, at - timedelta(1)), DEFAULT[3],
    )  # fmt: skip
    assert [(each.code, each.place) for each in table_findings(table)] == [("order", "panel_starts")]


@once
def scene(app, clock):
    """Two experts handed in, the third has not; no consensus yet."""
    clock.instant = LATER
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ada Alpha"), expert("Ben Beta"), expert("Cleo Gamma"), manager=manager)
    made = assigned(submitted(of), *pool, manager=manager)
    handed_in(made[0], "4")
    handed_in(made[1], "3")
    return of, account, manager, made


def change(scene, phase, *shows, starts=None):
    of, _, manager, _ = scene
    table = tuple(PhaseRule(phase, frozenset(shows), starts) if rule.phase is phase else rule for rule in DEFAULT)
    services.set_visibility(of, table, seen=of.visibility_version, actor=manager, now=LATER)


def opened(assignment):
    return queries.open_assignment(expert_actor(assignment.expert.account), assignment.id, now=LATER)


def page(client, assignment, path):
    client = signed_in(client, assignment.expert.account, now=LATER)
    return client.get(f"/evaluation/{assignment.id}/{path}")


def test_during_individual_reports_the_others_are_closed_unless_the_table_opens_them(scene, client):
    made = scene[3]
    assert page(client, made[0], "others").status_code == 403
    change(scene, Phase.INDIVIDUAL, Aspect.OWN, Aspect.SCORES)
    assert page(client, made[0], "others").status_code == 200


def test_who_has_not_handed_in_reads_nobody_whatever_the_table_says(scene, client):
    change(scene, Phase.INDIVIDUAL, *Aspect)
    assert page(client, scene[3][2], "others").status_code == 403
    assert {bool(each.judgements) for each in peers(opened(scene[3][2]))} == {False}


@pytest.mark.parametrize(
    ("shows", "scored", "told", "named"),
    [
        ((Aspect.SCORES,), True, False, False),
        ((Aspect.TEXTS,), False, True, False),
        ((Aspect.NAMES,), False, False, True),
    ],
)
def test_what_is_not_shown_is_not_loaded(scene, shows, scored, told, named):
    change(scene, Phase.INDIVIDUAL, Aspect.OWN, *shows)
    own, other, late = peers(opened(scene[3][0]))
    given = list(other.judgements.values())
    assert any(each.score is not None for each in given) == scored
    assert any(each.comment for each in given) == told
    assert ("Ben Beta" in other.name) == named
    assert all(each.score is not None and each.comment for each in own.judgements.values())
    assert late.judgements == {}


def test_a_draft_of_who_is_late_is_not_shown_in_a_consensus_that_begins_early(scene):
    _, _, manager, made = scene
    who = expert_actor(made[2].expert.account)
    services.save_report(opened(made[2]), {"panel_note": "Half a thought"}, seen=1, actor=who, now=LATER)
    services.open_consensus(made[0].proposal, reason="Cleo is ill.", actor=manager, now=LATER)
    assert [each.panel_note for each in peers(opened(made[0]))][2] == ""


def test_a_consensus_is_closed_in_a_phase_without_texts(scene, client):
    _, _, manager, made = scene
    services.open_consensus(made[0].proposal, reason="Cleo is ill.", actor=manager, now=LATER)
    assert page(client, made[0], "consensus").status_code == 200
    change(scene, Phase.CONSENSUS, Aspect.OWN, Aspect.SCORES)
    assert page(client, made[0], "consensus").status_code == 403


def test_after_the_decision_the_own_report_is_there_only_where_the_table_shows_it(scene):
    made, who = scene[3], expert_actor(scene[3][0].expert.account)
    made[0].proposal.decided_at = LATER
    db.session.flush()
    with pytest.raises(NotFound):
        opened(made[0])
    assert db.session.scalars(queries.own_assignments(who, now=LATER)).all() == []
    change(scene, Phase.AFTER, Aspect.OWN)
    assert opened(made[0]).access.shows == {Aspect.OWN}
    assert db.session.scalars(queries.own_assignments(who, now=LATER)).all() == [made[0]]


def test_a_change_is_audited_and_a_stale_one_refused(scene):
    of, _, manager, _ = scene
    change(scene, Phase.PANEL, Aspect.OWN)
    db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "evaluation.visibility")).one()
    assert event.facts["after"]["panel"] == {"starts": None, "shows": ["own"]}
    with pytest.raises(Refused) as refused:
        services.set_visibility(of, DEFAULT, seen=1, actor=manager, now=LATER)
    assert refused.value.code == "stale"
    with pytest.raises(NotFound):
        services.set_visibility(of, DEFAULT, seen=2, actor=manager_of(topic())[1], now=LATER)


def test_the_manager_reads_the_table_and_changes_it(scene, client):
    of, account, _, _ = scene
    client, url = signed_in(client, account, now=LATER), f"/manage/topics/{of.identifier}/evaluation/visibility"
    assert "Who sees what when" in client.get(url).text
    sent = {"version": "1", "consensus_shows": ["scores", "texts", "names", "applicants"]}
    sent["consensus_starts"] = "2027-03-01T09:00"
    assert client.post(url, data=sent).status_code == 302
    rule = table_of(of.visibility)[1]
    assert rule.shows == ALL
    assert rule.starts == datetime(2027, 3, 1, 8, tzinfo=UTC)
    wrong = {"version": "2", "consensus_starts": "2027-03-01T09:00", "panel_starts": "2027-02-01T09:00"}
    assert client.post(url, data=wrong).status_code == 422
