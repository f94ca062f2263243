"""The benchmarks run at a tiny size and say what they promise. Speed is measured there, never asserted here."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks import pages, runner, upload

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def said(server_url, tmp_path_factory):
    """What a small run of ``pages`` found, and the folder where it was kept."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_DATABASE_URL", server_url)
        small = replace(pages.BENCHMARK, measure=lambda: pages.figures((60, 120), rounds=1, each=2))
        return runner.run(small, folder), folder


def test_a_result_has_name_machine_figures_and_goals(said):
    result, folder = said
    assert list(result) == ["name", "machine", "figures", "goals"]
    assert result["name"] == "pages"
    assert all(isinstance(each, int | float) for each in result["figures"].values())
    assert {each["key"] for each in result["goals"]} <= set(result["figures"])
    assert [set(each) for each in result["goals"]] == [{"key", "goal", "met"}] * len(pages.BENCHMARK.goals)
    assert json.loads((folder / "pages.json").read_text()) == result


def test_no_page_asks_more_statements_than_allowed_nor_more_for_more_rows(said):
    """These two are no speeds: they are the same on every machine."""
    figures = said[0]["figures"]
    many = {name: count for name, count in figures.items() if name.startswith("queries_") and count > 8}
    assert not set(many) - {f"queries_{name}" for name in pages.ACTIONS}
    assert figures["queries_max"] <= 8
    assert figures["queries_growth"] == 0


def test_a_missed_goal_is_said_and_is_no_failure(tmp_path):
    goals = (runner.Goal("fast", 0.6, at_least=True), runner.Goal("many", 8, at_least=False))
    found = runner.run(runner.Benchmark("both", goals, lambda: {"fast": 0.5, "many": 8}), tmp_path)
    assert [each["met"] for each in found["goals"]] == [False, True]


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    assert runner.main(["speed"]) == 2
    assert "pages, upload, documents, similarity, surge, kill" in capsys.readouterr().err
    assert {each.key for each in upload.BENCHMARK.goals} == {"memory_growth_mb", "check_ratio"}
