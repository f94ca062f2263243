"""Files of keywords: read, refused by their lines, taken over whole or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grants.db import db
from grants.experts import services as experts
from grants.kernel.actor import SYSTEM
from grants.kernel.errors import Invalid
from grants.vocabulary import queries, services
from grants.vocabulary.models import Concept
from grants.vocabulary.rules import Entry, outline, problems, read_csv, tree
from tests.conftest import NOW

HEAD = "id,label,broader\n"


def load(text, *, as_json=False):
    return experts.import_keywords(text, as_json=as_json, actor=SYSTEM, now=NOW)


def test_the_own_tree_is_whole_and_a_second_run_changes_nothing(app):
    counts = load(services.own_file())
    assert 60 <= counts["created"] == counts["read"] <= 120
    assert load(services.own_file()) == {
        "read": counts["read"], "created": 0, "updated": 0, "unchanged": counts["read"],
    }  # fmt: skip
    roots = queries.whole()
    assert all(root.narrower for root in roots)
    assert len(outline(roots)) == counts["read"]


def test_json_says_the_same_as_csv_in_any_order(app):
    load(json.dumps([{"id": "b", "label": "Below", "broader": "a"}, {"id": "a", "label": "Above"}]), as_json=True)
    assert load(HEAD + "a,Above,\nb,Below,a\n")["unchanged"] == 2


def test_a_changed_label_or_place_is_an_update_and_what_the_file_leaves_out_stays(app):
    load(HEAD + "a,Above,\nb,Below,a\nc,Third,\n")
    assert load(HEAD + "b,Beneath,c\n") == {"read": 1, "created": 0, "updated": 1, "unchanged": 0}
    found = db.session.scalar(select(Concept).where(Concept.code == "b"))
    assert (found.label, found.broader.code) == ("Beneath", "c")


@pytest.mark.parametrize(("rows", "says"), [
    ("a,A,x\n", "line 2: the broader x is not in the file and not known here."),
    ("a,A,\nb,B,c\nc,C,b\n", "line 3: b is broader than itself, by b, c, b."),
    ("a,A,a\n", "line 2: a is broader than itself, by a, a."),
    ("known,K,a\na,A,known\n", "line 2: known is broader than itself, by known, a, known."),
    ("a,A,known\nknown,Known,a\n", "line 2: a is broader than itself, by a, known, a."),
    ("a,,\n", "line 2: id and label must not be empty."),
    ("a,A,\na,B,\n", "line 3: a stands in line 2 already."),
])  # fmt: skip
def test_each_wrong_line_is_named_and_nothing_is_kept(app, rows, says):
    load(HEAD + "known,Known,\n")
    with pytest.raises(Invalid) as problem:
        load(HEAD + "good,Good,\n" + rows if "line 2" not in says and "line 3" not in says else HEAD + rows)
    assert says in [each.message for each in problem.value.findings]
    assert db.session.scalars(select(Concept.code)).all() == ["known"]


def test_a_file_without_the_columns_or_no_json_says_so(app):
    for text, as_json in (("code,name\na,b\n", False), ("{", True), ("{}", True)):
        with pytest.raises(Invalid):
            load(text, as_json=as_json)


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["", *"abcdefg"]), max_size=7))
def test_what_has_no_problem_is_a_tree_that_holds_each_once(parents):
    entries = [Entry(line, code, code.upper(), broader) for line, (code, broader) in enumerate(parents.items(), 2)]
    places = {code: place for place, code in enumerate(parents)}
    sound = not problems(entries, {})
    walked = outline(tree((places[c], c, places.get(b)) for c, b in parents.items())) if sound else []
    assert sorted(row[0] for row in walked) == (sorted(places.values()) if sound else [])

    def ends(code):
        for _ in parents:
            if not code:
                return True
            if code not in parents:
                return False
            code = parents[code]
        return not code

    assert sound is all(ends(code) for code in parents)


def test_a_file_as_spreadsheets_write_it_is_read():
    assert read_csv('\ufeffid,label,broader\r\na,"A, b",\r\n')[0] == [Entry(2, "a", "A, b", "")]
