"""The blueprints of all capabilities, and which later stage fills which slot of an earlier page."""

from __future__ import annotations

from flask import Blueprint, Flask

from grants.accounts import views as accounts
from grants.admission import views as admission
from grants.assigning import views as assigning
from grants.audit import views as audit
from grants.audit import withheld
from grants.calls import views as calls
from grants.calls.holdings import Invitations
from grants.calls.ownership import CallDocuments
from grants.dashboard import views as dashboard
from grants.documents import owners
from grants.documents import views as documents
from grants.evaluation import trail as evaluation_trail
from grants.evaluation import views as evaluation
from grants.evaluation.ownership import OfflineForms
from grants.experts import views as experts
from grants.experts.holdings import Employers
from grants.experts.ownership import ExpertFiles, ExpertTables
from grants.notifications import views as notifications
from grants.organisations import holdings
from grants.organisations import views as organisations
from grants.organisations.ownership import OrganisationPapers
from grants.panels import trail as panels_trail
from grants.panels import views as panels
from grants.panels.queries import proposals as panels_read
from grants.partners import views as partners
from grants.partners.holdings import PartnerEntries
from grants.projects import views as projects
from grants.projects.holdings import Beneficiaries
from grants.proposals import queries as proposals_read
from grants.proposals import views as proposals
from grants.proposals.holdings import Participations
from grants.proposals.ownership import ProposalDocuments
from grants.ranking import obstacles
from grants.ranking import queries as ranking_read
from grants.ranking import views as ranking
from grants.redress import desk_views as rejudging
from grants.redress import round_views as reevaluation
from grants.redress import trail as redress_trail
from grants.redress import views as redress
from grants.reminders import views as reminders
from grants.reporting import views as reporting
from grants.reporting.ownership import ProjectDocuments
from grants.similarity import views as similarity
from grants.web import slots

BLUEPRINTS: tuple[Blueprint, ...] = (
    dashboard.bp, accounts.bp, audit.bp, notifications.bp, organisations.bp, documents.bp, calls.bp,
    partners.bp, proposals.bp, proposals.papers.bp, admission.bp, experts.bp, evaluation.bp, assigning.bp, ranking.bp,
    panels.bp, redress.bp, reevaluation.bp, rejudging.bp, projects.bp, reporting.bp, reminders.bp, similarity.bp,
)  # fmt: skip


def connect_slots(app: Flask) -> None:
    """Earlier pages show what later stages have to say, without knowing them."""
    slots.fill(app, "topic.apply", proposals.drafts.apply_slot)
    slots.fill(app, "home.own", proposals.drafts.home_slot)
    slots.fill(app, "home.own", evaluation.home_slot)
    slots.fill(app, "expert.officer", evaluation.officer_slot)
    slots.fill(app, "topic.experts", evaluation.experts_slot)
    slots.fill(app, "home.own", panels.home_slot)
    slots.fill(app, "home.own", ranking.home_slot)
    slots.fill(app, "home.own", rejudging.home_slot)
    slots.fill(app, "home.own", redress.home_slot)
    slots.fill(app, "home.own", reporting.home_slot)
    slots.fill(app, "home.own", organisations.home_slot)
    slots.fill(app, "organisation.own", proposals.people.organisation_slot)
    slots.fill(app, "topic.partners", partners.topic_slot)
    slots.fill(app, "manage.call", ranking.call_slot)
    slots.fill(app, "manage.call", projects.call_slot)
    slots.fill(app, "manage.topic", partners.manage_slot)
    slots.fill(app, "manage.ranking", projects.ranking_slot)
    slots.fill(app, "manage.ranking", redress.ranking_slot)
    slots.fill(app, "manage.ranking", reevaluation.ranking_slot)
    slots.fill(app, "result.redress", reevaluation.result_slot)
    slots.fill(app, "result.redress", redress.result_slot)
    slots.fill(app, "proposal.result", redress.proposal_slot)
    slots.fill(app, "manage.topic", admission.topic_slot)
    slots.fill(app, "admission.proposal", similarity.opening_slot)
    slots.fill(app, "manage.topic", evaluation.topic_slot)
    slots.fill(app, "manage.topic", panels.topic_slot)
    slots.fill(app, "manage.topic", similarity.topic_slot)
    slots.fill(app, "evaluation.figures", panels.figures_slot)
    slots.fill(app, "proposal.result", panels.proposal_slot)
    slots.fill(app, "proposal.result", ranking.result_slot)


withheld.register("proposal", proposals_read.undecided_keys)
withheld.register("ranking", ranking_read.draft_keys)
evaluation_trail.register()
panels_trail.register()
redress_trail.register()
obstacles.register(panels_read.waiting_findings)
owners.register("call", CallDocuments())
owners.register("organisation", OrganisationPapers())
owners.register("expert", ExpertFiles())
owners.register("expert_sheet", ExpertTables())
owners.register("proposal", ProposalDocuments())
owners.register("report_form", OfflineForms())
owners.register("deliverable", ProjectDocuments())
owners.register("periodic_report", ProjectDocuments())
for holder in (Invitations(), Participations(), Employers(), Beneficiaries(), PartnerEntries()):
    holdings.register(holder)
