"""The assignment on calls of five sizes, all hard rules on; beside it a plain flow that knows loads and conflicts.

Each size runs in a process of its own with the compiled code ready; seconds are of the solver alone, the instance in
memory. Gaps count against the bound for all pairs. ``rules_broken`` is counted by ``checking.broken``.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from benchmarks.instances import SIZES, draw
from benchmarks.runner import Benchmark, Goal, say
from benchmarks.upload import in_a_process
from grants.assigning.solver.checking import broken
from grants.assigning.solver.instance import Rules
from grants.assigning.solver.solving import Effort, solve

#: Steps of the prices: what reaches the goals with room to spare, far below the seconds that are allowed.
STEPS = {"S": 300, "ST": 900, "M": 400, "L": 200, "LT": 150}
GAPS = {"S": 0.001, "ST": 0.01, "M": 0.0015, "L": 0.005, "LT": 0.01}
SECONDS = {"S": 5, "ST": 10, "M": 15, "L": 60, "LT": 180}


def figures_of(name: str, size: int = 3, steps: int = 0) -> dict[str, float]:
    """One call with teams of this size."""
    instance = draw(SIZES[name], Rules(size=size))
    solve(draw(SIZES["S"], Rules(size=size)), Effort(iterations=2, every=1))  # the compiled code is read here
    found = solve(instance, Effort(iterations=steps or STEPS[name]))
    wrong = broken(instance, found.teams, found.rapporteurs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    say(f"{name}, teams of {size}: gap {found.gap:.4%} in {found.seconds:.1f} s, {dict(wrong) or 'no rule broken'}")
    return {
        "gap": round(found.gap, 6), "seconds": round(found.seconds, 2), "broken": float(wrong.total()),
        "memory_gb": round(memory, 3), "objective": found.objective, "bound": round(found.bound, 3),
    }  # fmt: skip


def flow_of(name: str) -> dict[str, float]:
    """Loads and conflicts alone, as a linear program (its corners are whole): fit, seconds, rules it breaks."""
    import highspy  # noqa: PLC0415 for measuring only

    instance = draw(SIZES[name])
    proposals, width = instance.candidates.shape
    experts = len(instance.load)
    begun = time.perf_counter()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    columns = proposals * width
    starts = np.arange(columns, dtype=np.int32) * 2
    rows = np.empty(columns * 2, dtype=np.int32)
    rows[0::2] = np.repeat(np.arange(proposals), width)
    rows[1::2] = proposals + instance.candidates.ravel()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = columns, proposals + experts
    program.col_cost_ = -instance.fits.ravel().astype(float)
    program.col_lower_, program.col_upper_ = np.zeros(columns), (instance.fits.ravel() >= 0).astype(float)
    program.row_lower_ = np.concatenate([np.full(proposals, 3.0), np.zeros(experts)])
    program.row_upper_ = np.concatenate([np.full(proposals, 3.0), instance.load.astype(float)])
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.append(starts, columns * 2)
    program.a_matrix_.index_, program.a_matrix_.value_ = rows, np.ones(columns * 2)
    solver.passModel(program)
    solver.run()
    taken = np.array(solver.getSolution().col_value).reshape(proposals, width) > 0.5
    seconds = time.perf_counter() - begun
    teams = np.argsort(~taken, axis=1, kind="stable")[:, :3]
    wrong: Counter[str] = broken(instance, teams, teams[:, 0])
    say(f"{name}, plain flow: {seconds:.1f} s, {dict(wrong)}")
    return {
        "fit": float(instance.fits[taken].sum()), "seconds": round(seconds, 2),
        "broken": float(wrong["organisation"] + wrong["country"] + wrong["need"]),
    }  # fmt: skip


def measure() -> dict[str, float]:
    """All sizes, then teams of four and five, then the flow."""
    found: dict[str, float] = {"rules_broken": 0.0}
    for name in STEPS:
        one: dict[str, Any] = in_a_process(partial(figures_of, name))
        found |= {f"gap_{name}": one["gap"], f"seconds_{name}": one["seconds"]}
        found |= {f"objective_{name}": one["objective"], f"bound_{name}": one["bound"]}
        found["rules_broken"] += one["broken"]
        if name == "L":
            found["memory_gb_L"] = one["memory_gb"]
    for size in (4, 5):
        one = in_a_process(partial(figures_of, "S", size))
        found |= {f"gap_S_{size}": one["gap"], f"seconds_S_{size}": one["seconds"]}
        found["rules_broken"] += one["broken"]
    for name in ("S", "M"):
        flow = in_a_process(partial(flow_of, name))
        found |= {f"flow_{key}_{name}": value for key, value in flow.items()}
    return found


BENCHMARK = Benchmark(
    "assignment",
    (
        Goal("rules_broken", 0, at_least=False),
        *(Goal(f"gap_{name}", gap, at_least=False) for name, gap in GAPS.items()),
        *(Goal(f"seconds_{name}", seconds, at_least=False) for name, seconds in SECONDS.items()),
        Goal("memory_gb_L", 1, at_least=False),
    ),
    measure,
)
