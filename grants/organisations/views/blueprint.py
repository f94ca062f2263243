"""The blueprint, and what all pages about one organisation begin with."""

from __future__ import annotations

from flask import Blueprint

from grants.kernel.actor import Actor, Role
from grants.kernel.errors import NotFound
from grants.organisations import queries
from grants.organisations.models import Organisation
from grants.web import guards

bp = Blueprint("organisations", __name__)


def load(pic: str) -> Organisation:
    """The organisation with this PIC, or the one that took it over. Raises NotFound."""
    organisation = queries.by_pic(pic)
    if organisation is None:
        raise NotFound
    return organisation


def officer() -> Actor:
    """The signed-in officer of the registry."""
    return guards.staff(Role.MANAGER, Role.ADMINISTRATOR)
