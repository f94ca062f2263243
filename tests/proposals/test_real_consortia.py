"""The three-countries rule over every project of Horizon 2020 in the participation data, each failure explained."""

from __future__ import annotations

import csv
import gzip
import os
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from grants.calls.eligibility import rule_of
from grants.calls.parta.definition import Form
from grants.calls.templates import catalogue, country_groups
from grants.organisations.rules import iso_country
from grants.organisations.states import OrganisationKind
from grants.proposals.eligibility import COUNTING, Case, Party, outcomes
from grants.proposals.states import ParticipantRole

ROLES = {
    "coordinator": ParticipantRole.COORDINATOR, "participant": ParticipantRole.BENEFICIARY,
    "partner": ParticipantRole.ASSOCIATED, "internationalPartner": ParticipantRole.ASSOCIATED,
    "hostInstitution": ParticipantRole.COORDINATOR, "beneficiary": ParticipantRole.BENEFICIARY,
}  # fmt: skip
ELIGIBLE = country_groups()["H2020-MS"] | country_groups()["H2020-AC"]


def data() -> Path:
    folder = Path(os.environ.get("GRANTS_REAL_DATA", Path(__file__).parents[2].parent / "shared/data"))
    file = folder / "h2020_participations_eunets.csv.gz"
    if not file.exists():
        message = f"no real data: {file} is absent (set GRANTS_REAL_DATA)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return file


def consortia(file: Path) -> dict[str, list[Party]]:
    """By project, its participants; what has no usable country counts with none."""
    numbers: dict[str, int] = {}
    found: dict[str, list[Party]] = defaultdict(list)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kind = row["type"] if row["type"] in set(OrganisationKind) else "OTH"
            number = numbers.setdefault(row["pic"], len(numbers))
            role = ROLES.get(row["role"], ParticipantRole.AFFILIATED)  # third parties
            found[row["rcn"]].append(
                Party(number, row["pic"], row["pic"], row["country"], OrganisationKind(kind), role)
            )
    return found


def why_not(parties: list[Party]) -> str:
    """The one reason why a consortium does not reach three organisations from three eligible countries."""
    counting = [each for each in parties if each.role in COUNTING]
    inside = [each for each in counting if iso_country(each.country) in ELIGIBLE]
    countries = {iso_country(each.country) for each in inside}
    entities = {each.organisation for each in inside}
    if len({each.organisation for each in counting}) == 1:
        return "one beneficiary: fellowships, ERC, SME instrument"
    if len({each.organisation for each in counting}) == 2:
        return "two beneficiaries: coordination, procurement, small grants"
    if len(entities) < 3:
        return "fewer than three organisations of eligible countries"
    return f"three organisations or more, but of {len(countries)} eligible country or countries"


def case_of(parties: list[Party]) -> Case:
    return Case(
        parties=tuple(parties), groups=country_groups(), limits={}, form=Form(), answers={}, costs={},
        total=Decimal(0), requested=Decimal(0), duration_months=None, part_b_pages=None, annexes=frozenset(),
    )  # fmt: skip


@pytest.mark.slow
def test_each_real_consortium_passes_the_three_countries_rule_or_its_failure_is_explained(capsys):
    (data_rule,) = [each for each in catalogue().template("H2020-RIA")["eligibility"] if each["rule"] == "consortium"]
    rule = rule_of(data_rule)
    whole = consortia(data())
    assert len(whole) == 31_451

    verdicts = {rcn: outcomes([rule], case_of(parties))[0].met for rcn, parties in whole.items()}

    reasons = Counter(why_not(whole[rcn]) for rcn, met in verdicts.items() if not met)
    passed = sum(met is True for met in verdicts.values())
    assert passed + reasons.total() == len(whole)
    assert passed == sum(
        len({each.organisation for each in inside}) >= 3 and len({iso_country(each.country) for each in inside}) >= 3
        for inside in (
            [each for each in parties if each.role in COUNTING and iso_country(each.country) in ELIGIBLE]
            for parties in whole.values()
        )
    )
    with capsys.disabled():
        lines = [f"\nThree-countries rule: {passed:,} of {len(whole):,} real consortia pass."]
        lines += [f"  {count:>6,} do not: {reason}" for reason, count in reasons.most_common()]
        sys.stdout.write("\n".join(lines) + "\n")
