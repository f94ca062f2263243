"""Templates of types of action: what a new topic starts with. Data in ``actions.json``, a manager adjusts all of it.

Source: domain.md 2, 4, 7, 8.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from grants.calls.models import CostCategory, Criterion, Topic


@cache
def templates() -> dict[str, dict[str, Any]]:
    """All templates by key."""
    text = (files("grants.calls") / "actions.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def choices() -> list[tuple[str, str]]:
    """Keys with titles."""
    return [(key, template["title"]) for key, template in templates().items()]


def prefill(topic: Topic, key: str) -> None:
    """Give a new topic what its template says. Raises KeyError for an unknown template."""
    template = templates()[key]
    for name in (
        "type_of_action",
        "page_limit",
        "max_months",
        "min_entities",
        "min_countries",
        "min_member_states",
        "period_months",
        "tie_break",
    ):
        setattr(topic, name, template[name])
    for name in ("funding_rate", "nonprofit_rate", "indirect_rate", "overall_threshold", "spread_limit"):
        setattr(topic, name, None if template[name] is None else Decimal(template[name]))
    topic.criteria = [_criterion(position, row) for position, row in enumerate(template["criteria"], 1)]
    topic.categories = [
        CostCategory(position=position, **row) for position, row in enumerate(template["categories"], 1)
    ]


def _criterion(position: int, row: dict[str, Any]) -> Criterion:
    return Criterion(
        position=position, code=row["code"], name=row["name"], description=row["description"],
        maximum=Decimal(row["maximum"]), step=Decimal(row["step"]), weight=Decimal(row["weight"]),
        threshold=None if row["threshold"] is None else Decimal(row["threshold"]),
    )  # fmt: skip
