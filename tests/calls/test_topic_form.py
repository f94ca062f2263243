"""What a manager sets about Part B is kept, shown to applicants, and may be left out."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

import pytest

from grants.db import db
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted


class Fields(HTMLParser):
    """The values that a browser would send back from the page's forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self.values[name] = given.get("value") or ""
        elif tag in {"textarea", "select"}:
            self._open = name
            self.values.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.values[self._open] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea":
            self.values[self._open] += data


@pytest.mark.parametrize(("font", "margin", "words"), [
    ("10,5", "20", "text of at least 10.5 points, margins of at least 20 mm"),
    ("", "", "One PDF of at most 45 pages; annexes as needed"),
])  # fmt: skip
def test_print_and_margins_of_part_b_are_asked_for_or_not(app, client, font, margin, words):
    of = topic(published=False)
    manager, _ = manager_of(of)
    signed_in(client, manager)
    address = f"/manage/topics/{of.identifier}/edit"
    page = client.get(address)
    assert page.status_code == 200, page.status_code
    values = Fields(page.text).values
    assert (values["min_font_pt"], values["min_margin_mm"]) == ("11", "15")

    answer = client.post(address, data=values | {"min_font_pt": font, "min_margin_mm": margin})

    assert answer.status_code == 302, answer.text
    db.session.refresh(of)
    kept = of.min_font_pt, of.min_margin_mm
    assert kept == ((Decimal("10.5"), Decimal(20)) if font else (None, None))
    assert words in " ".join(client.get(f"/topics/{of.identifier}").text.split())


def test_sub_questions_areas_and_portfolio_rules_are_kept_shown_and_checked(app, client):
    of = topic(published=False, template="ISF-PJG")
    manager, _ = manager_of(of)
    signed_in(client, manager)
    address = f"/manage/topics/{of.identifier}/edit"
    values = Fields(client.get(address).text).values
    assert (
        values["criteria-0-aspects"].strip().splitlines()[0] == "Does the project answer the priorities of the call?"
    )
    sent = values | {
        "criteria-0-aspects": "Is it needed?\n\nWho benefits?", "on_misfit": "portfolio",
        "portfolio": "at most 1 from each area\nat least 1 from space",
    }  # fmt: skip
    answer = client.post(address, data=sent)
    assert answer.status_code == 422
    assert "no area is called space" in answer.text
    answer = client.post(address, data=sent | {"portfolio": "at most 1 from each area"})
    assert answer.status_code == 302, answer.text
    db.session.refresh(of)
    assert of.criteria[0].aspects == ["Is it needed?", "Who benefits?"]
    assert of.portfolio == ["at most 1 from each area"]
    again = Fields(client.get(address).text).values
    assert again["criteria-0-aspects"].split() == ["Is", "it", "needed?", "Who", "benefits?"]


def test_sub_questions_are_asked_of_experts_and_known_to_applicants(app, client):
    of = topic(template="ISF-PJG")
    _, manager = manager_of(of)
    asked = of.criteria[0].aspects[0]
    assert asked in client.get(f"/topics/{of.identifier}").text
    (each,) = assigned(submitted(of), *accepted(of, expert("Ann"), manager=manager), manager=manager)
    browser = signed_in(client, each.expert.account, now=LATER)
    assert asked in browser.get(f"/evaluation/{each.id}").text
