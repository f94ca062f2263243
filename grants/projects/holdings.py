"""What projects keep about organisations; see ``organisations.holdings``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from grants.db import db
from grants.kernel.findings import Finding
from grants.organisations.holdings import Holding
from grants.projects.models import Project, ProjectParticipant


class Beneficiaries:
    """Participants of projects in preparation, running and ended."""

    def held(self, organisation_id: int) -> Sequence[Holding]:
        """Each participation, by the project's number."""
        rows = (
            select(ProjectParticipant.id, Project.number)
            .join(Project, Project.id == ProjectParticipant.project_id)
            .where(ProjectParticipant.organisation_id == organisation_id)
            .order_by(Project.number)
        )
        found = db.session.execute(rows)
        return [
            Holding("project_participant", identity, f"Participant of project {number}") for identity, number in found
        ]

    def clashes(self, kept_id: int, merged_id: int) -> Sequence[Finding]:
        """A project in which both take part: its agreement has to be amended first."""
        one, other = aliased(ProjectParticipant), aliased(ProjectParticipant)
        rows = (
            select(Project.number)
            .join(one, one.project_id == Project.id)
            .join(other, other.project_id == Project.id)
            .where(one.organisation_id == kept_id, other.organisation_id == merged_id)
            .order_by(Project.number)
        )
        words = "Both take part in project {}. Its agreement has to be amended before they can be one organisation."
        return [Finding("both-in-project", words.format(number)) for number in db.session.scalars(rows)]

    def move(self, kept_id: int, merged_id: int) -> None:
        """All participations of the one to the other."""
        rows = update(ProjectParticipant).where(ProjectParticipant.organisation_id == merged_id)
        db.session.execute(rows.values(organisation_id=kept_id))
