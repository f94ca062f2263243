"""How values are shown and chosen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grants.web.filters import country_choices, instant, short_instant


def test_countries_stand_in_their_order_whatever_their_accents():
    names = [name for _, name in country_choices()]
    place = next(index for index, name in enumerate(names) if name.startswith("Côte"))
    assert names[place - 1].startswith("Costa")
    assert names[place + 1] == "Croatia"
    assert names.index("Åland Islands") < names.index("Albania")


@pytest.mark.parametrize(
    ("zone", "month", "short", "long"),
    [
        ("Europe/Brussels", 1, "13:00 CET", "13:00 Brussels time (CET, UTC+1)"),
        ("Europe/Brussels", 7, "14:00 CEST", "14:00 Brussels time (CEST, UTC+2)"),
        ("Europe/London", 1, "12:00 GMT", "12:00 London time (GMT, UTC+0)"),
        ("America/Sao_Paulo", 1, "09:00 UTC-3", "09:00 Sao Paulo time (UTC-3)"),
        ("Asia/Kolkata", 1, "17:30 UTC+5:30", "17:30 Kolkata time (UTC+5:30)"),
        ("UTC", 1, "12:00 UTC", "12:00 UTC"),
    ],
)
def test_every_instant_names_its_zone(zone, month, short, long):
    moment = datetime(2026, month, 1, 12, tzinfo=UTC)
    assert short_instant(moment, zone).endswith(f"2026, {short}")
    assert instant(moment, zone).endswith(f"2026, {long}")
