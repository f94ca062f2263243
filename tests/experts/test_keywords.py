"""Keywords of the tree: chosen, searched with what lies below, counted where experts are assigned."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from grants.accounts import services as accounts
from grants.assigning import facts
from grants.db import db
from grants.experts import queries, services
from grants.kernel.actor import SYSTEM
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.vocabulary.models import Concept
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, expert, expert_actor, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted

TREE = "id,label,broader\nlaw,Law,\ncriminal,Criminal law,law\nevidence,Evidence,criminal\nseas,Oceans,\n"


@pytest.fixture
def tree(app):
    services.import_keywords(TREE, actor=SYSTEM, now=NOW)
    return SimpleNamespace(**{each.code: each.id for each in db.session.scalars(select(Concept))})


def choose(found, *chosen, **more):
    services.choose_concepts(found, chosen, actor=expert_actor(found.account), now=NOW, **more)


def names(**wanted):
    rows = db.session.scalars(queries.registry(queries.Wanted(**wanted)))
    return sorted(each.account.name for each in rows)


def test_a_search_by_a_keyword_finds_what_is_below_it_and_not_what_is_above(tree):
    ana, zoe = expert("Ana Petrov"), expert("Zoe Simic")
    choose(ana, tree.evidence)
    choose(zoe, tree.law, tree.seas)
    assert names(concept=tree.law) == ["Ana Petrov", "Zoe Simic"]
    assert names(concept=tree.criminal) == ["Ana Petrov"]
    assert names(concept=tree.seas) == ["Zoe Simic"]
    assert names(text="evid petrov") == ["Ana Petrov"]


def test_a_new_label_a_new_name_and_a_new_employer_are_found_and_the_old_ones_are_not(tree):
    ana = expert("Ana Petrov")
    choose(ana, tree.evidence)
    services.import_keywords("id,label,broader\nevidence,Proof,criminal\n", actor=SYSTEM, now=NOW)
    assert (names(text="proof"), names(text="evidence")) == (["Ana Petrov"], [])
    accounts.change_profile(ana.account, name="Ana Ђурић", timezone="UTC", actor=expert_actor(ana.account), now=NOW)
    asked = db.session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'index_expert'")).scalar()
    services.index_account(**asked)
    assert (names(text="Ђури"), names(text="petrov")) == (["Ana Ђурић"], [])


def test_the_search_has_an_index(tree):
    found = db.session.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_expert_search'")).scalar()
    assert "USING gin (search)" in found


def test_the_pool_finds_who_fits_the_topics_keywords(tree):
    of = topic()
    _, manager = manager_of(of)
    ana, zoe = expert("Ana Petrov"), expert("Zoe Simic")
    choose(ana, tree.evidence)
    choose(zoe, tree.seas)
    services.choose_topic_concepts(of, [tree.law], actor=manager, now=NOW)
    assert [each.id for each in db.session.scalars(queries.find(of.id, of_topic=True))] == [ana.id]
    services.choose_topic_concepts(of, [tree.seas], actor=manager, now=NOW)
    assert [each.id for each in db.session.scalars(queries.find(of.id, of_topic=True))] == [zoe.id]
    with pytest.raises(Refused):
        services.choose_topic_concepts(of, [], actor=manager_of(topic())[1], now=NOW)


def test_labels_count_as_words_where_experts_are_assigned(tree):
    of = topic()
    _, manager = manager_of(of)
    proposal = submitted(of)
    version = proposal.submissions[-1]
    version.content = {**version.content, "keywords": ["oceans"], "title": "", "abstract": ""}
    first, second = accepted(of, expert(), expert(), manager=manager)
    choose(second, tree.seas)
    pool = facts.pool(of, now=LATER)
    fit = {load.expert.id: pool.fit[0][place] for place, load in enumerate(pool.loads)}
    assert fit[second.id] > fit[first.id] == 0


def test_nobody_chooses_for_another_or_what_is_not_there_or_over_a_newer_choice(tree):
    found = expert()
    with pytest.raises(NotFound):
        services.choose_concepts(found, [tree.law], actor=expert_actor(expert().account), now=NOW)
    with pytest.raises(Invalid):
        choose(found, 999_999)
    choose(found, tree.law, seen=0)
    with pytest.raises(Stale) as problem:
        choose(found, tree.seas, seen=0)
    assert problem.value.current == {"keywords": "Law"}


def test_the_pages_work_without_scripts_and_a_search_keeps_what_is_chosen(app, client, tree):
    found = expert()
    of = topic()
    account, _ = manager_of(of)
    db.session.commit()
    signed_in(client, found.account)
    page = client.get("/evaluation/keywords").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)
    data = {"concepts": [tree.evidence], "version": version}
    assert client.post("/evaluation/keywords", data=data).status_code == 302
    searched = client.get("/evaluation/keywords?q=ocea").text
    ticked = re.findall(r'id="concept-(\d+)"[^>]*value="\d+"( checked)?', searched)
    assert sorted(ticked) == sorted([(str(tree.seas), ""), (str(tree.evidence), " checked")])
    stale = client.post("/evaluation/keywords", data={"concepts": [tree.seas], "version": version})
    assert stale.status_code == 409
    assert "Evidence" in stale.text
    signed_in(client, account)
    address = f"/manage/topics/{of.identifier}/keywords"
    assert client.post(address, data={"concepts": [tree.law]}).status_code == 302
    pool = client.get(f"/manage/topics/{of.identifier}/experts?fits=1").text
    assert found.account.name in pool
    assert "Keywords of the topic: Law." in pool
    assert found.account.name in client.get(f"/manage/experts?keyword={tree.law}").text
    assert "No expert fits this." in client.get(f"/manage/experts?keyword={tree.seas}").text
