"""Forms of a project's plan and of what is due in it. Empty rows are left out."""

from __future__ import annotations

from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import (
    Form as Row,
)
from wtforms.validators import Length, NumberRange, Optional

from grants.web.forms import Form, MoneyField, Versioned, stripped

KINDS = (("R", "Report"), ("DEM", "Demonstrator"), ("DEC", "Website, media"), ("DATA", "Data"), ("OTHER", "Other"))
DISSEMINATION = (("PU", "Public"), ("SEN", "Sensitive"), ("EU-R", "EU restricted"))
_MONTH = [Optional(), NumberRange(1, 120)]


class AmountRow(Row):
    """A participant's share of the grant."""

    participant = HiddenField()
    contribution = MoneyField("Share of the grant")


class WorkRow(Row):
    """One work package. ``lead`` gets its choices from the view."""

    number = IntegerField("No.", [Optional(), NumberRange(1, 99)])
    title = StringField("Work package", [Length(max=300)], filters=[stripped])
    lead = SelectField("Lead", validate_choice=False)
    start_month = IntegerField("From month", _MONTH)
    end_month = IntegerField("To month", _MONTH)


class DeliverableForm(Row):
    """One deliverable."""

    number = StringField("No.", [Length(max=12)], filters=[stripped])
    title = StringField("Deliverable", [Length(max=300)], filters=[stripped])
    work_package = IntegerField("Work package", [Optional(), NumberRange(1, 99)])
    kind = SelectField("Kind", choices=list(KINDS))
    dissemination = SelectField("Who may read it", choices=list(DISSEMINATION))
    due_month = IntegerField("Due in month", _MONTH)


class MilestoneForm(Row):
    """One milestone."""

    number = StringField("No.", [Length(max=12)], filters=[stripped])
    title = StringField("Milestone", [Length(max=300)], filters=[stripped])
    means = StringField("How it is verified", [Length(max=300)], filters=[stripped])
    due_month = IntegerField("Due in month", _MONTH)


class PlanForm(Versioned):
    """The whole plan on one page."""

    starts_on = DateField("Start of the project", [Optional()])
    amounts = FieldList(FormField(AmountRow))
    work_packages = FieldList(FormField(WorkRow))
    deliverables = FieldList(FormField(DeliverableForm))
    milestones = FieldList(FormField(MilestoneForm))


class ConfirmForm(Versioned):
    """Confirming the agreement for one side, for the version that was shown."""


class ReasonForm(Form):
    """Why something is returned or ended."""

    reason = TextAreaField("Reason", [Length(max=2000)])


class SummaryForm(Form):
    """The public summary of a periodic report."""

    summary = TextAreaField("Summary for the public", [Length(max=10000)])


class ReachedForm(Form):
    """The day on which a milestone was reached; empty takes it back."""

    reached_on = DateField("Reached on", [Optional()])
