"""Who of the registry is like the proposals that a topic received: computed by the worker, shown to its managers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from grants.assigning import likeness
from grants.assigning.rules import fits, nearest
from grants.db import db
from grants.experts import services
from grants.experts.models import Likeness
from grants.kernel.errors import Refused
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, expert, expert_actor, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once
from tests.reporting.counting import statements

PROFILES = st.dictionaries(
    st.sampled_from(["oceans", "fish", "law", "courts", "paint"]), st.integers(1, 5), max_size=4
)


@given(st.lists(PROFILES, max_size=6), st.lists(PROFILES, max_size=5), st.integers(1, 4))
def test_the_nearest_proposals_are_those_with_the_best_fits_of_the_whole_table(proposals, experts, count):
    table = fits(proposals, experts)
    for place, near in enumerate(nearest(proposals, experts, count=count)):
        column = sorted((row[place] for row in table), reverse=True)
        assert [fit for _, fit in near] == column[: len(near)]
        assert all(table[proposal][place] == fit for proposal, fit in near)
        assert len(near) == count or not any(column[len(near) :])


def knows(name, *words):
    found = expert(name)
    services.register_expert(
        found.account, employer=None, employer_name="Lab", country="BE", expertise=words,
        actor=expert_actor(found.account), now=NOW,
    )  # fmt: skip
    return found


def says(proposal, *keywords):
    version = proposal.submissions[-1]
    version.content = {**version.content, "keywords": list(keywords), "title": "", "abstract": ""}
    db.session.flush()
    return proposal


@once
def scene(app):
    of = topic()
    account, manager = manager_of(of)
    seas, law = says(submitted(of), "oceans"), says(submitted(of), "evidence", "courts", "oceans")
    people = knows("Ana Petrov", "courts", "evidence"), knows("Zoe Simic", "oceans"), knows("Eva Novak", "painting")
    return of, account, manager, seas, law, people


def test_the_nearest_proposals_of_each_are_kept_and_a_second_time_replaces_them(scene):
    of, _, manager, seas, law, (ana, zoe, _) = scene
    services.ask_for_likeness(of, actor=manager, now=LATER)
    asked = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'compare_experts'")
    likeness.compare(**db.session.execute(asked).scalar(), now=LATER)
    kept = {each.expert_id: each.nearest for each in db.session.scalars(select(Likeness))}
    assert kept == {ana.id: [law.number], zoe.id: [seas.number, law.number]}

    services.choose_concepts(ana, [], actor=expert_actor(ana.account), now=LATER)
    knows_now = {"employer": None, "employer_name": "Lab", "expertise": ["painting"]}
    services.register_expert(ana.account, **knows_now, actor=expert_actor(ana.account), now=LATER)
    likeness.compare(of.id, now=LATER)
    assert set(db.session.scalars(select(Likeness.expert_id))) == {ana.id, zoe.id}, "nobody asked again"
    services.ask_for_likeness(of, actor=manager, now=LATER)
    likeness.compare(of.id, now=LATER)
    assert db.session.scalars(select(Likeness.expert_id)).all() == [zoe.id]


def test_nothing_is_compared_before_the_deadline_or_for_others(scene):
    of, _, manager, *_ = scene
    with pytest.raises(Refused) as problem:
        services.ask_for_likeness(of, actor=manager, now=of.first_deadline - timedelta(seconds=1))
    assert problem.value.code == "not-closed"
    with pytest.raises(Refused):
        services.ask_for_likeness(of, actor=manager_of(topic())[1], now=LATER)


def test_the_pool_shows_who_is_most_like_first_with_the_numbers(app, client, clock, scene):
    of, account, _, seas, law, _ = scene
    db.session.commit()
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    address = f"/manage/topics/{of.identifier}/experts"
    assert "Compare with the proposals received" in client.get(address).text
    assert client.post(f"{address}/compare").status_code == 302
    assert "are being compared" in client.get(address).text
    likeness.compare(of.id, now=LATER)
    db.session.commit()
    page = client.get(f"{address}?order=likeness").text
    results = page[page.index('id="results"') :]
    places = [results.index(each) for each in ("Zoe Simic", str(seas.number), str(law.number))]
    assert places == sorted(places)
    assert "Eva Novak" not in results
    assert "Eva Novak" in client.get(address).text
    assert "No expert fits this." in client.get(f"{address}?order=likeness&q=Eva").text


def test_the_page_takes_eight_statements_however_many_experts(app, client, clock, scene):
    of, account, *_ = scene
    db.session.commit()
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    address = f"/manage/topics/{of.identifier}/experts?fits=1"
    few = statements(client, address)
    for number in range(5):
        knows(f"One more {number}", "oceans")
    db.session.commit()
    assert statements(client, address) == few <= 8
