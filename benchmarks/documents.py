"""Part A of a large proposal: what making it costs over the bare library on the same texts, and how long it takes.

Each round takes texts of its own: the library remembers what it has set before.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import typst

from benchmarks.runner import Benchmark, Goal, say
from grants.proposals import part_a

ROUNDS = 21
PARTICIPANTS = 15
FRAME = part_a.Frame(
    funder="Funder", topic_title="Networks that prevent", state="version 1", state_line="Version 1 as submitted.",
    categories={"A": "Personnel", "B": "Subcontracting", "C": "Travel", "D": "Equipment", "E": "Other goods"},
)  # fmt: skip


def content(number: int) -> dict[str, Any]:
    """A snapshot as ``proposals.facts.snapshot`` makes it, like no other."""
    sentence = f"Partner {number} keeps one queue for all hotlines and measures the time to removal. "
    return {
        "number": 101_000_000 + number, "topic": "ISF-2026-TF2-AG-PROTECT", "call": "ISF-2026-TF2-AG",
        "call_version": 1, "acronym": f"NET{number}", "title": sentence, "abstract": sentence * 24,
        "keywords": ["hotlines", "removal"], "duration_months": 24, "women": 7, "men": 6,
        "participants": [participant(number * 100 + place, place) for place in range(PARTICIPANTS)],
        "total": "8025000.00", "requested": "7222500.00",
        "files": [{"kind": "part_b", "name": "Part B.pdf", "size": 1_234_567, "sha256": "ab" * 32, "pages": 50}],
    }  # fmt: skip


def participant(number: int, place: int) -> dict[str, Any]:
    """One organisation with five kinds of costs."""
    return {
        "pic": f"9{number:08d}", "name": f"Institute of Measurement and Prevention {number}", "country": "BE",
        "kind": "REC", "sme": False, "role": "beneficiary" if place else "coordinator", "funding_rate": "90.000",
        "costs": dict.fromkeys(FRAME.categories, "100000.00"), "indirect": "35000.00", "total": "535000.00",
        "requested": "481500.00",
    }  # fmt: skip


def bare(facts: str) -> None:
    """The library alone: the same template, the texts ready."""
    compiler = typst.Compiler(part_a.TEMPLATE.encode(), ignore_system_fonts=True)
    compiler.compile(format="pdf", pdf_standards="ua-1", sys_inputs={"facts": facts})


def timed(act: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def figures(rounds: int = ROUNDS) -> dict[str, float]:
    """Alternating, so that both meet the same machine; which comes first changes too."""
    library, whole = [], []
    part_a.pdf(content(0), FRAME)
    for number in range(1, rounds + 1):
        facts = json.dumps(part_a.facts_of(content(2 * number), FRAME))
        other = content(2 * number + 1)
        acts = [(library, lambda facts=facts: bare(facts)), (whole, lambda other=other: part_a.pdf(other, FRAME))]
        for times, act in acts if number % 2 else reversed(acts):
            times.append(timed(act))
    found = {
        "library_s": round(statistics.median(library), 4),
        "document_s": round(statistics.median(whole), 4),
        "p95_s": round(sorted(whole)[int(0.95 * (len(whole) - 1))], 4),
        "ratio_to_library": round(statistics.median(library) / statistics.median(whole), 3),
    }
    say(str(found))
    return found


BENCHMARK = Benchmark(
    "documents", (Goal("ratio_to_library", 0.85, at_least=True), Goal("p95_s", 0.3, at_least=False)), figures
)
