"""All tables, for migrations and tests: importing this module registers every model."""

from __future__ import annotations

import grants.accounts.models
import grants.admission.models
import grants.assigning.models
import grants.audit.models
import grants.calls.models
import grants.documents.models
import grants.evaluation.models
import grants.experts.models
import grants.notifications.models
import grants.organisations.models
import grants.panels.models
import grants.partners.models
import grants.projects.models
import grants.proposals.models
import grants.proposals.writing_models
import grants.ranking.models
import grants.redress.models
import grants.reminders.models
import grants.reporting.models
import grants.similarity.models
import grants.vocabulary.models
from grants.db import Base

metadata = Base.metadata

__all__ = ["grants", "metadata"]
