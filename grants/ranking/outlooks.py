"""What-ifs of a ranked list: tried, kept under a name, forgotten. They decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from grants.audit.services import record
from grants.db import db
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.queue import defer
from grants.ranking import access, queries, rules
from grants.ranking.models import Ranking, WhatIf

#: Numbers of proposals that a page names.
SHOWN = 20


@lru_cache(maxsize=4)
def _inputs(_inputs_sha256: str, text: str) -> Any:
    """Read once: what-ifs of one list come one after the other."""
    return rules.read_inputs(text)


def outlook(ranking: Ranking, changes: rules.Changes) -> dict[str, Any]:
    """What the list would be, as JSON. Raises Invalid for changes that make no sense."""
    if not ranking.inputs:
        raise Invalid(Finding("no-inputs", "This list is older than what-ifs. Compute it again first."))
    candidates, config = _inputs(ranking.inputs_sha256, ranking.inputs)
    if config.portfolio is not None and not changes.on_misfit:
        message = "The best selection under portfolio rules takes a while. Give it a name: it is computed beside."
        raise Invalid(Finding("takes-long", message, place="name"))
    try:
        found = rules.what_if(candidates, config, changes, main_now=queries.main_numbers(ranking.id))
    except ValueError as problem:
        raise Invalid(Finding("what-if", f"{str(problem).capitalize()}.")) from problem
    return as_figures(found)


def as_figures(found: rules.Outlook) -> dict[str, Any]:
    """What is kept and shown of a what-if."""
    return {
        "budget": str(found.budget), "main": found.main, "spent": str(found.spent), "reserve": found.reserve,
        "below": found.below, "entered": list(found.entered[:SHOWN]), "left": list(found.left[:SHOWN]),
        "more_entered": max(0, len(found.entered) - SHOWN), "more_left": max(0, len(found.left) - SHOWN),
    }  # fmt: skip


def keep(ranking: Ranking, name: str, changes: rules.Changes, *, actor: Actor, now: datetime) -> None:
    """Keep a what-if under a name; the same name is written over. Raises Invalid, NotFound."""
    access.may_see_ranking(actor, programme=ranking.topic.call.programme.code, state=ranking.state).require()
    if not name.strip() or actor.id is None:
        raise Invalid(Finding("no-name", "Give it a name.", place="name"))
    slow = bool(ranking.selection) and not changes.on_misfit
    values = {
        "changes": as_json(changes), "figures": {} if slow else outlook(ranking, changes),
        "made_by_id": actor.id, "made_at": now, "inputs_sha256": ranking.inputs_sha256,
    }  # fmt: skip
    statement = insert(WhatIf).values(ranking_id=ranking.id, name=name.strip()[:80], **values)
    statement = statement.on_conflict_do_update(constraint="uq_what_if_name", set_=values)
    identity = db.session.execute(statement.returning(WhatIf.id)).scalar_one()
    if slow:
        defer("look_ahead", lock=f"what-if:{identity}", what_if_id=identity)
    record(ranking.ref(), "what_if.kept", actor=actor, now=now, facts={"name": name.strip()[:80]})


def forget(ranking: Ranking, what_if_id: int, *, actor: Actor, now: datetime) -> None:
    """Forget a what-if. Raises NotFound."""
    found = db.session.get(WhatIf, what_if_id)
    if found is None or found.ranking_id != ranking.id:
        raise NotFound
    record(ranking.ref(), "what_if.forgotten", actor=actor, now=now, facts={"name": found.name})
    db.session.delete(found)
    db.session.flush()


def kept(ranking_id: int) -> list[WhatIf]:
    """All what-ifs of a list, by name."""
    return list(db.session.scalars(select(WhatIf).where(WhatIf.ranking_id == ranking_id).order_by(WhatIf.name)))


def as_json(changes: rules.Changes) -> dict[str, Any]:
    """What was changed, for the page."""

    def plain(value: Decimal | None) -> str | None:
        return None if value is None else f"{value:f}"

    return {
        "budget": plain(changes.budget), "overall": plain(changes.overall),
        "weights": {code: plain(value) for code, value in changes.weights.items()},
        "thresholds": {code: plain(value) for code, value in changes.thresholds.items()},
        "on_misfit": changes.on_misfit.value if changes.on_misfit else None,
    }  # fmt: skip


def changes_of(kept: Mapping[str, Any]) -> rules.Changes:
    """What ``as_json`` wrote."""

    def number(value: str | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return rules.Changes(
        budget=number(kept["budget"]), overall=number(kept["overall"]),
        weights={code: Decimal(value) for code, value in kept["weights"].items()},
        thresholds={code: number(value) for code, value in kept["thresholds"].items()},
        on_misfit=rules.Misfit(kept["on_misfit"]) if kept["on_misfit"] else None,
    )  # fmt: skip
