"""From the prices to an assignment within all loads: place, fill, make room, improve. Compiled (numba).

Prices say what everybody's time is worth to the others, so a team that is best at these prices seldom stands in the
way of another. Source: evaluation.md 1.2, "Answer".
"""

from __future__ import annotations

import numpy as np
from numba import njit

from grants.assigning.solver.kernels import NEVER, NONE, missing, prepare, several, three, worth
from grants.assigning.solver.teams import SEAT, SLOPES, bases, gather, part_of, value_of

#: What taking an expert who is full costs at first, and by how much that rises each time.
ROOM = 10.0
#: Fixed pairs bring this much: see ``instance``.
FIXED = 1_000_000.0


@njit(cache=True)
def build(
    candidates, fits, bonus, organisation, country, bits, load, rapporteur_load, size, low, high, per_country, need,
    wish, penalty, lead_part, seat, role, first, sweeps, patience, exchanges, seed, team_of, lead_of_p,
):  # fmt: skip
    """Fill ``team_of`` and ``lead_of_p`` (both -1 where nobody was found), beginning with the teams in ``first``.

    ``sweeps``: by what the prices are multiplied in each sweep of improvements; ``patience``: how often somebody who
    is full may be moved for a proposal without a team, for each such proposal. ``exchanges``: how often each proposal
    looks for whom it would rather have from others.
    """
    np.random.seed(seed)
    proposals, width = candidates.shape
    experts = load.shape[0]
    use, roles = np.zeros(experts, np.int64), np.zeros(experts, np.int64)
    room = np.zeros(experts)  # what it costs to take somebody who is full, over the price
    base = bases(low, high)
    fit, cost, lead = np.empty(width), np.empty(width), np.empty(width)
    org, nation, bit = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.int64)
    afit, acost, alead = np.empty(width), np.empty(width), np.empty(width)
    aorg, anation, abit = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.int64)
    keys, f, c, r, rest = np.empty(width), np.empty(width), np.empty(width), np.empty(width), np.empty(width)
    o, n, b = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(width, np.int64)
    ordered, places, found = np.empty(width, np.int64), np.empty(width, np.int64), np.empty(size, np.int64)
    team_of[:, :] = -1
    lead_of_p[:] = -1

    def search(p, prices, roles_cost, full, best):
        """The best team of p among those with room, its worth; ``full``: also among those who are full, at what room
        for them costs (1) or at their price (2)."""
        m = gather(
            p, candidates, fits, bonus, organisation, country, bits, prices, roles_cost, rapporteur_load, 0,
            lead_part, fit, cost, lead, org, nation, bit,
        )  # fmt: skip
        a = 0
        for j in range(m):
            e = candidates[p, j]
            extra, head = 0.0, lead[j]
            if use[e] >= load[e]:
                if not full or load[e] == 0:
                    continue
                extra = seat[e] if full == 2 else ROOM + room[e]
            if head > NEVER and roles[e] >= rapporteur_load[e]:
                head = NEVER if not full else head - role[e] if full == 2 else head - ROOM - room[e]
            afit[a], acost[a], alead[a] = fit[j], cost[j] + extra, head
            aorg[a], anation[a], abit[a] = org[j], nation[j], bit[j]
            places[a] = j
            a += 1
        for i in range(a):
            ordered[i] = i
        # A team that was there before says on which line the sum will lie; else the middle one is a fair guess.
        line = 1
        prepare(a, afit, acost, alead, aorg, anation, abit, ordered, SLOPES[line], keys, f, c, r, o, n, b, rest)
        if size == 3:
            value = three(a, keys, f, c, r, o, n, b, rest, base[line], low, high, per_country, need, wish, penalty,
                          best, found)  # fmt: skip
        else:
            value = several(size, a, keys, f, c, r, o, n, b, rest, base[line], low, high, per_country, need, wish,
                            penalty, best, found)  # fmt: skip
        if found[0] < 0:
            return NONE, -1
        head = ordered[found[0]]
        for d in range(size):
            if alead[ordered[found[d]]] > alead[head]:
                head = ordered[found[d]]
        top = places[head]
        for d in range(size):
            found[d] = places[ordered[found[d]]]
        return value, top

    def put(p, top):
        for d in range(size):
            team_of[p, d] = found[d]
            use[candidates[p, found[d]]] += 1
        lead_of_p[p] = top
        roles[candidates[p, top]] += 1

    def take(p):
        for d in range(size):
            use[candidates[p, team_of[p, d]]] -= 1
        roles[candidates[p, lead_of_p[p]]] -= 1
        team_of[p, :] = -1
        lead_of_p[p] = -1

    def worth_now(p):
        """What the team of p is worth by itself, whatever its members cost; a missing one costs its seats."""
        if team_of[p, 0] < 0:
            return -SEAT * size
        s, extra, has = 0.0, 0.0, 0
        for d in range(size):
            j = team_of[p, d]
            s += fits[p, j]
            extra += bonus[p, j]
            has |= bits[candidates[p, j]]
        extra += part_of(fits[p, lead_of_p[p]], lead_part)
        return worth(s, low, high) + extra - (penalty * missing(has, wish) if wish else 0.0)

    # Teams that fit, the worst served proposals first.
    sums = np.empty(proposals)
    for p in range(proposals):
        sums[p] = 1e9
        if first[p, 0] >= 0:
            sums[p] = 0.0
            for d in range(size):
                sums[p] += fits[p, first[p, d]] - bonus[p, first[p, d]]
    queue = np.argsort(sums, kind="mergesort")
    left = np.empty(proposals, np.int64)
    count = 0
    for q in range(proposals):
        p = queue[q]
        good = first[p, 0] >= 0
        top, worthiest = -1, NEVER
        if good:
            for d in range(size):
                e = candidates[p, first[p, d]]
                if use[e] >= load[e]:
                    good = False
                    break
                value = part_of(fits[p, first[p, d]], lead_part) - role[e]
                if roles[e] < rapporteur_load[e] and value > worthiest:
                    top, worthiest = first[p, d], value
        if good and top >= 0:
            for d in range(size):
                found[d] = first[p, d]
            put(p, top)
        else:
            left[count] = p
            count += 1
    # The rest among those with room.
    waiting = np.empty(proposals * 4 + 16, np.int64)
    head, tail = 0, 0
    for q in range(count):
        p = left[q]
        _, top = search(p, seat, role, 0, NONE)
        if top >= 0:
            put(p, top)
        else:
            waiting[tail] = p
            tail += 1
    # Who is full makes room: of the proposals that hold the expert, the one that loses least looks for another team.
    starts, holders = reverse(candidates, fits, experts)
    tries = patience * tail
    size_of_queue = waiting.shape[0]
    while head < tail and tries > 0:
        p = waiting[head % size_of_queue]
        head += 1
        tries -= 1
        _, top = search(p, seat, role, 1, NONE)
        if top < 0:
            continue  # no legal team at all
        put(p, top)
        for d in range(size):
            e = candidates[p, team_of[p, d]]
            if use[e] <= load[e]:
                continue
            room[e] += ROOM
            out = least_loss(e, p, starts, holders, candidates, fits, bonus, team_of, lead_of_p, size, False)
            if out < 0:
                continue
            take(out)
            _, again = search(out, seat, role, 0, NONE)
            if again >= 0:
                put(out, again)
            elif tail - head < size_of_queue:
                waiting[tail % size_of_queue] = out
                tail += 1
        e = candidates[p, lead_of_p[p]]
        if roles[e] > rapporteur_load[e]:
            room[e] += ROOM
            out = least_loss(e, p, starts, holders, candidates, fits, bonus, team_of, lead_of_p, size, True)
            if out >= 0:
                take(out)
                _, again = search(out, seat, role, 0, NONE)
                if again >= 0:
                    put(out, again)
                elif tail - head < size_of_queue:
                    waiting[tail % size_of_queue] = out
                    tail += 1
        over = roles[candidates[p, lead_of_p[p]]] > rapporteur_load[candidates[p, lead_of_p[p]]]
        for d in range(size):
            over = over or use[candidates[p, team_of[p, d]]] > load[candidates[p, team_of[p, d]]]
        if over:  # nobody could be moved
            take(p)
            if tail - head < size_of_queue:
                waiting[tail % size_of_queue] = p
                tail += 1
    # Improvements in random order, at prices that fade.
    for s in range(sweeps.shape[0]):
        prices, heads = seat * sweeps[s], role * sweeps[s]
        turn = np.random.permutation(proposals)
        for q in range(proposals):
            p = turn[q]
            had = team_of[p, 0] >= 0
            best, top_before = NONE, -1
            before = team_of[p].copy()
            if had:
                top_before = lead_of_p[p]
                take(p)
                gather(
                    p, candidates, fits, bonus, organisation, country, bits, prices, heads, rapporteur_load, 0,
                    lead_part, fit, cost, lead, org, nation, bit,
                )  # fmt: skip
                free = -1
                for d in range(size):
                    e = candidates[p, before[d]]
                    may = lead[before[d]] > NEVER and roles[e] < rapporteur_load[e]
                    if may and (free < 0 or lead[before[d]] > lead[free]):
                        free = before[d]
                for d in range(size):
                    if before[d] != free:
                        lead[before[d]] = NEVER
                best = value_of(before, size, fit, cost, lead, bit, low, high, wish, penalty)
                top_before = free
            _, top = search(p, prices, heads, 0, best + 1e-9 if had else NONE)
            if top < 0 and had:
                for d in range(size):
                    found[d] = before[d]
                top = top_before
            if top >= 0:
                put(p, top)
    # Exchanges: a proposal takes whom it would rather have from others, if all together are better off for it.
    none = np.zeros(experts)
    changed, old_teams = np.empty(size + 2, np.int64), np.empty((size + 2, size), np.int64)
    old_leads = np.empty(size + 2, np.int64)
    for _ in range(exchanges):
        turn = np.random.permutation(proposals)
        for q in range(proposals):
            p = turn[q]
            changed[0], old_teams[0], old_leads[0] = p, team_of[p], lead_of_p[p]
            count = 1
            gained = -worth_now(p)
            if team_of[p, 0] >= 0:
                take(p)
            _, top = search(p, none, none, 2, NONE)
            if top < 0:
                if old_teams[0, 0] >= 0:
                    for d in range(size):
                        found[d] = old_teams[0, d]
                    put(p, old_leads[0])
                continue
            put(p, top)
            gained += worth_now(p)
            for d in range(size + 1):
                as_lead = d == size
                e = candidates[p, lead_of_p[p]] if as_lead else candidates[p, team_of[p, d]]
                over = roles[e] > rapporteur_load[e] if as_lead else use[e] > load[e]
                if not over:
                    continue
                out, least, least_top = -1, 1e18, -1
                for at in range(starts[e], starts[e + 1]):
                    h = holders[at]
                    if (
                        h == p
                        or team_of[h, 0] < 0
                        or not holds(h, e, candidates, bonus, team_of, lead_of_p, size, as_lead)
                    ):
                        continue
                    before_h, lead_h, worth_h = team_of[h].copy(), lead_of_p[h], worth_now(h)
                    take(h)
                    value, again = search(h, none, none, 0, NONE)
                    loss = worth_h - (value if again >= 0 else -SEAT * size)
                    for i in range(size):
                        found[i] = before_h[i]
                    put(h, lead_h)
                    if loss < least:
                        out, least, least_top = h, loss, again
                if out < 0:
                    gained = NONE
                    break
                changed[count], old_teams[count], old_leads[count] = out, team_of[out], lead_of_p[out]
                count += 1
                gained -= least
                take(out)
                if least_top >= 0:
                    search(out, none, none, 0, NONE)
                    put(out, least_top)
                if gained < 1e-9:
                    break
            if gained < 1e-9:
                for i in range(count - 1, -1, -1):
                    if team_of[changed[i], 0] >= 0:
                        take(changed[i])
                for i in range(count):
                    if old_teams[i, 0] >= 0:
                        for d in range(size):
                            found[d] = old_teams[i, d]
                        put(changed[i], old_leads[i])
    return 0


@njit(cache=True)
def holds(p, e, candidates, bonus, team_of, lead_of_p, size, as_lead):
    """Whether an expert sits on this proposal, or leads it, and nobody there is fixed."""
    mine = False
    for d in range(size):
        j = team_of[p, d]
        if bonus[p, j] >= FIXED:
            return False
        mine = mine or candidates[p, j] == e
    return candidates[p, lead_of_p[p]] == e if as_lead else mine


@njit(cache=True)
def reverse(candidates, fits, experts):
    """Which proposals have each expert among their candidates: starts, and the proposals one after the other."""
    starts = np.zeros(experts + 1, np.int64)
    for p in range(candidates.shape[0]):
        for j in range(candidates.shape[1]):
            if fits[p, j] >= 0:
                starts[candidates[p, j] + 1] += 1
    for e in range(experts):
        starts[e + 1] += starts[e]
    place = starts[:-1].copy()
    holders = np.empty(starts[experts], np.int64)
    for p in range(candidates.shape[0]):
        for j in range(candidates.shape[1]):
            if fits[p, j] >= 0:
                e = candidates[p, j]
                holders[place[e]] = p
                place[e] += 1
    return starts, holders


@njit(cache=True)
def least_loss(e, besides, starts, holders, candidates, fits, bonus, team_of, lead_of_p, size, as_lead):
    """Of the proposals that hold this expert (as rapporteur where ``as_lead``), the one to which they matter least;
    -1 for none. Fixed pairs are never touched."""
    out, least = -1, 1e18
    for at in range(starts[e], starts[e + 1]):
        q = holders[at]
        if q == besides or team_of[q, 0] < 0:
            continue
        if as_lead and candidates[q, lead_of_p[q]] != e:
            continue
        mine, total, fixed = -1, 0.0, False
        for d in range(size):
            j = team_of[q, d]
            total += fits[q, j]
            fixed = fixed or bonus[q, j] >= FIXED
            if candidates[q, j] == e:
                mine = j
        if mine < 0 or fixed:
            continue
        # What is left without them, as a rough measure of how much they matter: well served proposals lose least.
        loss = fits[q, mine] - 0.5 * total
        if loss < least:
            out, least = q, loss
    return out
