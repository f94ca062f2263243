"""Reading an answer again and counting every broken rule, without trusting the solver. Source: evaluation.md 1.1."""

from __future__ import annotations

from collections import Counter

from grants.assigning.solver.instance import FIXED, Instance, Ints


def broken(instance: Instance, teams: Ints, rapporteurs: Ints) -> Counter[str]:
    """How often each rule is broken: ``seats`` (missing), ``load``, ``rapporteur`` (none, or not of the team),
    ``rapporteur_load``, ``organisation``, ``country``, ``need``, ``twice``, ``conflict`` (no candidate), ``fixed``.
    """
    found: Counter[str] = Counter()
    loads: Counter[int] = Counter()
    roles: Counter[int] = Counter()
    for p in range(instance.proposals):
        places = [int(each) for each in teams[p] if each >= 0]
        if len(places) < instance.rules.size:
            found["seats"] += instance.rules.size - len(places)
        experts = [int(instance.candidates[p, each]) for each in places]
        found["conflict"] += sum(int(instance.fits[p, each]) < 0 for each in places)
        found["twice"] += len(experts) - len(set(experts))
        loads.update(experts)
        head = int(rapporteurs[p])
        if places and head not in places:
            found["rapporteur"] += 1
        elif places:
            roles[int(instance.candidates[p, head])] += 1
        elif not places:
            found["rapporteur"] += 1
        _team(instance, experts, found)
        if instance.bonus is not None:
            wanted = {j for j in range(instance.bonus.shape[1]) if instance.bonus[p, j] >= FIXED}
            found["fixed"] += len(wanted - set(places))
    found["load"] = sum(max(0, count - int(instance.load[e])) for e, count in loads.items())
    found["rapporteur_load"] = sum(max(0, count - int(instance.rapporteur_load[e])) for e, count in roles.items())
    return +found


def _team(instance: Instance, experts: list[int], found: Counter[str]) -> None:
    """What binds the members of one proposal."""
    organisations = Counter(int(instance.organisation[e]) for e in experts if instance.organisation[e] >= 0)
    found["organisation"] += sum(count - 1 for count in organisations.values())
    countries = Counter(int(instance.country[e]) for e in experts if instance.country[e] >= 0)
    found["country"] += sum(max(0, count - instance.rules.per_country) for count in countries.values())
    has = 0
    for e in experts:
        has |= int(instance.bits[e])
    if len(experts) == instance.rules.size:
        found["need"] += (instance.rules.need & ~has).bit_count()
