"""Many texts at once: planted copies are found, chance is not, what came last is compared with all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import similarity as benchmark
from grants.similarity import rules
from grants.similarity.signatures import BANDS, ROWS, alike, exact, signature


@pytest.fixture(scope="module")
def writer() -> benchmark.Writer:
    return benchmark.Writer(seed=5)


def text(sentences: list[str]) -> str:
    return " ".join(sentences)


def test_every_kind_of_copy_is_found_with_its_share_and_nothing_else(writer):
    own = [writer.sentences() for _ in range(60)]
    copies = [list(own[0]), writer.half(own[1]), writer.reordered(own[2]), writer.light_edit(own[3])]

    found = {(each.first, each.second): each.share for each in alike([signature(text(one)) for one in own + copies])}

    assert set(found) == {(0, 60), (1, 61), (2, 62), (3, 63)}
    assert found[0, 60] == 1.0
    assert 0.4 < found[1, 61] < 0.6
    assert found[2, 62] > 0.8
    assert 0.5 < found[3, 63] < 0.7


def test_only_what_came_last_is_compared_when_asked_so(writer):
    one, two = writer.sentences(), writer.sentences()
    known = [signature(text(each)) for each in (one, one, two, two, one)]

    assert {(each.first, each.second) for each in alike(known, since=4)} == {(0, 4), (1, 4)}
    assert {(each.first, each.second) for each in alike(known)} == {(0, 1), (0, 4), (1, 4), (2, 3)}


def test_the_exact_share_is_that_of_the_rules(writer):
    left = writer.sentences()
    right = writer.half(left)
    expected = rules.overlap(*(set(rules.shingles(rules.words_of(text(each)))) for each in (left, right)))
    assert exact(signature(text(left)).runs, signature(text(right)).runs) == pytest.approx(expected)


def test_empty_texts_are_like_nothing(writer):
    assert alike([]) == []
    assert alike([signature("")]) == []
    assert alike([signature(""), signature(""), signature(text(writer.sentences()))]) == []


@pytest.mark.slow
def test_a_signature_is_the_same_on_every_machine():
    kept = signature("Three hotlines share one queue and measure the time to removal.")
    code = (
        "from grants.similarity.signatures import signature;"
        "s = signature('three hotlines share one queue and measure the time to removal');"
        "print(s.values.tolist() + s.runs.tolist())"
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout.strip() == str(kept.values.tolist() + kept.runs.tolist())
    assert len(kept.values) == BANDS * ROWS
