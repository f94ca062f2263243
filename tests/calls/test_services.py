"""Publishing and correcting calls; importing the portal's topics."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from grants.calls import importing, queries, rules, services
from grants.calls.models import Call, CallVersion, Topic
from grants.calls.states import CallState
from grants.db import db
from grants.kernel.actor import ANONYMOUS, SYSTEM, Role
from grants.kernel.errors import Invalid, NotFound, Stale
from tests.conftest import NOW, in_ci
from tests.factories.calls import programme, topic
from tests.factories.people import actor_of, person, signed_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def fund(app):
    return programme()


@pytest.fixture
def manager(fund):
    return actor_of(person("Marie"), Role.MANAGER, programme=fund.code)


def call_values(call: Call, **changed) -> dict:
    return {name: getattr(call, name) for name in services.CALL_FIELDS} | changed


def test_a_draft_is_seen_by_its_managers_only(fund, manager):
    draft = topic(published=False, of=fund)
    with pytest.raises(NotFound):
        queries.call_page(ANONYMOUS, draft.call.identifier)
    assert queries.call_page(manager, draft.call.identifier).id == draft.call_id


def test_publication_names_everything_that_is_missing(fund, manager):
    draft = topic(published=False, of=fund)
    draft.call.contact = ""
    draft.criteria = []
    with pytest.raises(Invalid) as refused:
        services.publish(draft.call, actor=manager, now=NOW)
    assert "no-contact" in [finding.code for finding in refused.value.findings]
    assert draft.call.state is CallState.DRAFT


def test_a_correction_is_a_version_that_shows_what_changed(fund, manager):
    made = topic(published=False, of=fund)
    services.publish(made.call, actor=manager, now=NOW)

    services.change_call(
        made.call,
        values=call_values(made.call, title="A better title"),
        seen=made.call.version,
        reason="The title was wrong.",
        actor=manager,
        now=NOW + timedelta(days=1),
    )

    latest = queries.versions_of(made.call_id)[0]
    assert (latest.number, latest.reason) == (2, "The title was wrong.")
    assert [(change["place"], change["after"]) for change in latest.changes] == [("title", "A better title")]


def test_a_published_call_is_not_changed_without_a_reason(fund, manager):
    made = topic(published=False, of=fund)
    services.publish(made.call, actor=manager, now=NOW)
    with pytest.raises(Invalid) as refused:
        services.change_call(
            made.call,
            values=call_values(made.call, title="X"),
            seen=made.call.version,
            reason=" ",
            actor=manager,
            now=NOW,
        )
    assert refused.value.code == "reason-needed"


def test_two_managers_cannot_overwrite_each_other(fund, manager):
    draft = topic(published=False, of=fund)
    values = call_values(draft.call)
    services.change_call(draft.call, values=values, seen=1, reason="", actor=manager, now=NOW)
    with pytest.raises(Stale):
        services.change_call(draft.call, values=values, seen=1, reason="", actor=manager, now=NOW)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 1), (1, 2), (-2, -1), (0, 1), (-1, 0)])
def test_the_phase_in_sql_is_that_of_the_rule(opens, closes):
    made = topic(opens_at=NOW + timedelta(days=opens), deadline=NOW + timedelta(days=closes))
    in_sql = db.session.scalar(select(queries.phase_sql(NOW)).where(Topic.id == made.id))
    assert in_sql == rules.phase(opens_at=made.opens_at, deadline=made.deadline, now=NOW).value


def test_a_manager_makes_a_call_with_a_topic_and_publishes_it_in_the_browser(client):
    fund = programme("TEST")
    signed_in(client, person("Marie", Role.MANAGER, programme="TEST"))
    client.post(
        "/manage/calls/new",
        data={
            "programme": fund.code,
            "identifier": "TEST-2026",
            "title": "A call",
            "summary": "S",
            "zone": "Europe/Brussels",
            "contact": "call@example.org",
            "budget": "2 000 000",
        },
    )
    answer = client.post("/manage/calls/TEST-2026", data={"template": "ISF-PJG"})
    page = client.get(answer.location)
    assert page.status_code == 200

    client.post("/manage/calls/TEST-2026/publish")

    assert db.session.scalars(select(Call.state).where(Call.identifier == "TEST-2026")).one() is CallState.PUBLISHED
    public = client.get("/topics/TEST-2026-01").text
    assert "Relevance" in public
    assert "Topic 1" in client.get("/calls?q=topic&programme=TEST").text


def real_data() -> Path:
    folder = Path(os.environ.get("GRANTS_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    if not folder.is_dir():
        if in_ci():
            pytest.fail(f"real data is missing: {folder}")
        pytest.skip("real data is absent: set GRANTS_REAL_DATA")
    return folder


@pytest.mark.slow
def test_the_portals_topics_load_and_a_second_run_changes_nothing():
    file = real_data() / "ft_portal_open_topics_2026-08.jsonl.gz"
    refused: list[str] = []

    def run() -> dict[str, int]:
        return importing.import_topics(
            file, actor=SYSTEM, now=NOW, refused=refused.append, progress=lambda read: None
        )

    first = run()
    assert first["read"] == first["created"] + first["updated"] + first["unchanged"] + first["refused"]
    assert first["created"] >= 0.98 * first["read"]
    assert len(refused) == first["refused"]

    second = run()

    assert (second["created"], second["updated"], second["unchanged"]) == (0, 0, first["created"])
    texts = db.session.scalars(select(Topic.description)).all()
    assert not [text for text in texts if "â€™" in text]
    assert db.session.scalar(select(func.count()).select_from(CallVersion)) > 0
