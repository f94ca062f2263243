"""What a page tells without showing it: whether something is there that is hidden from the one who asks.

Tried here: the answer to an address of somebody else's things against that to an address of nothing (status, text,
headers, number of statements as a measure of time that does not depend on the machine), the order in which experts
are called by letters, what browsers may keep, counts on pages of an expert with a conflict. Identities in addresses
count assignments over all topics, and say nothing to who is refused. See ``docs/secrecy.md``.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import zip_longest
from uuid import uuid4

import pytest
from sqlalchemy import event

from grants.db import db
from grants.evaluation import facts, queries, services
from tests.architecture.test_access import rows
from tests.architecture.world import MOMENT, build
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, manager_of
from tests.factories.people import person, signed_in
from tests.factories.proposals import draft, submitted

pytestmark = pytest.mark.slow
#: What differs between any two answers: the page's own address, its request and what is made anew each time.
_CHANGES = re.compile(r"[0-9a-f]{16,}|\d{3,}|csrf-token\" content=\"[^\"]*\"|CALL-\d+(-\d+)?|nothing")
_ABSENT = {int: 987_654_321, str: "nothing"}


def addresses(app, endpoint, values):
    """Of what is there, and of the same kind that is not."""
    rule = next(iter(app.url_map.iter_rules(endpoint)))
    there, absent = {}, {}
    for name in rule.arguments:
        found = values["topic" if "/topics/" in rule.rule or name == "topic" else "call"] if name in {
            "identifier", "topic"
        } else values[name]  # fmt: skip
        there[name] = found
        absent[name] = uuid4() if name in {"document_id", "public_id"} else _ABSENT.get(type(found), "nothing")
    adapter = app.url_map.bind("localhost")
    return adapter.build(endpoint, there), adapter.build(endpoint, absent)


def seen(client, address):
    """What an answer tells, and how much was asked of the database for it."""
    asked: list[str] = []
    engine = db.engine

    def count(*args):
        asked.append(args[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        answer = client.get(address)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    names = sorted(name for name, _ in answer.headers)
    text = _CHANGES.sub("", answer.text.replace(address, ""))
    return answer.status_code, text, names, len([s for s in asked if s.startswith("SELECT")])


def difference(one, other):
    """The first line that is not the same."""
    pairs = zip_longest(one.splitlines(), other.splitlines(), fillvalue="")
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def test_what_is_hidden_answers_as_what_is_not_there(app, client, clock):
    clock.instant = MOMENT + timedelta(minutes=1)
    world = build()
    db.session.commit()
    told = {}
    for relation in ("stranger", "conflicted"):
        for phase, method, name, may, refused in rows():
            if method != "GET" or {relation, "everybody", "signed-in"} & (may | refused):
                continue
            hidden, nothing = addresses(app, name, world.values[phase])
            if hidden == nothing:
                continue
            signed_in(client, world.people[relation], now=MOMENT)
            client.get("/about")  # the first page of a visit sets a cookie
            one, other = seen(client, hidden), seen(client, nothing)
            if one[:3] != other[:3]:
                told[f"{relation} {phase} {name}"] = (one[0], other[0], difference(one[1], other[1]))
    assert told == {}


def test_an_assignment_of_somebody_else_takes_as_long_as_none(app, client, clock):
    clock.instant = LATER
    of = topic()
    _, manager = manager_of(of)
    own, others = accepted(of, expert(), expert(), manager=manager)
    (made,) = assigned(submitted(of), others, manager=manager)
    db.session.commit()
    signed_in(client, own.account, now=LATER)
    assert seen(client, f"/evaluation/{made.id}")[3] == seen(client, "/evaluation/987654321")[3]


def test_a_proposal_of_somebody_else_takes_as_long_as_none(app, client):
    """For strangers, and for its managers while it is a draft."""
    of = topic()
    made, manager = draft(of), manager_of(of)[0]
    db.session.commit()
    for who in (person("Somebody"), manager):
        signed_in(client, who, now=LATER)
        there, absent = (seen(client, f"/proposals/{number}/budget") for number in (made.number, 987_654_321))
        assert (there[0], there[3]) == (404, absent[3])


def test_each_person_s_list_is_their_own(app, client):
    """The list is put together once, for whoever asks."""
    one, other = person("One"), person("Other")
    mine, theirs = draft(topic(), main_contact=one), draft(topic(), main_contact=other)
    db.session.commit()
    for who, own, hidden in ((one, mine, theirs), (other, theirs, mine), (one, mine, theirs)):
        text = signed_in(client, who).get("/proposals").text
        assert (str(own.number) in text, str(hidden.number) in text) == (True, False)


def test_letters_of_experts_follow_the_assignment_and_not_their_names(app):
    of = topic()
    _, manager = manager_of(of)
    pool = accepted(of, expert("Zoe"), expert("Adam"), manager=manager)
    made = assigned(submitted(of), *pool, manager=manager)
    labels = facts.labels(queries.assignments_of(made[0].proposal_id))
    assert [labels[each.id] for each in made] == ["Expert A", "Expert B"]


def test_no_browser_keeps_a_page_of_somebody_who_signed_in(app, client, clock):
    clock.instant = LATER
    of = topic()
    _, manager = manager_of(of)
    (own,) = accepted(of, expert(), manager=manager)
    db.session.commit()
    answer = signed_in(client, own.account, now=LATER).get("/evaluation")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_conflict_leaves_no_trace_in_counts(app, client, clock):
    """The pages of an expert whose only proposal was closed are those of an expert who never had one."""
    clock.instant = LATER
    of = topic()
    _, manager = manager_of(of)
    closed, never = accepted(of, expert("Same Name"), expert("Same Name"), manager=manager)
    (made,) = assigned(submitted(of), closed, manager=manager)
    opened = queries.open_assignment(expert_actor(closed.account), made.id, now=LATER)
    services.declare_conflict(opened, reason="My sister.", actor=expert_actor(closed.account), now=LATER)
    db.session.commit()
    pages = []
    for each in (closed, never):
        browser = signed_in(client, each.account, now=LATER)
        pages.append([_CHANGES.sub("", browser.get(address).text) for address in ("/evaluation", "/")])
    assert pages[0] == pages[1]
