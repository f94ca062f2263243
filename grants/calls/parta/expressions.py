"""Conditions and checks of a form, as text that nobody executes: parsed, type-checked, walked. Pure.

The text is Python's syntax for expressions, of which only what stands here is taken: names of fields, numbers, texts
in quotes, ``yes`` and ``no``; ``and or not``, comparisons, ``in``, ``+ - * /``; ``sum(table.column)``,
``count(table)``, ``length(text)``, ``filled(field)``. What was not answered is unknown, and so is what is computed
from it, except where the answer cannot matter (``no and …``).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DivisionByZero, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

MAX_LENGTH = 500  # characters
MAX_DEPTH = 20


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "yes or no"
    DATE = "date"
    LIST = "list"
    TABLE = "table"
    COLUMN = "column of numbers"


class Wrong(ValueError):
    """An expression that cannot be taken; the message completes a sentence about its place."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. ``names``: the fields it depends on; a column counts as its table."""

    text: str
    names: frozenset[str]
    kind: Kind
    tree: ast.expr


Value = Decimal | str | bool | date | tuple[Any, ...] | None
_CONSTANTS: Mapping[str, bool] = MappingProxyType({"yes": True, "no": False})
_OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = MappingProxyType(
    {ast.Add: Decimal.__add__, ast.Sub: Decimal.__sub__, ast.Mult: Decimal.__mul__, ast.Div: Decimal.__truediv__}
)
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FUNCTIONS = ("sum", "count", "length", "filled")


def parse(text: str, known: Mapping[str, Kind]) -> Expression:
    """The expression of ``text`` over fields ``known`` (a column as ``table.column``).

    Raises Wrong for what is no expression of ours, an unknown field, or kinds that do not go together.

    >>> parse("partners >= 3 and sanctions == no", {"partners": Kind.NUMBER, "sanctions": Kind.TRUTH}).kind.value
    'yes or no'
    """
    if len(text) > MAX_LENGTH:
        raise Wrong(f"is longer than {MAX_LENGTH} characters")
    tree = _tree(text.strip())
    names: set[str] = set()
    kind = _Typing(known, names).kind(tree, 0)
    return Expression(text, frozenset(names), kind, tree)


def condition(text: str, known: Mapping[str, Kind]) -> Expression:
    """An expression that is true or not. Raises Wrong."""
    found = parse(text, known)
    if found.kind is not Kind.TRUTH:
        raise Wrong(f"gives a {found.kind.value}, not yes or no")
    return found


def names_in(text: str) -> frozenset[str]:
    """The names in a text, known or not; nothing where it cannot be read."""
    try:
        found = {node.id for node in ast.walk(_tree(text.strip())) if isinstance(node, ast.Name)}
    except Wrong:
        return frozenset()
    return frozenset(found - {*_CONSTANTS, *_FUNCTIONS})


@lru_cache(maxsize=2048)
def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Wrong("cannot be read") from None


class _Typing:
    """Which kind each part has; collects the names."""

    def __init__(self, known: Mapping[str, Kind], names: set[str]) -> None:
        self.known, self.names = known, names

    def kind(self, node: ast.expr, depth: int) -> Kind:
        if depth > MAX_DEPTH:
            raise Wrong("is nested too deeply")
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise Wrong(f"holds “{ast.unparse(node)}”, which is not allowed here")
        found: Kind = method(node, depth + 1)
        return found

    def _constant(self, node: ast.Constant, _depth: int) -> Kind:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float | str):
            raise Wrong(f"holds “{ast.unparse(node)}”: use yes, no, a number or a text in quotes")
        return Kind.TEXT if isinstance(node.value, str) else Kind.NUMBER

    def _name(self, node: ast.Name, _depth: int) -> Kind:
        if node.id in _CONSTANTS:
            return Kind.TRUTH
        if node.id not in self.known:
            raise Wrong(f"names “{node.id}”, which is no field of this form")
        self.names.add(node.id)
        return self.known[node.id]

    def _attribute(self, node: ast.Attribute, _depth: int) -> Kind:
        if not isinstance(node.value, ast.Name) or f"{node.value.id}.{node.attr}" not in self.known:
            raise Wrong(f"names “{ast.unparse(node)}”, which is no column of this form")
        self.names.add(node.value.id)
        if self.known[f"{node.value.id}.{node.attr}"] is not Kind.NUMBER:
            raise Wrong(f"adds up “{ast.unparse(node)}”, which holds no numbers")
        return Kind.COLUMN

    def _list(self, node: ast.List, depth: int) -> Kind:
        if {self.kind(each, depth) for each in node.elts} - {Kind.TEXT, Kind.NUMBER}:
            raise Wrong("has a list of something else than texts and numbers")
        return Kind.LIST

    def _boolop(self, node: ast.BoolOp, depth: int) -> Kind:
        for each in node.values:
            self._need(each, Kind.TRUTH, depth)
        return Kind.TRUTH

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> Kind:
        wanted = Kind.TRUTH if isinstance(node.op, ast.Not) else Kind.NUMBER
        if not isinstance(node.op, ast.Not | ast.USub):
            raise Wrong(f"holds “{ast.unparse(node)}”, which is not allowed here")
        self._need(node.operand, wanted, depth)
        return wanted

    def _binop(self, node: ast.BinOp, depth: int) -> Kind:
        if type(node.op) not in _OPERATIONS:
            raise Wrong(f"computes “{ast.unparse(node)}”: only + - * / are allowed")
        self._need(node.left, Kind.NUMBER, depth)
        self._need(node.right, Kind.NUMBER, depth)
        return Kind.NUMBER

    def _compare(self, node: ast.Compare, depth: int) -> Kind:
        sides = [self.kind(each, depth) for each in (node.left, *node.comparators)]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            self._comparable(operator, left, right, node)
        return Kind.TRUTH

    @staticmethod
    def _comparable(operator: ast.cmpop, left: Kind, right: Kind, node: ast.Compare) -> None:
        if isinstance(operator, ast.In | ast.NotIn):
            fits = right is Kind.LIST and left in {Kind.TEXT, Kind.NUMBER}
        elif isinstance(operator, _ORDERED):
            fits = left is right and left in {Kind.NUMBER, Kind.DATE}
        else:
            fits = isinstance(operator, ast.Eq | ast.NotEq) and left is right and left is not Kind.COLUMN
        if not fits:
            raise Wrong(f"compares a {left.value} with a {right.value} in “{ast.unparse(node)}”")

    def _call(self, node: ast.Call, depth: int) -> Kind:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS or len(node.args) != 1 or node.keywords:
            raise Wrong(f"calls “{ast.unparse(node)}”: only sum, count, length and filled are there, with one field")
        argument = node.args[0]
        if name == "filled":
            if not isinstance(argument, ast.Name):
                raise Wrong("asks “filled” of something that is no field")
            self.kind(argument, depth)
            return Kind.TRUTH
        wanted = {"sum": (Kind.COLUMN,), "count": (Kind.TABLE, Kind.LIST), "length": (Kind.TEXT,)}[name]
        found = self.kind(argument, depth)
        if found not in wanted:
            raise Wrong(f"asks “{name}” of a {found.value}")
        return Kind.NUMBER

    def _need(self, node: ast.expr, wanted: Kind, depth: int) -> None:
        found = self.kind(node, depth)
        if found is not wanted:
            raise Wrong(f"takes “{ast.unparse(node)}”, a {found.value}, for a {wanted.value}")


def evaluate(expression: Expression, values: Mapping[str, Value]) -> Value:
    """Its value, None where that is unknown. ``values``: by field; what is missing is unknown.

    >>> known = {"a": Kind.NUMBER, "b": Kind.TRUTH}
    >>> evaluate(parse("b and a > 2", known), {"a": None, "b": False})
    False
    """
    return _value(expression.tree, values)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant():
            return node.value if isinstance(node.value, str) else Decimal(str(node.value))
        case ast.Name():
            return _CONSTANTS[node.id] if node.id in _CONSTANTS else values.get(node.id)
        case ast.List():
            return tuple(_value(each, values) for each in node.elts)
        case ast.BoolOp():
            return _logic(isinstance(node.op, ast.And), [_value(each, values) for each in node.values])
        case ast.UnaryOp():
            inside = _value(node.operand, values)
            if inside is None:
                return None
            return not inside if isinstance(node.op, ast.Not) else -_number(inside)
        case ast.BinOp():
            return _computed(node, values)
        case ast.Compare():
            sides = [_value(each, values) for each in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return _logic(True, [_compared(operator, left, right) for operator, left, right in pairs])
        case ast.Call():
            return _called(node, values)
    raise AssertionError(f"{ast.dump(node)} was not refused when it was parsed")


def _logic(conjunction: bool, parts: list[Value]) -> bool | None:
    """Three-valued: a known part that decides, decides."""
    deciding = not conjunction
    if any(part is deciding for part in parts):
        return deciding
    return None if any(part is None for part in parts) else conjunction


def _number(value: Value) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def _computed(node: ast.BinOp, values: Mapping[str, Value]) -> Decimal | None:
    left, right = _value(node.left, values), _value(node.right, values)
    if left is None or right is None:
        return None
    try:
        return _OPERATIONS[type(node.op)](_number(left), _number(right))
    except (DivisionByZero, InvalidOperation):
        return None


def _compared(operator: ast.cmpop, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    match operator:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)
        case ast.LtE():
            return bool(left <= right)
        case ast.Gt():
            return bool(left > right)
        case ast.GtE():
            return bool(left >= right)
        case ast.In():
            return left in right
        case _:
            return left not in right


def _called(node: ast.Call, values: Mapping[str, Value]) -> Value:
    assert isinstance(node.func, ast.Name)
    argument = node.args[0]
    if isinstance(argument, ast.Attribute):
        assert isinstance(argument.value, ast.Name)
        rows = values.get(argument.value.id)
        cells = [row.get(argument.attr) for row in rows] if isinstance(rows, tuple) else []
        return sum((cell for cell in cells if isinstance(cell, Decimal)), Decimal(0))
    value = _value(argument, values)
    if node.func.id == "filled":
        return value not in (None, "", ())
    if node.func.id == "count":
        return Decimal(len(value)) if isinstance(value, tuple) else Decimal(0)
    return Decimal(len(value)) if isinstance(value, str) else Decimal(0)
