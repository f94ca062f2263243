"""Forms of a proposal. Drafts take anything: what is missing or wrong is said by the rules, not refused here."""

from __future__ import annotations

from wtforms import BooleanField, FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from grants.proposals.states import ParticipantRole
from grants.web.forms import Form


class StartForm(Form):
    """For which organisation a proposal is started. Choices are passed in."""

    organisation = SelectField("Coordinating organisation")


class GeneralForm(Form):
    """The general part."""

    acronym = StringField("Acronym")
    title = StringField("Title")
    abstract = TextAreaField("Abstract")
    keywords = StringField("Keywords, separated by commas")
    duration_months = StringField("Duration in months")
    women = StringField("Women among the named researchers")
    men = StringField("Men among the named researchers")
    version = HiddenField()


class AddParticipantForm(Form):
    """An organisation to add, by its PIC."""

    pic = HiddenField()
    role = SelectField(
        "Role",
        choices=[(role.value, role.label) for role in ParticipantRole if role is not ParticipantRole.COORDINATOR],
    )


class RoleForm(Form):
    """What a participant becomes."""

    role = SelectField("Role", choices=[(role.value, role.label) for role in ParticipantRole])


class FileForm(Form):
    """A file from a browser without JavaScript."""

    file = FileField("File")


class SubmitForm(Form):
    """One intent to submit: its key makes repeating harmless. What the main contact declares is a tick of theirs,
    never ours."""

    key = HiddenField()
    declared = BooleanField(
        "All partners agree to this proposal, and to my knowledge everything in it is true",
        [InputRequired("Tick this to submit. If a partner has not agreed yet, ask them first.")],
    )


class EmptyForm(Form):
    """A button that changes something: only the token."""
