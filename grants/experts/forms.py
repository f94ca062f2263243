"""Forms of experts and of those who invite them."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from grants.experts.rules import SECTORS
from grants.web.filters import country_choices
from grants.web.forms import Form, Versioned, stripped


class ProfileForm(Versioned):
    """What an expert says about themselves. ``languages`` gets its choices from the view."""

    pic = StringField("PIC of your employer", [Optional(), Length(max=9)], filters=[stripped])
    employer_name = StringField("Name of your employer", [Length(max=300)], filters=[stripped])
    country = SelectField("Country", choices=lambda: [("", "Not said"), *country_choices()])
    expertise = StringField("Expertise, in words separated by commas", filters=[stripped])
    languages = SelectMultipleField("Languages that you read well")
    gender = SelectField("Gender", choices=[("", "Not said"), ("woman", "Woman"), ("man", "Man")])


class BackgroundForm(Versioned):
    """Employers and publications, one a line: what conflicts are found by."""

    nationality = SelectField("Nationality", choices=lambda: [("", "Not said"), *country_choices()])
    sector = SelectField("Sector", choices=[("", "Not said"), *SECTORS.items()])
    orcid = StringField("ORCID", [Length(max=40)], filters=[stripped])
    jobs = TextAreaField("Employers, present and past", filters=[stripped])
    publications = TextAreaField("Publications", filters=[stripped])


class AvailabilityForm(Versioned):
    """Days on which an expert takes no proposals."""

    absences = TextAreaField("Days when you are away", filters=[stripped])


class InterestsForm(Versioned):
    """The declaration of interests."""

    ties = TextAreaField("Ties to people and organisations", filters=[stripped])
    declared = BooleanField("This is complete, and I will change it when something changes")


class KeywordsForm(Versioned):
    """Keywords of the tree, ticked; read from the request, since each is a box of its own."""


class EmptyForm(Form):
    """A token, and a place for what is wrong."""


class InviteForm(Form):
    """How many proposals each invited expert should take."""

    max_load = IntegerField("Proposals for each expert, at most", [NumberRange(1, 200)])


class AcceptForm(Form):
    """Accepting an invitation."""

    declared = BooleanField(
        "I keep what I read confidential, put none of it into tools that learn from it, and declare every conflict "
        "of interest"
    )
    takes = IntegerField("Proposals that you take, at most", [Optional(), NumberRange(1, 200)])
    trained = BooleanField("I have read how this evaluation works")


class DeclineForm(Form):
    """Declining an invitation; a reason helps the funder and is not asked for."""

    reason = TextAreaField("Reason", [Length(max=1000)])


class ReturnForm(Form):
    """Why a profile goes back to its expert."""

    reason = TextAreaField("What is to be changed", [Length(max=2000)], filters=[stripped])
