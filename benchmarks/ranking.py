"""Ranking at the size of the largest calls: the whole list, what-ifs, and the growth of its page.

``seconds_17000``: totals, thresholds, ties and funding line of 17,000 proposals in memory, with the text of all
inputs that is kept. ``whatif_s``: a what-if with another budget and weight on the same. ``growth_17000``: first page
of the list at 17,000 rows over 100, each asked in turn.
"""

from __future__ import annotations

import random
import statistics
import time
from decimal import Decimal

from benchmarks.pages import seconds, sites
from benchmarks.runner import Benchmark, Goal, say
from grants.calls.rules import CriterionFacts
from grants.ranking import rules

COUNT, ROUNDS, EACH = 17_000, 7, 20
COUNTRIES = ("AT", "BE", "BG", "DE", "EL", "ES", "FI", "FR", "HU", "IE", "IT", "LT", "NL", "PL", "PT", "RO", "SE")


def candidates(count: int) -> list[rules.CandidateFacts]:
    """Proposals whose scores are often equal, as they are."""
    draw = random.Random(7)
    return [
        rules.CandidateFacts(
            number=101_000_000 + number,
            scores={code: Decimal(draw.randint(5, 10)) / 2 for code in ("excellence", "impact", "implementation")},
            requested=Decimal(draw.randint(1_000_000, 4_000_000)), themes=frozenset({f"theme {draw.randint(1, 40)}"}),
            countries=frozenset(draw.sample(COUNTRIES, 5)), women=draw.randint(0, 4), men=draw.randint(0, 4),
        )
        for number in range(count)
    ]  # fmt: skip


def measure() -> dict[str, float]:
    """All three."""
    criteria = tuple(
        CriterionFacts(code, code.capitalize(), Decimal(5), Decimal("0.5"), threshold=Decimal(3))
        for code in ("excellence", "impact", "implementation")
    )
    keys = ("coverage", "criterion:excellence", "criterion:impact", "gender", "geography", "lottery")
    config = rules.RankingConfig(
        criteria=criteria, keys=keys, budget=Decimal(5_000_000_000), overall_threshold=Decimal(10), seed="a seed"
    )
    people = candidates(COUNT)
    changes = rules.Changes(budget=Decimal(4_000_000_000), weights={"impact": Decimal("1.5")})
    whole, others = [], []
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        start = time.perf_counter()
        placed = rules.rank(people, config)
        rules.inputs_text(people, config)
        whole.append(time.perf_counter() - start)
        main = frozenset(each.number for each in placed if each.outcome is rules.Outcome.MAIN)
        start = time.perf_counter()
        rules.what_if(people, config, changes, main_now=main)
        others.append(time.perf_counter() - start)
    return {
        "seconds_17000": round(statistics.median(whole), 3), "whatif_s": round(statistics.median(others), 3),
        "growth_17000": _growth(),
    }  # fmt: skip


def _growth() -> float:
    with sites((100, COUNT)) as (made, _, _largest):
        asks = {
            count: site.page("manager", f"/manage/topics/{site.filled.topic}/ranking") for count, site in made.items()
        }
        pairs = []
        for number in range(ROUNDS + 1):
            few, many = (statistics.median(seconds(asks[count], EACH)) for count in (100, COUNT))
            if number:  # the first round only fills caches
                pairs.append(many / few)
        return round(statistics.median(pairs), 3)


BENCHMARK = Benchmark(
    "ranking",
    (
        Goal("seconds_17000", 2, at_least=False), Goal("whatif_s", 0.5, at_least=False),
        Goal("growth_17000", 1.3, at_least=False),
    ),
    measure,
)  # fmt: skip
