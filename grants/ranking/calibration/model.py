"""score = mean + proposal + evaluator + noise, both effects random: REML by Henderson's mixed-model equations.

Proposals are absorbed, so the equations have one row for each evaluator and one for the mean. Source: evaluation.md
2.5; the method is the textbook's EM, which never leaves the space of variances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: EM stops when no variance changes by more than this share of all in a step, or after so many steps.
SMALL, MOST_STEPS = 1e-9, 2_000


@dataclass(frozen=True, slots=True)
class Variances:
    """How scores differ: between proposals, between evaluators (severity), and what nothing explains."""

    proposal: float
    evaluator: float
    residual: float

    def reliability(self, experts: float, *, consistency: bool = False) -> float:
        """Of the mean of so many experts: how much of its variance is the proposals'. ``consistency``: severity is
        the same for all and does not count."""
        noise = self.residual + (0.0 if consistency else self.evaluator)
        return self.proposal / (self.proposal + noise / experts)


@dataclass(frozen=True, slots=True)
class Fit:
    """``proposals``, ``evaluators``: effects, what lies above or below the mean; ``likelihood``: restricted, log."""

    mean: float
    proposals: Floats
    evaluators: Floats
    variances: Variances
    likelihood: float
    steps: int
    absorbed: Floats
    spread: Floats

    def chances(self, best: int, *, draws: int = 20_000, seed: int = 2, lower_is_better: bool = False) -> Floats:
        """For each proposal, how likely it is among the ``best``: its effects drawn from what the scores leave open.

        Equal effects cannot be drawn; the same seed gives the same figures.
        """
        generator = np.random.default_rng(seed)
        found = np.zeros(len(self.proposals))
        noise = np.sqrt(self.variances.residual)
        sign = 1.0 if lower_is_better else -1.0
        for _ in range(0, draws, 1000):
            own = generator.standard_normal((1000, len(self.proposals))) * np.sqrt(self.absorbed)
            shared = generator.standard_normal((1000, self.spread.shape[1])) @ self.spread.T
            drawn = sign * (self.proposals + noise * (own + shared))
            winners = np.argpartition(drawn, min(best, drawn.shape[1]) - 1, axis=1)[:, :best]
            found += np.bincount(winners.ravel(), minlength=len(self.proposals))
        return found / draws


def fit(proposal: Ints, evaluator: Ints, score: Sequence[float] | Floats) -> Fit:
    """Estimate from single scores; ``proposal`` and ``evaluator`` are numbers from 0.

    Raises ValueError for fewer than two proposals or evaluators, or hardly more scores than proposals.
    """
    y = np.asarray(score, float)
    proposals, evaluators, n = int(proposal.max(initial=-1)) + 1, int(evaluator.max(initial=-1)) + 1, len(y)
    if proposals < 2 or evaluators < 2 or n < proposals + 2:
        raise ValueError("there are too few scores to tell proposals and evaluators apart")
    counts = np.bincount(proposal, minlength=proposals).astype(float)
    # W = [1 | evaluator]: sums over all, by proposal, and with the scores.
    w = np.zeros((n, 1 + evaluators))
    w[:, 0], w[np.arange(n), 1 + evaluator] = 1.0, 1.0
    by_proposal = np.zeros((proposals, 1 + evaluators))
    np.add.at(by_proposal, proposal, w)
    ww, wy, zy = w.T @ w, w.T @ y, np.bincount(proposal, y, minlength=proposals)
    vp = vr = ve = float(y.var()) / 3 or 1e-12
    steps = 0
    ridge = np.ones(1 + evaluators)
    ridge[0] = 0.0
    while steps < MOST_STEPS:
        steps += 1
        d = counts + ve / vp
        m = ww + np.diag(ridge * (ve / vr)) - by_proposal.T @ (by_proposal / d[:, None])
        inverse = np.linalg.inv(m)
        b = inverse @ (wy - by_proposal.T @ (zy / d))
        u = (zy - by_proposal @ b) / d
        carried = by_proposal / d[:, None]
        trace_p = (1 / d).sum() + np.einsum("ij,jk,ik->", carried, inverse, carried)
        new = (
            (u @ u + ve * trace_p) / proposals,
            (b[1:] @ b[1:] + ve * np.trace(inverse[1:, 1:])) / evaluators,
            (y @ y - b @ wy - u @ zy) / (n - 1),
        )
        change = max(abs(after - before) for after, before in zip(new, (vp, vr, ve), strict=True)) / sum(new)
        vp, vr, ve = (max(value, 1e-12) for value in new)
        if change < SMALL:
            break
    d = counts + ve / vp
    m = ww + np.diag(ridge * (ve / vr)) - by_proposal.T @ (by_proposal / d[:, None])
    inverse = np.linalg.inv(m)
    b = inverse @ (wy - by_proposal.T @ (zy / d))
    u = (zy - by_proposal @ b) / d
    log_c = np.log(d).sum() + np.linalg.slogdet(m)[1] - (1 + proposals + evaluators) * np.log(ve)
    explained = (y @ y - b @ wy - u @ zy) / ve
    minus_two = (
        (n - 1) * np.log(2 * np.pi) + n * np.log(ve) + proposals * np.log(vp) + evaluators * np.log(vr) + log_c
        + explained
    )  # fmt: skip
    return Fit(
        mean=float(b[0]), proposals=u, evaluators=b[1:], variances=Variances(float(vp), float(vr), float(ve)),
        likelihood=float(-minus_two / 2), steps=steps, absorbed=1 / d,
        spread=(by_proposal / d[:, None]) @ np.linalg.cholesky(inverse),
    )  # fmt: skip


def intervals(
    found: Fit, proposal: Ints, evaluator: Ints, *, experts: float = 1.0, refits: int = 1000, seed: int = 1
) -> tuple[float, float]:
    """A 95 % interval of the reliability of the mean of so many experts: scores are drawn anew from the estimates and
    fitted again (parametric bootstrap)."""
    generator = np.random.default_rng(seed)
    v = found.variances
    drawn = []
    for _ in range(refits):
        of_proposals = generator.standard_normal(len(found.proposals)) * np.sqrt(v.proposal)
        of_evaluators = generator.standard_normal(len(found.evaluators)) * np.sqrt(v.evaluator)
        noise = generator.standard_normal(len(proposal)) * np.sqrt(v.residual)
        again = fit(proposal, evaluator, found.mean + of_proposals[proposal] + of_evaluators[evaluator] + noise)
        drawn.append(again.variances.reliability(experts))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
