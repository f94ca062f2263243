"""Runs benchmarks and writes what they found: one JSON object as the last line, and the same to ``var/bench``."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to reach: at least, or at most."""

    key: str
    goal: float
    at_least: bool

    def met(self, figures: Mapping[str, float]) -> bool:
        """Whether the figure is there and reaches the goal."""
        figure = figures.get(self.key)
        return figure is not None and (figure >= self.goal if self.at_least else figure <= self.goal)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``measure`` gives the figures by key; it tells its progress on stderr."""

    name: str
    goals: Sequence[Goal]
    measure: Callable[[], dict[str, float]]


def machine() -> str:
    """Kind and number of processors, Python: what figures can be compared with."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        model = ""
    return f"{os.cpu_count()} x {model or platform.machine()}, Python {platform.python_version()}"


def result(benchmark: Benchmark, figures: Mapping[str, float]) -> dict[str, object]:
    """What is printed and kept."""
    goals = [{"key": each.key, "goal": each.goal, "met": each.met(figures)} for each in benchmark.goals]
    return {"name": benchmark.name, "machine": machine(), "figures": dict(figures), "goals": goals}


def run(benchmark: Benchmark, folder: Path) -> dict[str, object]:
    """Measure, keep under ``folder``, give the result."""
    found = result(benchmark, benchmark.measure())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{benchmark.name}.json").write_text(json.dumps(found, indent=1) + "\n")
    return found


def say(words: str) -> None:
    """Progress, beside the figures."""
    print(words, file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """0 also where a goal is missed; 2 for a name that there is not."""
    # they import this module, and the whole program
    from benchmarks import assignment, documents, kill, pages, ranking, similarity, surge, upload  # noqa: PLC0415

    modules = (pages, upload, documents, similarity, surge, kill, assignment, ranking)
    known = {each.BENCHMARK.name: each.BENCHMARK for each in modules}
    wanted = list(arguments) or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        say(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    for name in wanted:
        print(json.dumps(run(known[name], Path("var/bench"))), flush=True)
    return 0
