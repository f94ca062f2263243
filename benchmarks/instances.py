"""Calls of known sizes for the assignment: drawn exactly as the design's evaluation page says (part 1.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grants.assigning.solver.instance import MAN, WOMAN, Instance, Rules

WIDTH = 60


@dataclass(frozen=True, slots=True)
class Size:
    """``tight``: fewer places of rapporteurs. ``partners``: least and most applicants of a proposal."""

    proposals: int
    experts: int
    topics: int
    load: int
    seed: int
    partners: tuple[int, int]
    tight: bool = False


SIZES = {
    "S": Size(1000, 700, 120, 8, 20251, (1, 1)), "ST": Size(1000, 700, 120, 5, 20251, (1, 1)),
    "SI": Size(1000, 700, 120, 5, 20251, (1, 1), tight=True), "M": Size(4000, 3000, 300, 8, 20252, (2, 5)),
    "L": Size(17000, 15000, 800, 5, 20253, (8, 20)), "LT": Size(17000, 15000, 800, 5, 20253, (8, 20), tight=True),
}  # fmt: skip


def draw(size: Size, rules: Rules | None = None) -> Instance:
    """One call: topics of proposals and experts, organisations, countries, genders, loads, conflicts, fits."""
    g = np.random.default_rng(size.seed)
    topics, proposals, experts = size.topics, size.proposals, size.experts
    popular = (1 + np.arange(topics) // 8) ** -0.7
    panel = np.arange(topics) % 8

    def pick(n: int, low: int, high: int) -> np.ndarray:
        w = popular * np.exp(0.3 * g.standard_normal(topics))
        pw = np.bincount(panel, w)
        pw /= pw.sum()
        main = g.choice(8, size=n, p=pw)
        count = g.integers(low, high + 1, size=n)
        key = np.log(w) + np.where(panel == main[:, None], 3.0, 0.0) + g.gumbel(size=(n, topics))
        order = np.argsort(-key, 1, kind="stable")[:, :high]
        extra = g.exponential(size=(n, high))
        found = np.zeros((n, topics))
        for j in range(high):
            rows = np.nonzero(j < count)[0]
            found[rows, order[rows, j]] = 0.2 + extra[rows, j]
        return found

    of_proposals, of_experts = pick(proposals, 3, 6), pick(experts, 4, 10)
    df = (of_proposals > 0).sum(0) + (of_experts > 0).sum(0)
    idf = np.log((proposals + experts) / (1 + df))
    for rows in (of_proposals, of_experts):
        rows *= idf
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    organisations = experts // 5
    ow = (1 + np.arange(organisations)) ** -0.5
    ow /= ow.sum()
    cw = (1 + np.arange(30)) ** -0.8
    cw /= cw.sum()
    home = g.choice(30, size=organisations, p=cw)
    org = g.choice(organisations, size=experts, p=ow)
    country = home[org]
    moved = g.random(experts) < 0.10
    country = np.where(moved, g.choice(30, size=experts, p=cw), country)
    woman = g.random(experts) < 0.42
    rapporteur = g.random(experts) < 0.65
    count = g.integers(size.partners[0], size.partners[1] + 1, size=proposals)
    applicants = [g.choice(organisations, size=n, replace=False, p=ow) for n in count]
    load = np.where(g.random(experts) < 0.10, size.load // 2, size.load)
    roles = (np.maximum(1, 2 * load // 5) if size.tight else (load + 1) // 2) * rapporteur
    candidates = np.empty((proposals, WIDTH), np.int64)
    fits = np.empty((proposals, WIDTH), np.int64)
    for start in range(0, proposals, 1000):
        end = min(start + 1000, proposals)
        s = np.rint(1000 * of_proposals[start:end] @ of_experts.T)
        s[g.random((end - start, experts)) < 0.001] = -1
        for row, theirs in enumerate(applicants[start:end]):
            s[row, np.isin(org, theirs)] = -1
        candidates[start:end] = np.argsort(-s, axis=1, kind="stable")[:, :WIDTH]
        fits[start:end] = np.take_along_axis(s, candidates[start:end], axis=1)
    return Instance(
        candidates=candidates, fits=fits, organisation=org.astype(np.int64), country=country.astype(np.int64),
        bits=np.where(woman, WOMAN, MAN).astype(np.int64), load=load.astype(np.int64),
        rapporteur_load=roles.astype(np.int64), rules=rules or Rules(),
    )  # fmt: skip
