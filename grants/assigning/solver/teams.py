"""All proposals at the same prices: the best team of each, on all processors. Compiled (numba)."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from grants.assigning.solver.kernels import NEVER, NONE, line_of, missing, prepare, several, three, worth

#: Work is shared out in so many parts, whatever the number of processors: sums come out the same on every machine.
PARTS = 64
#: The most that a team with a missing seat can be worth (evaluation.md 1.1: a missing seat costs 20,000).
SEAT = 20_000.0
FIXED = 1_000_000.0
SLOPES = np.array([1.0, 2.0, 4.0])


@njit(cache=True)
def bases(low, high):
    """Where the three lines of ``h`` meet 0."""
    return np.array([0.0, -high, -high - 2.0 * low])


@njit(cache=True)
def part_of(fit, lead_part):
    """What the rapporteur's fit counts once more."""
    return fit // lead_part if lead_part > 0 else 0


@njit(cache=True)
def gather(
    p, candidates, fits, bonus, organisation, country, bits, seat, role, rapporteur_load, wild, lead_part, fit, cost,
    lead, org, nation, bit,
):  # fmt: skip
    """The candidates of one proposal side by side, with their costs; ``wild`` more who are bound by no rule."""
    m = 0
    last = 0
    for j in range(candidates.shape[1]):
        if fits[p, j] < 0:
            break
        e = candidates[p, j]
        last = fits[p, j]
        fit[m], cost[m] = last, seat[e] - bonus[p, j]
        lead[m] = part_of(fits[p, j], lead_part) - role[e] if rapporteur_load[e] > 0 else NEVER
        org[m], nation[m], bit[m] = organisation[e], country[e], bits[e]
        m += 1
    full = m == candidates.shape[1]
    for w in range(wild if full else 0):
        fit[m], cost[m], lead[m] = last, 0.0, part_of(last, lead_part)
        org[m], nation[m], bit[m] = -1 - w, -1 - w, -1
        m += 1
    return m


@njit(cache=True, parallel=True)
def best_teams(
    candidates, fits, bonus, organisation, country, bits, _load, rapporteur_load, size, low, high, per_country, need,
    wish, penalty, lead_part, seat, role, order, lines, teams, leads, values, wild,
):  # fmt: skip
    """The best team of each proposal into ``teams`` (places, -1: none), its rapporteur into ``leads``, its worth into
    ``values``; the sum of all worths, none counted less than a team with a missing seat could be worth.

    ``teams``, ``order`` and ``lines`` hold what was found last time, to begin from.
    """
    proposals, width = candidates.shape[0], candidates.shape[1] + wild
    base = bases(low, high)
    sums = np.zeros(PARTS)
    for part in prange(PARTS):
        fit, cost, lead = np.empty(width), np.empty(width), np.empty(width)
        org, nation, bit = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.int64)
        keys, f, c, r, rest = np.empty(width), np.empty(width), np.empty(width), np.empty(width), np.empty(width)
        o, n, b = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.int64)
        found, ordered = np.empty(size, np.int64), np.empty(width, np.int64)
        for p in range(part * proposals // PARTS, (part + 1) * proposals // PARTS):
            m = gather(
                p, candidates, fits, bonus, organisation, country, bits, seat, role, rapporteur_load, wild,
                lead_part, fit, cost, lead, org, nation, bit,
            )  # fmt: skip
            best = NONE
            if not wild and teams[p, 0] >= 0:  # what was best last time is worth so much now
                best = value_of(teams[p], size, fit, cost, lead, bit, low, high, wish, penalty) - 1e-6
            if wild:
                ordered[:m] = np.arange(m)
            else:
                ordered[:m] = order[p, :m]
            line = lines[p]
            prepare(m, fit, cost, lead, org, nation, bit, ordered, SLOPES[line], keys, f, c, r, o, n, b, rest)
            if size == 3:
                value = three(m, keys, f, c, r, o, n, b, rest, base[line], low, high, per_country, need, wish,
                              penalty, best, found)  # fmt: skip
            else:
                value = several(size, m, keys, f, c, r, o, n, b, rest, base[line], low, high, per_country, need, wish,
                                penalty, best, found)  # fmt: skip
            if not wild:
                order[p, :m] = ordered[:m]
                if found[0] >= 0:
                    s = 0.0
                    for d in range(size):
                        teams[p, d] = ordered[found[d]]
                        s += f[found[d]]
                    lines[p] = line_of(s, low, high)
                if teams[p, 0] >= 0:
                    leads[p] = lead_of(teams[p], size, lead)
                    value = value_of(teams[p], size, fit, cost, lead, bit, low, high, wish, penalty)
            values[p] = value
            fixed = 0.0
            for j in range(candidates.shape[1]):
                if bonus[p, j] >= FIXED:
                    fixed += bonus[p, j]
            sums[part] += max(value, worth((size - 1) * 1000.0, low, high) + part_of(1000, lead_part) - SEAT + fixed)
    return sums.sum()


@njit(cache=True)
def lead_of(team, size, lead):
    """The member who is worth most as rapporteur."""
    best = team[0]
    for d in range(1, size):
        if lead[team[d]] > lead[best]:
            best = team[d]
    return best


@njit(cache=True)
def value_of(team, size, fit, cost, lead, bit, low, high, wish, penalty):
    """What a team is worth."""
    s, costs, has, best = 0.0, 0.0, 0, NEVER
    for d in range(size):
        s += fit[team[d]]
        costs += cost[team[d]]
        has |= bit[team[d]]
        best = max(best, lead[team[d]])
    return worth(s, low, high) - costs + best - (penalty * missing(has, wish) if wish else 0.0)


@njit(cache=True)
def count_use(candidates, teams, leads, size, use, roles):
    """How many seats and roles each expert has in these teams."""
    use[:] = 0
    roles[:] = 0
    for p in range(candidates.shape[0]):
        if teams[p, 0] >= 0:
            for d in range(size):
                use[candidates[p, teams[p, d]]] += 1
            roles[candidates[p, leads[p]]] += 1
