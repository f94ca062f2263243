"""Both benchmarks of the last minutes at a tiny size: nothing is lost or doubled, whatever the speed."""

from __future__ import annotations

import pytest

from benchmarks import crowd, kill, ledger, surge
from benchmarks.place import Seat

pytestmark = pytest.mark.slow
#: What must be so at every size and on every machine.
NEVER = ("lost", "doubled", "errors", "taken_late", "receipts_unverified", "chain_breaks")


@pytest.fixture(autouse=True)
def services(server_url, monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", server_url)


def test_a_small_crowd_hands_in_and_every_word_of_the_server_holds():
    found = surge.figures(surge.Size(applicants=8, seconds=8, crowd=5, every=1, rounds=1, each=0.3))

    assert {name: found[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert found["acknowledged"] > 0
    assert {each.key for each in surge.BENCHMARK.goals} <= set(found)
    assert found["submit_ratio"] > 0


def test_killed_workers_and_a_database_that_crashes_lose_and_double_nothing():
    found = kill.figures(kill.Size(applicants=6, seconds=14, crowd=10, every=1, pause=1))

    assert {name: found[name] for name in NEVER} == dict.fromkeys(NEVER, 0)
    assert found["acknowledged"] > 0
    assert found["web_kills"] > 0
    assert found["postgres_restarts"] == 1
    assert {each.key for each in kill.BENCHMARK.goals} <= set(found)


@pytest.mark.parametrize(
    ("stored", "lost"),
    [
        pytest.param((1, "CODE", "aa", 7), 0, id="as it was told"),
        pytest.param(None, 1, id="not there"),
        pytest.param((2, "CODE", "aa", 7), 1, id="under another number"),
        pytest.param((1, "OTHER", "aa", 7), 1, id="with another code"),
        pytest.param((1, "CODE", "bb", 7), 1, id="with other content"),
        pytest.param((1, "CODE", "aa", 6), 1, id="without the last acknowledged save"),
    ],
)
def test_the_ledger_finds_what_was_lost(stored, lost):
    intent = crowd.Intent(key=None, saves=7, versions={1}, codes={1: ("CODE", "aa")})
    said = crowd.Said(Seat(101_000_001, 1, ""), general=True)
    version = stored and ledger.Submission(
        number=stored[0], code=stored[1], content_sha256=stored[2], content={"title": f"Title {stored[3]}"}
    )

    assert ledger._lost(intent, version, said) == lost
