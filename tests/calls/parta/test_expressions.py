"""Conditions of forms: what is taken, what is refused in words, what is unknown."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.parta.expressions import Kind, Wrong, condition, evaluate, names_in, parse

KNOWN = {
    "a": Kind.NUMBER, "b": Kind.NUMBER, "t": Kind.TRUTH, "s": Kind.TEXT, "d": Kind.DATE, "e": Kind.DATE,
    "several": Kind.LIST, "rows": Kind.TABLE, "rows.amount": Kind.NUMBER, "rows.name": Kind.TEXT,
}  # fmt: skip
VALUES = {
    "a": Decimal(3), "b": Decimal("0.1"), "t": True, "s": "police", "d": date(2026, 1, 1), "e": date(2026, 2, 1),
    "several": ("x", "y"), "rows": ({"amount": Decimal(2), "name": "n"}, {"amount": None, "name": ""}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >= 3 and t", True),
        ("a + b * 2 == 3.2", True),
        ("1 < a < 4", True),
        ("a / 0 > 1", None),
        ("not t or s == 'police'", True),
        ("s in ['police', 'court']", True),
        ("s not in ['police']", False),
        ("d < e", True),
        ("t == no", False),
        ("sum(rows.amount)", Decimal(2)),
        ("count(rows) == 2 and count(several) == 2", True),
        ("length(s)", Decimal(6)),
        ("filled(s) and filled(rows)", True),
        ("-a < 0", True),
    ],
)
def test_what_an_expression_gives(text, expected):
    assert evaluate(parse(text, KNOWN), VALUES) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("c > 1", "names “c”"),
        ("s > 1", "compares a text with a number"),
        ("a and t", "takes “a”, a number, for a yes or no"),
        ("__import__('os')", "calls"),
        ("s.upper()", "calls"),
        ("s.upper", "no column"),
        ("rows.name", "holds no numbers"),
        ("sum(rows)", "asks “sum” of a table"),
        ("(lambda: 1)()", "calls"),
        ("[x for x in several]", "not allowed"),
        ("a ** 9", "computes"),
        ("a if t else b", "not allowed"),
        ("True", "use yes, no"),
        ("b'x' == s", "use yes, no"),
        ("f'{s}'", "not allowed"),
        ("a ==", "cannot be read"),
        ("", "cannot be read"),
        ("(" * 300 + "a" + ")" * 300, "longer"),
        ("not " * 40 + "t", "nested"),
    ],
)
def test_what_is_refused_says_why(text, says):
    with pytest.raises(Wrong, match=says.replace("(", r"\(")):
        parse(text, KNOWN)


def test_a_condition_must_be_true_or_not():
    with pytest.raises(Wrong, match="gives a number"):
        condition("a + 1", KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("t and a > 1", None), ("a > 1 or t", None), ("no and a > 1", False), ("yes or a > 1", True), ("a == 1", None)],
)
def test_what_was_not_answered_is_unknown_unless_it_cannot_matter(text, expected):
    assert evaluate(parse(text, KNOWN), {}) is expected


def test_the_names_of_an_expression_are_what_it_depends_on():
    assert parse("sum(rows.amount) > a and t", KNOWN).names == {"rows", "a", "t"}
    assert names_in("sum(rows.amount) > gone and filled(t)") == {"rows", "gone", "t"}
    assert names_in("no expression at (") == frozenset()


@given(st.text(max_size=60) | st.sampled_from([ast.unparse(ast.parse(t)) for t in ("a+b", "t and t", "x.y[0]")]))
def test_any_text_is_taken_or_refused_and_nothing_else_happens(text):
    try:
        found = parse(text, KNOWN)
    except Wrong:
        return
    assert evaluate(found, {}) is None or evaluate(found, {}) is not NotImplemented


@given(st.integers(-10_000, 10_000), st.decimals(-100, 100, places=2))
def test_numbers_are_exact(whole, part):
    found = parse("a + b == total", {**KNOWN, "total": Kind.NUMBER})
    values = {"a": Decimal(whole), "b": part, "total": Decimal(whole) + part}
    assert evaluate(found, values) is True
