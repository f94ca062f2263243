"""The best team of one proposal under prices, found exactly. Compiled (numba): everything here is arrays and numbers.

A team's value is ``h(s) + r - costs``: ``s`` the sum of fits, ``h`` concave with two knees, ``r`` the worth of its
best possible rapporteur, costs the prices of its members. Source: evaluation.md 1.1 and 1.2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Worth of a rapporteur who may not be one.
NEVER = -1e9
#: No team was found.
NONE = -1e12


@njit(cache=True)
def line_of(s, low, high):
    """Which of the three lines of ``h`` holds at a sum of fits: 0 above the high knee, 2 under the low one."""
    if s >= high:
        return 0
    return 1 if s >= low else 2


@njit(cache=True)
def worth(s, low, high):
    """``h``: a point of fit counts once above the high knee, twice between the knees, four times below."""
    return s - max(0.0, high - s) - 2.0 * max(0.0, low - s)


@njit(cache=True)
def prepare(m, fits, costs, rapporteurs, orgs, countries, bits, order, slope, keys, f, c, r, o, n, b, rest):
    """Sort what may be chosen by ``slope * fit - cost``, best first, from the order of last time; all beside it.

    ``rest[i]``: the best rapporteur among those from i on.
    """
    for i in range(1, m):
        here = order[i]
        key = slope * fits[here] - costs[here]
        j = i - 1
        while j >= 0 and slope * fits[order[j]] - costs[order[j]] < key:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = here
    for i in range(m):
        each = order[i]
        keys[i] = slope * fits[each] - costs[each]
        f[i], c[i], r[i] = fits[each], costs[each], rapporteurs[each]
        o[i], n[i], b[i] = orgs[each], countries[each], bits[each]
    best = NEVER
    for i in range(m - 1, -1, -1):
        best = max(best, r[i])
        rest[i] = best


@njit(cache=True)
def missing(has, wanted):
    """How many of the wanted properties nobody has."""
    count = 0
    left = wanted & ~has
    while left:
        count += left & 1
        left >>= 1
    return count


@njit(cache=True)
def three(m, keys, f, c, r, o, n, b, rest, base, low, high, per_country, need, wish, penalty, best, team):
    """The best legal team of three that is worth more than ``best``; its worth, with the places in ``team``.

    Places are in the sorted order; ``team[0]`` stays -1 where no team is worth more. ``base``: where the line of the
    keys meets 0, so that ``base`` + keys is never less than a team's worth.
    """
    team[0] = -1
    for i in range(m - 2):
        if base + keys[i] + keys[i + 1] + keys[i + 2] + rest[i] <= best:
            break
        for j in range(i + 1, m - 1):
            two = base + keys[i] + keys[j]
            lead = max(r[i], r[j])
            if two + keys[j + 1] + max(r[i], rest[j]) <= best:
                break
            if o[i] == o[j] or (per_country < 2 and n[i] == n[j]):
                continue
            same = n[i] == n[j]
            for k in range(j + 1, m):
                if two + keys[k] + max(lead, rest[k]) <= best:
                    break
                if o[k] == o[i] or o[k] == o[j]:
                    continue
                if per_country < 3:
                    if same and n[k] == n[i] and per_country < 3:
                        continue
                    if per_country < 2 and (n[k] == n[i] or n[k] == n[j]):
                        continue
                has = b[i] | b[j] | b[k]
                if has & need != need:
                    continue
                lead_of_three = max(lead, r[k])
                if lead_of_three <= NEVER:
                    continue
                value = worth(f[i] + f[j] + f[k], low, high) - c[i] - c[j] - c[k] + lead_of_three
                if wish:
                    value -= penalty * missing(has, wish)
                if value > best:
                    best = value
                    team[0], team[1], team[2] = i, j, k
    return best


@njit(cache=True)
def several(size, m, keys, f, c, r, o, n, b, rest, base, low, high, per_country, need, wish, penalty, best, team):
    """As ``three`` for any size: depth first in the sorted order, cut off by the same bound."""
    team[0] = -1
    if m < size:
        return best
    sums = np.zeros(m + 1)
    for i in range(m):
        sums[i + 1] = sums[i] + keys[i]
    place = np.full(size, -1, np.int64)
    key, fit, cost = np.zeros(size + 1), np.zeros(size + 1), np.zeros(size + 1)
    lead, has = np.full(size + 1, NEVER), np.zeros(size + 1, np.int64)
    depth = 0
    while depth >= 0:
        start = place[depth] + 1 if place[depth] >= 0 else (place[depth - 1] + 1 if depth else 0)
        found = -1
        for i in range(start, m - (size - depth) + 1):
            bound = base + key[depth] + sums[i + size - depth] - sums[i] + max(lead[depth], rest[i])
            if bound <= best:
                break
            legal, same = True, 1
            for d in range(depth):
                if o[place[d]] == o[i]:
                    legal = False
                    break
                same += n[place[d]] == n[i]
            if legal and same <= per_country:
                found = i
                break
        if found < 0:
            place[depth] = -1
            depth -= 1
            continue
        place[depth] = found
        key[depth + 1], fit[depth + 1] = key[depth] + keys[found], fit[depth] + f[found]
        cost[depth + 1], lead[depth + 1] = cost[depth] + c[found], max(lead[depth], r[found])
        has[depth + 1] = has[depth] | b[found]
        if depth + 1 < size:
            depth += 1
            continue
        if has[size] & need != need or lead[size] <= NEVER:
            continue
        value = worth(fit[size], low, high) - cost[size] + lead[size]
        if wish:
            value -= penalty * missing(has[size], wish)
        if value > best:
            best = value
            for d in range(size):
                team[d] = place[d]
    return best
