"""Pages of projects as people use and misuse them, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from grants.projects import queries as projects
from grants.projects import services
from grants.projects.models import Project
from grants.reporting import queries
from grants.reporting.queries import PortfolioFilter
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, manager_of
from tests.factories.people import signed_in
from tests.factories.projects import START, contact_of, prepared, running


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
    assert queries.overdue_counts([project.id], late) == {}
    clock.instant = LATER + timedelta(days=400)
    signed_in(client, account, now=clock.instant)
    assert "Overdue" not in client.get(f"/projects/{project.number}/deliverables").text
