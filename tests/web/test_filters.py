"""How values are shown and chosen."""

from __future__ import annotations

from grants.web.filters import country_choices


def test_countries_stand_in_their_order_whatever_their_accents():
    names = [name for _, name in country_choices()]
    place = next(index for index, name in enumerate(names) if name.startswith("Côte"))
    assert names[place - 1].startswith("Costa")
    assert names[place + 1] == "Croatia"
    assert names.index("Åland Islands") < names.index("Albania")
