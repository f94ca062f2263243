"""Pages of projects as people use and misuse them, on PostgreSQL."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import current_app

from grants.audit.services import record
from grants.db import db
from grants.kernel.errors import NotFound, Refused
from grants.projects import queries as projects
from grants.projects import services
from grants.projects.models import Project
from grants.projects.views import ranking_slot
from grants.reporting import queries
from grants.reporting import services as reporting
from grants.reporting.queries import PortfolioFilter
from grants.reporting.rules import text_version
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, manager_of
from tests.factories.people import signed_in
from tests.factories.projects import START, contact_of, file_for, informed, prepared, running
from tests.factories.proposals import submitted
from tests.reporting.counting import statements


def plan_form(project: Project, **more: str) -> dict[str, str]:
    """What the page of the plan sends: a start, the shares as they are, one work package."""
    form = {
        "version": str(project.version), "starts_on": "2027-01-01", "work_packages-0-number": "1",
        "work_packages-0-title": "Management", "work_packages-0-start_month": "1", "work_packages-0-end_month": "24",
    }  # fmt: skip
    for index, row in enumerate(project.participants):
        form[f"amounts-{index}-participant"] = str(row.id)
        form[f"amounts-{index}-contribution"] = str(row.contribution)
    return {**form, **more}


@pytest.fixture
def preparing(app, client, clock):
    """A project in preparation, its main contact's browser and its address."""
    of = topic()
    project = prepared(of, manager=manager_of(of)[1])
    return project, signed_in(client, contact_of(project)[0]), f"/projects/{project.number}"


def test_months_that_run_backwards_are_refused_in_words(preparing):
    project, browser, base = preparing
    answer = browser.post(f"{base}/preparation", data=plan_form(project, **{"work_packages-0-start_month": "25"}))
    assert answer.status_code == 422
    assert "the first month stands before the last" in answer.text


@pytest.mark.parametrize("version", ["²", "", "-1", "9" * 40])
def test_a_version_that_nobody_was_given_is_stale(preparing, version):
    project, browser, base = preparing
    assert browser.post(f"{base}/preparation", data=plan_form(project, version=version)).status_code == 409
    assert browser.post(f"{base}/confirm", data={"version": version}).status_code == 302
    assert project.coordinator_confirmed_at is None


@pytest.mark.parametrize("participant", ["²", "1", "x"])
def test_a_share_for_somebody_who_is_not_in_the_project_is_left_out(preparing, participant):
    project, browser, base = preparing
    strange = {"amounts-7-participant": participant, "amounts-7-contribution": "5"}
    before = [row.contribution for row in project.participants]
    assert browser.post(f"{base}/preparation", data=plan_form(project, **strange)).status_code == 302
    assert browser.post(f"{base}/preparation", data=plan_form(project, version="1", **strange)).status_code == 409
    assert [row.contribution for row in project.participants] == before


def test_nothing_is_overdue_in_a_project_that_has_ended(app, client, clock):
    of = topic()
    account, manager = manager_of(of)
    project, late = running(of, manager=manager), START + timedelta(days=300)
    assert queries.figures(manager, PortfolioFilter(), today=late).overdue_deliverables == 1

    opened = projects.open_project(manager, project.number, lock=True)
    services.end(opened, "terminate", reason="Bankruptcy", actor=manager, now=LATER)

    found = queries.figures(manager, PortfolioFilter(), today=late)
    assert (found.projects, found.overdue_deliverables, found.overdue_reports) == (1, 0, 0)
    assert queries.dues([project.id], late) == {}
    clock.instant = LATER + timedelta(days=400)
    signed_in(client, account, now=clock.instant)
    assert "Overdue" not in client.get(f"/projects/{project.number}/deliverables").text


def answered(opened, thing, *, contact, manager, accept: bool) -> None:
    """Handed in with a file, and accepted where asked."""
    reporting.save_summary(opened, thing, "Done.", actor=contact, now=LATER) if hasattr(thing, "summary") else None
    file_for(thing, contact)
    reporting.hand_in(opened, thing, actor=contact, now=LATER)
    if accept:
        reporting.accept(projects.open_project(manager, opened.project.number), thing, actor=manager, now=LATER)


def test_the_figures_are_the_sums_of_the_rows(app):
    of = topic()
    _, manager = manager_of(of)
    one, other = (running(topic(of=of.call.programme), manager=manager) for _ in range(2))
    _, contact = contact_of(one)
    opened = projects.open_project(contact, one.number)
    first, second = queries.deliverables(one.id)
    answered(opened, first, contact=contact, manager=manager, accept=True)
    answered(opened, second, contact=contact, manager=manager, accept=False)
    answered(opened, queries.periods(one.id)[0], contact=contact, manager=manager, accept=False)

    found = queries.figures(manager, PortfolioFilter(), today=START + timedelta(days=300))

    countries = defaultdict(Decimal)
    for row in (*one.participants, *other.participants):
        countries[row.organisation.country] += row.contribution
    assert (found.projects, found.grants, found.by_state) == (2, one.grant_amount * 2, [("running", 2)])
    assert dict(found.by_call) == {each.proposal.topic.call.identifier: each.grant_amount for each in (one, other)}
    assert dict(found.by_country) == countries
    assert found.results == {
        "deliverables": {"accepted": 1, "submitted": 1, "overdue": 1, "open": 1},
        "reports": {"submitted": 1, "open": 3},
    }


def test_what_is_due_next_is_the_earliest_that_is_not_handed_in(app):
    of = topic()
    _, manager = manager_of(of)
    project = running(of, manager=manager)
    _, contact = contact_of(project)
    late = date(2028, 7, 15)  # both deliverables are late, the first report is not
    assert queries.dues([project.id], late) == {project.id: queries.Dues(2, date(2027, 6, 30), "Deliverable D1.1")}
    opened = projects.open_project(contact, project.number)
    for each in queries.deliverables(project.id):
        answered(opened, each, contact=contact, manager=manager, accept=False)
    assert queries.dues([project.id], late) == {project.id: queries.Dues(0, date(2028, 8, 29), "Periodic report 1")}


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/portfolio", "/projects"])
def test_a_list_takes_few_statements_however_many_rows(app, client, clock, address):
    of = topic()
    account, manager = manager_of(of)
    running(of, manager=manager)
    signed_in(client, account)
    few = statements(client, address)
    for _ in range(2):
        running(topic(of=of.call.programme), manager=manager)
    assert statements(client, address) == few
    assert 4 <= few <= 8


def test_the_list_of_projects_filters_and_strangers_see_none_of_it(app, client, clock):
    of = topic()
    project = running(of, manager=manager_of(of)[1])
    signed_in(client, contact_of(project)[0])
    link = f'href="/projects/{project.number}"'
    assert link in client.get("/projects").text
    for query in (f"q={project.number}", "q=safek", "state=running", f"call={of.call.identifier}"):
        assert link in client.get(f"/projects?{query}").text, query
    for query in ("q=101", "q=²", "state=closed", "state=odd", "country=IS", "call=X", "overdue=1"):
        assert (link in client.get(f"/projects?{query}").text) is (query == "state=odd"), query
    clock.instant = LATER + timedelta(days=400)
    signed_in(client, contact_of(project)[0], now=clock.instant)
    assert link in client.get("/projects?overdue=1").text
    assert "2 overdue" not in client.get("/projects").text
    assert "1 overdue" in client.get("/projects").text
    signed_in(client, manager_of(topic())[0], now=clock.instant)
    assert link not in client.get("/projects").text
    assert link not in client.get("/portfolio").text
    assert of.call.identifier not in client.get("/portfolio").text


def test_a_stale_plan_is_answered_with_both_texts_and_a_second_save_keeps_mine(preparing):
    project, browser, base = preparing
    row = {"number": "D1.1", "title": "Mine & yours", "kind": "R", "dissemination": "PU"}
    mine = plan_form(project, **{f"deliverables-0-{name}": text for name, text in row.items()})
    theirs = {**mine, "deliverables-0-title": "Theirs", "starts_on": "2027-02-01"}
    assert browser.post(f"{base}/preparation", data=theirs).status_code == 302

    answer = browser.post(f"{base}/preparation", data=mine)

    assert answer.status_code == 409
    for words in (
        "2027-02-01",
        "Theirs, work package 1",
        "Mine &amp; yours, work package 1",
        'value="Mine &amp; yours"',
    ):
        assert words in answer.text
    assert "Share of" not in answer.text.partition("Where the two differ")[2].partition("</table>")[0]
    assert queries.deliverables(project.id)[0].title == "Theirs"
    assert browser.post(f"{base}/preparation", data={**mine, "version": "2"}).status_code == 302
    assert queries.deliverables(project.id)[0].title == "Mine & yours"


@pytest.fixture
def reporting_page(app, client, clock):
    """A running project whose first report has a summary, its main contact's browser, the report's address."""
    of = topic()
    project = running(of, manager=manager_of(of)[1])
    account, contact = contact_of(project)
    report = queries.periods(project.id)[0]
    reporting.save_summary(projects.open_project(contact, project.number), report, "First", actor=contact, now=LATER)
    return report, signed_in(client, account), f"/projects/{project.number}/reports"


def test_a_summary_saves_by_itself_and_a_stale_save_gets_both_texts(reporting_page):
    report, browser, base = reporting_page
    page = browser.get(base).text
    assert f'name="version" value="{text_version("First")}"' in page
    save, script = f"{base}/{report.id}/summary", {"X-Autosave": "1", "Accept": "application/json"}

    kept = browser.post(save, data={"summary": "Second", "version": text_version("First")}, headers=script)
    assert (kept.status_code, kept.json["version"]) == (200, text_version("Second"))
    stale = browser.post(save, data={"summary": "Mine", "version": text_version("First")}, headers=script)
    assert stale.status_code == 409
    assert (stale.json["current"], stale.json["yours"]) == ({"summary": "Second"}, {"summary": "Mine"})
    assert stale.json["version"] == text_version("Second")

    for address in (save, f"{base}/{report.id}/submit"):
        shown = browser.post(address, data={"summary": "Mine", "version": text_version("First")})
        assert shown.status_code == 409
        assert "Second" in shown.text
        assert ">Mine</textarea>" in shown.text
    assert report.summary == "Second"


def test_the_timeline_tells_what_people_may_know(reporting_page):
    report, browser, _ = reporting_page
    project = report.project
    _, contact = contact_of(project)
    record(report.ref(), "document.opened", actor=contact, now=LATER, facts={})
    file_for(report, contact)
    reporting.hand_in(projects.open_project(contact, project.number), report, actor=contact, now=LATER)
    db.session.commit()
    page = browser.get(f"/projects/{project.number}").text.partition("What happened")[2]
    found = re.findall(r'g-timeline-title">([^<]*)<', page)
    assert found == [
        "Periodic report 1 handed in", "Project started", "Agreement confirmed for the funder",
        "Agreement confirmed for the coordinator", "Plan changed", "Grant preparation opened",
    ]  # fmt: skip
    assert "33.3 %" in browser.get(f"/projects/{project.number}").text


def test_a_large_file_goes_on_where_it_was_broken_off(reporting_page):
    report, browser, base = reporting_page
    ticket, size = f"{base}/{report.id}/ticket", 40 * 1024**2
    first = browser.post(ticket, json={"name": "report.pdf", "size": size}).json
    again = browser.post(ticket, json={"name": "report.pdf", "size": size, "document": first["document"]}).json
    other = browser.post(ticket, json={"name": "other.pdf", "size": size, "document": first["document"]}).json
    assert again["document"] == first["document"] != other["document"]


def test_one_grant_is_prepared_once_and_only_from_the_main_list(app, client, clock):
    of = topic()
    _, manager = manager_of(of)
    main, other = submitted(of), submitted(of)
    with pytest.raises(Refused):
        services.prepare_grant(main, actor=manager, now=LATER)
    ranking = informed(of, main)
    assert "Prepare the grants" in slot(of, ranking, manager)
    made = services.prepare_grant(main, actor=manager, now=LATER)
    assert services.prepare_grant(main, actor=manager, now=LATER) is made
    with pytest.raises(Refused) as refused:
        services.prepare_grant(other, actor=manager, now=LATER)
    assert refused.value.code == "not-main-list"
    with pytest.raises(NotFound):
        services.prepare_grant(main, actor=manager_of(topic())[1], now=LATER)
    panel = slot(of, ranking, manager)
    assert str(made.number) in panel
    assert "Prepare the grants" not in panel


def slot(of, ranking, actor) -> str:
    """The panel on the page of the ranked list."""
    with current_app.test_request_context():
        return ranking_slot(ranking=ranking, topic=of, actor=actor, now=LATER)
