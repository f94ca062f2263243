"""What the partner search keeps about organisations; see ``organisations.holdings``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from grants.db import db
from grants.kernel.findings import Finding
from grants.organisations.holdings import Holding
from grants.partners.models import PartnerEntry


class PartnerEntries:
    """Offers and requests of an organisation."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """Each entry, by its title."""
        rows = select(PartnerEntry.id, PartnerEntry.title).where(PartnerEntry.organisation_id == organisation_id)
        found = db.session.execute(rows.order_by(PartnerEntry.id))
        return [Holding("partner_entry", identity, f"Partner search: {title}") for identity, title in found]

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:  # noqa: ARG002
        """One organisation may publish twice."""
        return []

    def move(self, kept_id: int, merged_id: int) -> None:
        """The entries are those of the organisation that stays."""
        rows = update(PartnerEntry).where(PartnerEntry.organisation_id == merged_id)
        db.session.execute(rows.values(organisation_id=kept_id))
