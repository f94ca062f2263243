"""Rules of the registry of organisations: numbers, names in any script, duplicates, bank accounts. Pure.

``pic`` knows PICs and country codes, ``identifiers`` the registers' numbers, ``folding`` makes names comparable,
``duplicates`` says what two entries share. Source: domain.md 5 and 14.
"""

from __future__ import annotations

from grants.organisations.rules.duplicates import LIKELY, MOST_PROPOSED, Comparison, Entry, compare, is_candidate
from grants.organisations.rules.folding import enough, fold, narrowing, prefix_trigrams, similarity, telling, trigrams
from grants.organisations.rules.identifiers import (
    Identifier,
    identifier_of,
    masked_iban,
    read_bic,
    read_iban,
    read_lei,
    read_ror,
    read_vat,
)
from grants.organisations.rules.pic import FIRST_OWN_PIC, is_pic, iso_country

__all__ = [
    "FIRST_OWN_PIC",
    "LIKELY",
    "MOST_PROPOSED",
    "Comparison",
    "Entry",
    "Identifier",
    "compare",
    "enough",
    "fold",
    "identifier_of",
    "is_candidate",
    "is_pic",
    "iso_country",
    "masked_iban",
    "narrowing",
    "prefix_trigrams",
    "read_bic",
    "read_iban",
    "read_lei",
    "read_ror",
    "read_vat",
    "similarity",
    "telling",
    "trigrams",
]
