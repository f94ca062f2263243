"""The search on names of real participants, read at test time and never kept."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import pytest

from grants.db import db
from grants.organisations import queries
from grants.organisations.models import Organisation
from grants.organisations.rules import fold, iso_country, trigrams
from tests.conftest import NOW, in_ci

SAMPLE = 40


@pytest.fixture
def real(app):
    folder = Path(os.environ.get("GRANTS_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    file = folder / "cordis_plus_2014.csv.gz"
    if not file.exists():
        if in_ci():
            pytest.fail("real data is absent: set GRANTS_REAL_DATA")
        pytest.skip("real data is absent: set GRANTS_REAL_DATA")
    found = {}
    with gzip.open(file, "rt", encoding="utf-8", errors="replace") as rows:
        for row in csv.DictReader(rows):
            country = iso_country(row["country_code"])
            named = row["legal_name"].strip() not in {"", "NA"}
            if len(row["pic"]) == 9 and named and len(country) == 2:
                found.setdefault(row["pic"], (row["legal_name"][:300], country))
    values = [
        {"pic": pic, "legal_name": name, "country": country, "kind": "OTH", "created_at": NOW, "folded": fold(name),
         "trigrams": sorted(trigrams(fold(name)))}
        for pic, (name, country) in found.items()
    ]  # fmt: skip
    db.session.execute(Organisation.__table__.insert(), values)
    return found


@pytest.mark.slow
def test_real_names_are_found_by_pic_turned_words_and_with_a_letter_missing(real):
    assert len(real) > 1000
    chosen = list(real.items())[:: len(real) // SAMPLE]
    lost: list[tuple[str, str]] = []
    for pic, (name, _) in chosen:
        turned = " ".join(reversed(fold(name).split()))
        longest = max(fold(name).split(), key=len)
        misspelt = fold(name).replace(longest, longest[:1] + longest[2:])
        texts = (pic, name.swapcase(), turned, misspelt)
        lost += [(name, text) for text in texts if name not in {each.legal_name for each in queries.find(text)}]
    assert len(lost) <= len(chosen) * 4 // 50, lost
