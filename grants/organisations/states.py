"""Kinds of organisations, as CORDIS names them."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """Activity type. Source: domain.md 5."""

    HES = "HES"
    REC = "REC"
    PRC = "PRC"
    PUB = "PUB"
    OTH = "OTH"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    OrganisationKind.HES: "Higher or secondary education",
    OrganisationKind.REC: "Research organisation",
    OrganisationKind.PRC: "Private for-profit company",
    OrganisationKind.PUB: "Public body",
    OrganisationKind.OTH: "Other, for example an NGO",
}
