"""Projects from the main list to accepted reports, on PostgreSQL: rights, confirmations, locks, letters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.notifications.models import Letter
from grants.projects import queries as projects
from grants.projects import rules, services
from grants.projects.states import ProjectState
from grants.proposals.models import Member
from grants.proposals.states import MemberRole
from grants.reporting import queries
from grants.reporting import services as reporting
from grants.reporting.models import Deliverable, ReportingPeriod
from grants.reporting.states import DueState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, manager_of
from tests.factories.people import actor_of, person, signed_in
from tests.factories.projects import START, contact_of, file_for, informed, planned, prepared, running
from tests.factories.proposals import submitted
from tests.factories.shared import once
from tests.reporting.counting import statements


@once
def scene(app):
    """A running project with its manager and main contact."""
    of = topic()
    account, manager = manager_of(of)
    project = running(of, manager=manager)
    return project, account, manager, *contact_of(project)


def letters(kind):
    return db.session.scalars(select(Letter).where(Letter.kind == kind)).all()


def test_grants_are_prepared_once_and_only_after_the_letters(app):
    of = topic()
    _, manager = manager_of(of)
    with pytest.raises(Refused):
        services.prepare_grants(of, actor=manager, now=LATER)
    informed(of, submitted(of), submitted(of))
    before = len(letters("grant_preparation"))
    made = services.prepare_grants(of, actor=manager, now=LATER)
    assert len(made) == 2
    assert services.prepare_grants(of, actor=manager, now=LATER) == []
    assert len(letters("grant_preparation")) == before + 2
    assert made[0].participants[0].role.value == "coordinator"
    with pytest.raises(NotFound):
        services.prepare_grants(of, actor=manager_of(topic())[1], now=LATER)


def test_an_incomplete_plan_is_saved_and_not_confirmed(app):
    of = topic()
    _, manager = manager_of(of)
    project = prepared(of, manager=manager)
    _, contact = contact_of(project)
    opened = projects.open_project(contact, project.number, lock=True)
    reporting.save_whole_plan(
        opened, starts_on=None, amounts={}, work=[], deliverables=[], milestones=[], seen=1, actor=contact, now=LATER
    )
    with pytest.raises(Invalid) as problem:
        reporting.confirm_agreement(opened, seen=2, actor=contact, now=LATER)
    assert {"no-start", "no-work", "no-deliverables"} <= {each.code for each in problem.value.findings}


def test_both_sides_confirm_and_a_change_voids_what_was_confirmed(app):
    of = topic()
    _, manager = manager_of(of)
    project = prepared(of, manager=manager)
    _, contact = contact_of(project)
    version = planned(project, actor=contact)
    opened = projects.open_project(contact, project.number, lock=True)
    assert reporting.confirm_agreement(opened, seen=version, actor=contact, now=LATER) is False
    planned(project, actor=manager)
    assert project.coordinator_confirmed_at is None
    for who, starts in ((contact, False), (manager, True)):
        opened = projects.open_project(who, project.number, lock=True)
        with pytest.raises(Stale):
            reporting.confirm_agreement(opened, seen=version, actor=who, now=LATER)
        assert reporting.confirm_agreement(opened, seen=version + 1, actor=who, now=LATER) is starts
    assert project.state is ProjectState.RUNNING


def test_a_running_project_has_its_due_dates_and_periods(scene):
    project, *_ = scene
    assert [(each.number, each.due_on) for each in queries.deliverables(project.id)] == [
        ("D1.1", date(2027, 6, 30)),
        ("D2.1", date(2028, 6, 30)),
    ]
    assert [(each.ends_on, each.due_on) for each in queries.periods(project.id)] == [
        (date(2028, 6, 30), date(2028, 8, 29)),
        (date(2028, 12, 31), date(2029, 3, 1)),
    ]
    assert len(letters("project_started")) == 2


def test_the_plan_of_a_running_project_stays_and_a_stale_save_is_refused(scene):
    project, _, _, _, contact = scene
    with pytest.raises(Refused) as refused:
        planned(project, actor=contact)
    assert refused.value.code == "not-in-preparation"
    of = topic()
    other = prepared(of, manager=manager_of(of)[1])
    _, writer = contact_of(other)
    opened = projects.open_project(writer, other.number, lock=True)
    with pytest.raises(Stale):
        services.save_plan(opened, starts_on=START, amounts={}, work=[], seen=7, actor=writer, now=LATER)


def test_a_deliverable_goes_up_and_down_until_it_is_accepted(scene):
    project, _, manager, _, contact = scene
    first = queries.deliverables(project.id)[0]
    opened, officer = (projects.open_project(who, project.number) for who in (contact, manager))
    with pytest.raises(Invalid) as problem:
        reporting.hand_in(opened, first, actor=contact, now=LATER)
    assert problem.value.code == "no-file"
    file_for(first, contact)
    with pytest.raises(Refused):
        reporting.hand_in(officer, first, actor=manager, now=LATER)
    reporting.hand_in(opened, first, actor=contact, now=LATER)
    with pytest.raises(Refused):
        reporting.accept(opened, first, actor=contact, now=LATER)
    with pytest.raises(Invalid):
        reporting.send_back(officer, first, reason=" ", actor=manager, now=LATER)
    reporting.send_back(officer, first, reason="Chapter 2 is missing.", actor=manager, now=LATER)
    assert (first.state, first.answer) == (DueState.PENDING, "Chapter 2 is missing.")
    file_for(first, contact)
    reporting.hand_in(opened, first, actor=contact, now=LATER + timedelta(days=1))
    reporting.accept(officer, first, actor=manager, now=LATER)
    assert first.state is DueState.ACCEPTED
    assert [len(letters(kind)) for kind in ("due_submitted", "due_returned", "due_accepted")] == [2, 1, 1]


def test_a_file_that_was_checked_after_handing_in_does_not_count(scene):
    project, _, _, _, contact = scene
    first = queries.deliverables(project.id)[0]
    file_for(first, contact)
    reporting.hand_in(projects.open_project(contact, project.number), first, actor=contact, now=LATER)
    with pytest.raises(Refused):
        file_for(first, contact)


def test_a_report_needs_its_summary(scene):
    project, _, _, _, contact = scene
    opened, report = projects.open_project(contact, project.number), queries.periods(project.id)[0]
    file_for(report, contact)
    with pytest.raises(Invalid) as problem:
        reporting.hand_in(opened, report, actor=contact, now=LATER)
    assert problem.value.code == "no-summary"
    reporting.save_summary(opened, report, "We answered.", actor=contact, now=LATER)
    reporting.hand_in(opened, report, actor=contact, now=LATER)
    with pytest.raises(Refused):
        reporting.save_summary(opened, report, "Later", actor=contact, now=LATER)


def test_partners_read_and_do_not_hand_in_and_strangers_find_nothing(scene):
    project, *_ = scene
    partner = person()
    db.session.add(Member(proposal_id=project.proposal_id, account_id=partner.id, role=MemberRole.READER))
    db.session.flush()
    opened = projects.open_project(actor_of(partner), project.number)
    with pytest.raises(Refused):
        reporting.hand_in(opened, queries.deliverables(project.id)[0], actor=actor_of(partner), now=LATER)
    for stranger in (actor_of(person()), manager_of(topic())[1]):
        with pytest.raises(NotFound):
            projects.open_project(stranger, project.number)
        assert project not in db.session.scalars(projects.visible(stranger)).all()


def test_auditors_read_and_change_nothing(scene, client, clock):
    project, *_ = scene
    auditor = signed_in(client, person("", Role.AUDITOR))
    for page in ("", "/preparation", "/deliverables", "/reports"):
        assert auditor.get(f"/projects/{project.number}{page}").status_code == 200
    assert auditor.get("/portfolio").status_code == 200
    first = queries.deliverables(project.id)[0]
    for act in ("submit", "accept", "return", "ticket"):
        answer = auditor.post(f"/projects/{project.number}/deliverables/{first.id}/{act}", data={"reason": "x"})
        assert answer.status_code == 403, act
    assert auditor.post(f"/projects/{project.number}/end/close", data={"reason": "x"}).status_code == 403


def test_ending_needs_a_reason_and_tells_the_main_contact(scene):
    project, _, manager, _, contact = scene
    opened = projects.open_project(manager, project.number, lock=True)
    with pytest.raises(Invalid):
        services.end(opened, "terminate", reason="", actor=manager, now=LATER)
    with pytest.raises(Refused):
        services.end(projects.open_project(contact, project.number), "close", reason="x", actor=contact, now=LATER)
    services.end(opened, "terminate", reason="Bankruptcy of the coordinator", actor=manager, now=LATER)
    assert "Bankruptcy" in letters("project_ended")[0].body
    with pytest.raises(Refused):
        services.end(opened, "close", reason="x", actor=manager, now=LATER)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dates(date(2027, 5, 1), date(2029, 4, 1)), st.sampled_from(ProjectState), st.sampled_from(DueState))
def test_what_is_overdue_is_the_same_in_python_and_in_sql(scene, today, state, standing):
    project, *_ = scene
    found = {Deliverable: queries.deliverables(project.id), ReportingPeriod: queries.periods(project.id)}
    with db.session.begin_nested() as savepoint:
        for rows in found.values():
            file_for(rows[0], scene[4])
            rows[0].state = standing
        project.state = state
        db.session.flush()
        for table, rows in found.items():
            runs = project.state is ProjectState.RUNNING
            by_rule = {
                each.id
                for each in rows
                if rules.is_overdue(each.due_on, pending=each.state is DueState.PENDING, today=today, running=runs)
            }
            mine = table.project_id == project.id
            by_sql = set(db.session.scalars(select(table.id).where(mine, queries.is_overdue(table, today))))
            assert by_rule == by_sql
        savepoint.rollback()


@pytest.mark.slow
def test_the_portfolio_filters_and_its_statements_do_not_grow(app, client, clock):
    of = topic()
    account, manager = manager_of(of)
    mine = running(of, manager=manager)
    code = of.call.programme.code
    wanted = queries.PortfolioFilter
    late, early = START + timedelta(days=300), START + timedelta(days=10)

    def found(given, today):
        return db.session.scalars(queries.portfolio(manager, given, today=today)).all()

    assert found(wanted(overdue=True), late) == [mine]
    assert found(wanted(overdue=True), early) == []
    assert found(wanted(country=mine.participants[0].organisation.country, call=of.call.identifier), late) == [mine]
    assert found(wanted(country="IS"), late) == []
    assert found(wanted(text=str(mine.number), state="running"), late) == [mine]
    browser = signed_in(client, account)
    few = statements(browser, "/portfolio")
    for _ in range(3):
        more = topic(of=of.call.programme)
        running(more, manager=actor_of(account, Role.MANAGER, programme=code))
    assert statements(browser, "/portfolio") == few
    assert len(found(wanted(), late)) == 4


def test_the_plan_is_made_and_confirmed_on_its_page(app, client, clock):
    of = topic()
    account, manager = manager_of(of)
    project = prepared(of, manager=manager)
    contact, _ = contact_of(project)
    base = f"/projects/{project.number}"
    form = {
        "version": "1", "starts_on": "2027-01-01",
        **{f"amounts-{i}-participant": str(row.id) for i, row in enumerate(project.participants)},
        **{f"amounts-{i}-contribution": str(row.contribution) for i, row in enumerate(project.participants)},
        "work_packages-0-number": "1", "work_packages-0-title": "Management", "work_packages-0-start_month": "1",
        "work_packages-0-end_month": "24", "work_packages-1-number": "2", "work_packages-1-title": "Work",
        "work_packages-1-start_month": "1", "work_packages-1-end_month": "24", "deliverables-0-number": "D1.1",
        "deliverables-0-title": "Handbook", "deliverables-0-work_package": "1", "deliverables-0-kind": "R",
        "deliverables-0-dissemination": "PU", "deliverables-0-due_month": "6",
    }  # fmt: skip
    browser = signed_in(client, contact)
    assert browser.post(f"{base}/preparation", data=form).status_code == 302
    assert browser.post(f"{base}/preparation", data=form).status_code == 409  # the same page again: it is stale now
    assert "The plan is complete." in browser.get(f"{base}/preparation").text
    browser.post(f"{base}/confirm", data={"version": "2"})
    signed_in(client, account).post(f"{base}/confirm", data={"version": "2"})
    assert "Running" in client.get(base).text
    assert "Due 30 June 2027" in client.get(f"{base}/deliverables").text
    assert "Periodic report 2" in client.get(f"{base}/reports").text


def test_what_was_handed_in_waits_for_the_officers_of_the_programme_only(scene):
    project, _, manager, _, contact = scene
    _, other = manager_of(topic())
    assert queries.waiting_for_officers(manager, limit=9) == []
    thing = queries.deliverables(project.id)[0]
    file_for(thing, contact)
    opened = projects.open_project(contact, project.number)
    reporting.hand_in(opened, thing, actor=contact, now=LATER)
    (found,) = queries.waiting_for_officers(manager, limit=9)
    assert (found.number, found.page, found.words, found.since) == (
        project.number, "deliverables", "Deliverable D1.1", LATER
    )  # fmt: skip
    assert queries.waiting_for_officers(other, limit=9) == []
    reporting.accept(projects.open_project(manager, project.number), thing, actor=manager, now=LATER)
    assert queries.waiting_for_officers(manager, limit=9) == []


def test_an_agreement_that_the_coordinator_confirmed_waits_for_the_funder(app):
    of = topic()
    _, manager = manager_of(of)
    project = prepared(of, manager=manager)
    _, contact = contact_of(project)
    version = planned(project, actor=contact)
    assert queries.waiting_for_officers(manager, limit=9) == []
    opened = projects.open_project(contact, project.number, lock=True)
    reporting.confirm_agreement(opened, seen=version, actor=contact, now=LATER)
    (found,) = queries.waiting_for_officers(manager, limit=9)
    assert (found.page, found.since) == ("preparation", LATER)


def test_the_officer_s_first_page_leads_to_what_waits(scene, client):
    project, account, _, _, contact = scene
    thing = queries.deliverables(project.id)[0]
    file_for(thing, contact)
    reporting.hand_in(projects.open_project(contact, project.number), thing, actor=contact, now=LATER)
    page = signed_in(client, account).get("/").text
    assert "Projects wait for your answer" in page
    assert f"/projects/{project.number}/deliverables" in page
