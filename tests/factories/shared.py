"""Worlds that take long to build, built once for the tests of a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from inspect import signature
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import NestedTransaction

from grants.db import db
from grants.kernel.clock import FixedClock


@dataclass
class Grounds:
    """The connection of a module's tests: each test in a savepoint of its own, on top of what was built before."""

    connection: Connection
    savepoint: NestedTransaction | None = None
    built: dict[Callable[..., Any], tuple[Any, datetime]] = field(default_factory=dict)

    def __enter__(self) -> None:
        self.savepoint = self.connection.begin_nested()

    def __exit__(self, *_: object) -> None:
        db.session.remove()
        assert self.savepoint is not None
        self.savepoint.rollback()

    def world(self, build: Callable[..., Any], *, app: Flask, clock: FixedClock) -> Any:
        """What ``build`` returned, with its rows read anew by the session of this test, at its instant."""
        if build not in self.built:
            self.__exit__()
            known = {"app": app, "clock": clock}
            made = build(**{name: known[name] for name in signature(build).parameters})
            db.session.commit()
            db.session.remove()
            self.built[build] = (made, clock.instant)
            self.__enter__()
        made, clock.instant = self.built[build]
        return anew(made)


def once(build: Callable[..., Any]) -> Any:
    """A fixture whose world is built by the first test of the module that asks for it, and undone for each by its
    savepoint. It may take ``app`` and ``clock`` and returns rows, or tuples, lists and dictionaries of rows.
    """

    @pytest.fixture(name=build.__name__)
    def world(app: Flask, clock: FixedClock, grounds: Grounds) -> Any:
        return grounds.world(build, app=app, clock=clock)

    return world


def anew(value: Any) -> Any:
    """The same with every row from the present session."""
    if isinstance(value, db.Model):
        return db.session.get_one(type(value), inspect(value).identity)
    if isinstance(value, list):  # a relation's list too
        return [anew(each) for each in value]
    if type(value) in {tuple, set}:
        return type(value)(anew(each) for each in value)
    if isinstance(value, dict):
        return {key: anew(each) for key, each in value.items()}
    return value
