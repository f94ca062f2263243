"""Part A as data: what is wrong with a form, what is missing in answers, what a newer form does to them."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.parta.answers import (
    is_asked,
    left_over,
    section_findings,
    section_values,
    value_of,
    values_of,
)
from grants.calls.parta.checking import dependencies, form_findings, removal_findings
from grants.calls.parta.definition import FieldKind, Scope, field_of, form_of

FORM = {
    "sections": [
        {
            "key": "ethics", "title": "Ethics",
            "fields": [
                {"key": "humans", "label": "People?", "kind": "yes or no", "required": True},
                {"key": "how", "label": "How", "kind": "long text", "limit": 10, "required": True,
                 "when": "humans == yes"},
                {"key": "money", "label": "Money", "kind": "number", "minimum": 5, "maximum": 10},
                {"key": "day", "label": "Day", "kind": "date"},
                {"key": "one", "label": "One", "kind": "choice", "choices": ["x", {"value": "y", "label": "Why"}]},
                {"key": "courses", "label": "Courses", "kind": "table", "max_rows": 2, "columns": [
                    {"key": "name", "label": "Name", "kind": "text", "required": True},
                    {"key": "days", "label": "Days", "kind": "number"},
                ]},
            ],
            "checks": [{"key": "enough", "holds": "sum(courses.days) >= 3", "message": "Three days at least."}],
        },
        {"key": "own", "title": "Own", "scope": "participant",
         "fields": [{"key": "role", "label": "Role", "kind": "text", "required": True, "when": "humans == yes"}]},
    ]
}  # fmt: skip


def changed(path: str, value: object) -> dict:
    """The form with one part replaced (or removed: ...)."""
    form = deepcopy(FORM)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    here = form
    for part in way:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return form


def codes(found) -> list[tuple[str, str]]:
    return [(each.code, each.place) for each in found]


def findings(given, form=FORM):
    whole = form_of(form)
    section = whole.sections[0]
    values = values_of(whole, {"ethics": given}, {})
    return section_findings(whole, section, given, values, place="sections.ethics")


def test_the_form_of_these_tests_has_nothing_wrong():
    assert form_findings(form_of(FORM)) == []


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("sections.0.fields.1.when", "humas == yes", "expression"),
        ("sections.0.fields.1.when", "humans > 3", "expression"),
        ("sections.0.fields.1.when", "role == 'x'", "expression"),
        ("sections.0.checks.0.holds", "courses.days", "expression"),
        ("sections.0.fields.1.key", "humans", "key-twice"),
        ("sections.0.fields.1.key", "yes", "key"),
        ("sections.1.key", "ethics", "key-twice"),
        ("sections.0.fields.4.choices", [], "no-choices"),
        ("sections.0.fields.4.choices", ["x", "x"], "choice-twice"),
        ("sections.0.fields.2.minimum", 11, "range"),
        ("sections.0.fields.5.columns", [], "columns"),
        ("sections.0.fields.5.columns.0.kind", "long text", "cell"),
        ("sections.1.fields", [], "no-fields"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_by_its_place(path, value, code):
    found = form_findings(form_of(changed(path, value)))
    assert code in [each.code for each in found]
    assert any(each.place.startswith(".".join(path.split(".")[:2])) for each in found)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("missing", "sections.ethics.humans"), ("check-enough", "sections.ethics.courses")]),
        ({"humans": "no", "courses": [{"name": "A", "days": "3"}]}, []),
        ({"humans": "yes", "courses": [{"name": "A", "days": "3"}]}, [("missing", "sections.ethics.how")]),
        (
            {"humans": "yes", "how": "x" * 11, "courses": [{"name": "A", "days": "3"}]},
            [("too-long", "sections.ethics.how")],
        ),
        (
            {"humans": "no", "money": "4", "courses": [{"name": "A", "days": "3"}]},
            [("too-small", "sections.ethics.money")],
        ),
        (
            {"humans": "no", "money": "much", "day": "soon", "courses": [{"name": "A", "days": "3"}]},
            [("not-of-its-kind", "sections.ethics.money"), ("not-of-its-kind", "sections.ethics.day")],
        ),
        (
            {"humans": "no", "one": "z", "courses": [{"name": "", "days": "3"}]},
            [("no-such-choice", "sections.ethics.one"), ("missing", "sections.ethics.courses.0.name")],
        ),
        (
            {"humans": "no", "courses": [{"name": "A", "days": "1"}] * 3},
            [("too-many-rows", "sections.ethics.courses")],
        ),
    ],
)
def test_what_is_missing_or_wrong_in_answers(given, expected):
    assert codes(findings(given)) == expected


def test_a_hidden_question_asks_nothing_though_it_was_answered_before():
    given = {"humans": "no", "how": "x" * 500, "courses": [{"name": "A", "days": "3"}]}
    assert findings(given) == []
    whole = form_of(FORM)
    section = whole.sections[0]
    assert not is_asked(whole, section, values_of(whole, {"ethics": given}, {}), section.fields[1])


def test_a_participant_s_question_may_depend_on_what_is_answered_once():
    whole = form_of(FORM)
    own = whole.of_scope(Scope.PARTICIPANT)[0]
    for answer, asked in (("yes", True), ("no", False)):
        common = values_of(whole, {"ethics": {"humans": answer}}, {})
        assert is_asked(whole, own, section_values(own, {}, common), own.fields[0]) is asked


def test_a_field_in_use_is_not_removed_and_the_users_are_named():
    before = form_of(FORM)
    without = deepcopy(FORM)
    del without["sections"][0]["fields"][0]
    after = form_of(without)
    (finding,) = removal_findings(before, after, dependencies(after))
    assert finding.code == "field-in-use"
    assert "the field “How”" in finding.message
    assert "the field “Role”" in finding.message


def test_a_field_that_only_its_own_section_s_removal_leaves_unused_may_go():
    before = form_of(FORM)
    alone = {"sections": [FORM["sections"][1] | {"fields": [{"key": "role", "label": "Role", "kind": "text"}]}]}
    assert removal_findings(before, form_of(alone), dependencies(form_of(alone))) == []


def test_what_a_newer_form_no_longer_asks_is_left_over_and_not_lost():
    given = {"ethics": {"humans": "no", "gone": "Much that was typed."}, "closed": {"x": "y"}}
    assert left_over(form_of(FORM), given) == [
        ("ethics", "gone", "Much that was typed."),
        ("closed", "x", "y"),
    ]


def test_an_answer_whose_kind_changed_stays_as_it_was_typed_and_is_reported():
    newer = changed("sections.0.fields.1", {"key": "how", "label": "How", "kind": "number"})
    found = findings({"humans": "no", "how": "three", "courses": [{"name": "A", "days": "3"}]}, newer)
    assert codes(found) == [("not-of-its-kind", "sections.ethics.how")]


@given(st.sampled_from(FieldKind), st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3) | st.none())
def test_whatever_was_typed_has_a_value_or_none(kind, typed):
    field = field_of({"key": "k", "label": "L", "kind": kind.value})
    rows = [{"a": typed}] if kind is FieldKind.TABLE else typed
    value = value_of(field, rows)
    assert value is None or isinstance(value, Decimal | str | bool | tuple) or hasattr(value, "isoformat")
