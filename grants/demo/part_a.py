"""What the demo's applicants answer in Part A: by field where a sentence was written for it, else by kind."""

from __future__ import annotations

from random import Random
from typing import Any

from grants.calls.parta.definition import Field, FieldKind, Section
from grants.demo.plan import PartnerPlan, ProposalPlan
from grants.proposals.states import ParticipantRole

#: Questions that are answered with yes by whoever applies in good faith.
_AGREED = frozenset({
    "consent", "information_correct", "not_excluded", "no_double_funding", "ethics_data", "ethics_humans", "gep",
    "certificate", "security_misuse",
})  # fmt: skip
_TEXTS = {
    "role_text": (
        "{name} brings the people who do this work every day, and tests each result with them.",
        "{name} looks after one work package and gives its experience to the others.",
        "{name} carries the results into its own network and reports what does not fit there.",
    ),
    "capacity": (
        "A standing team of {n} people, a room of its own and {m} years of work in this field.",
        "{n} specialists, of whom {k} took part in an earlier European project; accounts are audited each year.",
    ),
    "priorities_text": (
        "{acronym} answers them in its work packages: what is learned about cases goes into the help for victims.",
        "Each work package of {acronym} names the priority that it serves and the figure that shows it.",
    ),
    "target_groups": (
        "Practitioners in {countries} countries first, and through them children and families.",
        "Investigators, analysts and those who care for victims in {countries} countries.",
    ),
    "ethics_text": (
        "An ethics board of three outside members meets twice a year; no image leaves the premises of an authority; "
        "people who take part can stop at any time. Data are kept apart from names, and deleted after the project.",
    ),
    "security_text": (
        "Methods that offenders could use are described in a part that is not published; access is by name and is "
        "written down.",
    ),
    "trainers": ("Practitioners teach: each course has one trainer from the field and one from research.",),
    "department": ("Unit for projects", "Department of prevention", "Section of digital evidence"),
    "gep_link": ("https://www.example.org/equality",),
}  # fmt: skip


def answers(plan: ProposalPlan, section: Section, partner: PartnerPlan | None) -> dict[str, Any]:
    """What is typed into one section, by the partner where each answers for itself; the same for the same plan."""
    rng = Random(f"{plan.seed}/{section.key}/{partner.organisation if partner else ''}")  # noqa: S311
    return {
        field.key: _answer(field, plan, partner, rng=rng)
        for field in section.fields
        if field.kind is not FieldKind.FILE
    }


def _answer(field: Field, plan: ProposalPlan, partner: PartnerPlan | None, *, rng: Random) -> Any:
    match field.kind:
        case FieldKind.YES_NO:
            return "yes" if field.key in _AGREED else "no"
        case FieldKind.NUMBER:
            return str(field.minimum if field.minimum is not None else rng.randint(5, 60))
        case FieldKind.DATE:
            return f"20{rng.randint(10, 24)}-0{rng.randint(1, 9)}-15"
        case FieldKind.CHOICE:
            return rng.choice(field.choices).value
        case FieldKind.CHOICES:
            return [each.value for each in rng.sample(field.choices, k=min(2, len(field.choices)))]
        case FieldKind.TABLE:
            return _rows(field, plan, partner, rng=rng)
    return _text(field, plan, partner, rng=rng)


def _text(field: Field, plan: ProposalPlan, partner: PartnerPlan | None, *, rng: Random) -> str:
    sentences = _TEXTS.get(field.key)
    if sentences is None:
        return "" if not field.required else f"As described in Part B of {plan.idea.acronym}."
    countries = len({each.row.country for each in plan.partners})
    return rng.choice(sentences).format(
        name=partner.row.legal if partner else plan.idea.acronym, acronym=plan.idea.acronym, countries=countries,
        n=rng.randint(5, 24), m=rng.randint(4, 25), k=rng.randint(2, 4),
    )  # fmt: skip


def _rows(field: Field, plan: ProposalPlan, partner: PartnerPlan | None, *, rng: Random) -> list[dict[str, str]]:
    """Tables of people and earlier projects stay empty where the plan knows none; others have what they need."""
    if field.key == "earlier_projects" and partner is not None and partner.role is ParticipantRole.COORDINATOR:
        reference = f"{rng.randint(100, 999)}-{partner.row.country}-{rng.randint(10, 99)}"
        year = str(rng.randint(2019, 2023))
        return [{"reference": reference, "role": "partner", "amount": str(rng.randint(80, 400) * 1000), "year": year}]
    if not field.required:
        return []
    return [{column.key: _answer(column, plan, partner, rng=rng) for column in field.columns} for _ in range(2)]
