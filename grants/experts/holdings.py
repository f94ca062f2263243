"""What profiles of experts keep about organisations; see ``organisations.holdings``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update

from grants.db import db
from grants.experts.models import Employment, Expert
from grants.kernel.findings import Finding
from grants.organisations.holdings import Holding


class Employers:
    """Employers, by which conflicts of interest are found: these must not be lost. Names of experts are not shown:
    an officer of the registry need not know who evaluates."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """Each profile, without its person's name."""
        works_there = Expert.jobs.any(Employment.organisation_id == organisation_id)
        mine = or_(Expert.employer_id == organisation_id, works_there)
        rows = select(Expert.id).where(mine).order_by(Expert.id)
        return [Holding("expert", identity, "Employer of an expert") for identity in db.session.scalars(rows)]

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:  # noqa: ARG002
        """Two employees of one organisation are no contradiction."""
        return []

    def move(self, kept_id: int, merged_id: int) -> None:
        """The experts work for the organisation that stays."""
        db.session.execute(update(Expert).where(Expert.employer_id == merged_id).values(employer_id=kept_id))
        theirs = update(Employment).where(Employment.organisation_id == merged_id)
        db.session.execute(theirs.values(organisation_id=kept_id))
