"""20,000 abstracts compared with each other on one core, with planted copies: are they found, and what else is.

The texts are made of words as frequent as in a language (Zipf), so chance has its share. Planted, 500 of each kind:
``whole``; ``half`` (half of its sentences among as many of one's own); ``reordered`` (all sentences, shuffled);
``light_edit`` (every tenth word changed).
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from itertools import accumulate

from benchmarks.runner import Benchmark, Goal, say
from benchmarks.upload import in_a_process
from grants.similarity import signatures

COUNT, PLANTED = 20_000, 500
SENTENCES, WORDS = 14, (12, 26)


def vocabulary(chance: random.Random, size: int = 30_000) -> tuple[list[str], list[float]]:
    """Words and how often each comes, added up."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = {"".join(chance.choices(letters, k=chance.randint(2, 10))) for _ in range(size)}
    words = sorted(known)
    chance.shuffle(words)
    return words, list(accumulate(1 / (place + 3) for place in range(len(words))))


class Writer:
    """Writes abstracts and copies of them."""

    def __init__(self, seed: int = 11) -> None:
        self.chance = random.Random(seed)
        self.words, self.weights = vocabulary(self.chance)

    def sentence(self) -> str:
        """Some words as frequent as they are."""
        found = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randint(*WORDS))
        return " ".join(found).capitalize() + "."

    def sentences(self, count: int = SENTENCES) -> list[str]:
        """Sentences of one's own."""
        return [self.sentence() for _ in range(count)]

    def half(self, text: list[str]) -> list[str]:
        """Every second sentence is the other's."""
        mixed = self.chance.sample(text, len(text) // 2) + self.sentences(len(text) - len(text) // 2)
        self.chance.shuffle(mixed)
        return mixed

    def reordered(self, text: list[str]) -> list[str]:
        """The same sentences in another order."""
        return self.chance.sample(text, len(text))

    def light_edit(self, text: list[str]) -> list[str]:
        """Every tenth word is another."""
        words = " ".join(text).split()
        words[4::10] = self.chance.choices(self.words, cum_weights=self.weights, k=len(words[4::10]))
        return [" ".join(words)]


def planted(count: int, copies: int) -> tuple[list[str], dict[str, set[tuple[int, int]]]]:
    """Texts, and which pairs of places are copies, by kind. Copies stand behind all others."""
    writer = Writer()
    own = [writer.sentences() for _ in range(count - 4 * copies)]
    kinds: dict[str, Callable[[list[str]], list[str]]] = {
        "whole": list, "half": writer.half, "reordered": writer.reordered, "light_edit": writer.light_edit,
    }  # fmt: skip
    texts, pairs = list(own), {}
    for kind, change in kinds.items():
        originals = writer.chance.sample(range(len(own)), copies)
        pairs[kind] = {(original, len(texts) + place) for place, original in enumerate(originals)}
        texts += [change(own[original]) for original in originals]
    return [" ".join(each) for each in texts], pairs


def measure(texts: list[str], pairs: dict[str, set[tuple[int, int]]]) -> dict[str, float]:
    """Signatures and comparison, in seconds of one processor; ``wall_s`` is longer where others use it too."""
    begun, start = time.perf_counter(), time.process_time()
    known = [signatures.signature(text) for text in texts]
    signed = time.process_time()
    found = {(pair.first, pair.second) for pair in signatures.alike(known)}
    end, wall = time.process_time(), time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    planted_pairs = set().union(*pairs.values())
    chance = [pair for pair in found - planted_pairs if not _same_source(pair, planted_pairs)]
    recalls = {f"recall_{kind}": round(len(found & these) / len(these), 4) for kind, these in pairs.items()}
    return {
        "seconds": round(end - start, 1), "seconds_signatures": round(signed - start, 1), "wall_s": round(wall, 1),
        "memory_mb": round(memory, 1), **recalls, "false_alarms_per_1000": round(1000 * len(chance) / len(texts), 3),
    }  # fmt: skip


def _same_source(pair: tuple[int, int], planted_pairs: set[tuple[int, int]]) -> bool:
    """Two copies of one original are alike too: no false alarm."""
    sources = {second: first for first, second in planted_pairs}
    one, other = sources.get(pair[0], -1), sources.get(pair[1], -2)
    return one == other or pair[0] == other


def figures(count: int = COUNT, copies: int = PLANTED) -> dict[str, float]:
    """In a process of its own: making the texts counts neither in time nor in memory."""
    texts, pairs = planted(count, copies)
    found = in_a_process(lambda: measure(texts, pairs))
    say(str(found))
    return found


BENCHMARK = Benchmark(
    "similarity",
    (
        Goal("seconds", 60, at_least=False),
        Goal("memory_mb", 1024, at_least=False),
        Goal("recall_whole", 1.0, at_least=True),
        Goal("recall_half", 0.98, at_least=True),
        Goal("recall_reordered", 0.98, at_least=True),
    ),
    figures,
)
