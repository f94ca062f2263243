"""Two tabs on an expert's own page: the second is told, and sees both; other pages do not collide."""

from __future__ import annotations

import re

import pytest

from grants.db import db
from grants.experts import services
from grants.kernel.errors import Stale
from tests.conftest import NOW
from tests.factories.evaluation import expert, expert_actor
from tests.factories.people import signed_in

PAGES = {
    "/evaluation/profile": (
        "expertise",
        "hotlines",
        "forensics",
        {"employer_name": "Lab", "country": "", "gender": ""},
    ),
    "/evaluation/background": (
        "jobs",
        "2020-01 | | First Lab | |",
        "2021-01 | | Second Lab | |",
        {"nationality": "", "sector": ""},
    ),
    "/evaluation/interests": ("ties", "family | Ana Petrov", "post | Other Fund", {"declared": "y"}),
    "/evaluation/availability": ("absences", "2026-10-01 | 2026-10-05", "2026-11-01 | 2026-11-05", {}),
}


def version_of(page):
    return re.search(r'name="version"[^>]*value="(\d+)"', page.text).group(1)


def said(line):
    """What of a line is shown as it was typed."""
    return max((each.strip() for each in line.split("|")), key=len)


@pytest.mark.parametrize("address", PAGES)
def test_the_second_of_two_tabs_is_refused_with_both_texts_and_may_then_keep_its_own(app, client, address):
    field, first, second, more = PAGES[address]
    found = expert()
    db.session.commit()
    signed_in(client, found.account)
    seen = version_of(client.get(address))
    assert client.post(address, data={field: first, "version": seen} | more).status_code == 302

    refused = client.post(address, data={field: second, "version": seen} | more)
    assert refused.status_code == 409
    assert "Changed elsewhere" in refused.text
    for words in (said(first), second):
        assert words in refused.text
    assert second not in client.get(address).text

    again = client.post(address, data={field: second, "version": version_of(refused)} | more)
    assert again.status_code == 302
    assert said(second) in client.get(address).text


def test_each_page_counts_for_itself(app):
    found = expert()
    who = expert_actor(found.account)
    services.change_absences(found, [], seen=0, actor=who, now=NOW)
    services.declare_interests(found, [], declared=True, seen=0, actor=who, now=NOW)
    with pytest.raises(Stale) as problem:
        services.change_absences(found, [], seen=0, actor=who, now=NOW)
    assert problem.value.version == found.absences_version == 1
