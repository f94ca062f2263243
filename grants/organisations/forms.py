"""Forms about organisations."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Subform
from wtforms.validators import URL, DataRequired, Email, Length, Optional, Regexp, ValidationError

from grants.organisations.states import OrganisationKind
from grants.web.filters import country_choices
from grants.web.forms import Form, stripped

_KINDS = [(kind.value, f"{kind.value} – {kind.label}") for kind in OrganisationKind]


def _country_field() -> SelectField:
    choices = [("", "Choose"), *country_choices()]
    return SelectField("Country", choices=choices, validators=[DataRequired("Choose the country")])


def _website_field() -> StringField:
    message = "Enter an address such as https://example.org"
    return StringField("Website", [Optional(), URL(message=message), Length(max=300)], filters=[stripped])


class NamesForm(Form):
    """Section: names, country and type."""

    legal_name = StringField(
        "Legal name", [DataRequired("Enter the legal name"), Length(max=300)], filters=[stripped]
    )
    original_name = StringField("Name in the original script", [Length(max=300)], filters=[stripped])
    short_name = StringField("Short name", [Length(max=60)], filters=[stripped])
    country = _country_field()
    kind = RadioField("Type of organisation", choices=_KINDS, validators=[DataRequired("Choose the type")])
    sme = BooleanField("It is a small or medium-sized enterprise (SME)")


class OrganisationForm(NamesForm):
    """What a new entry needs."""

    city = StringField("City", [Length(max=120)], filters=[stripped])
    website = _website_field()
    despite_same_name = BooleanField("This is another organisation of the same name")


class RegisterForm(Form):
    """Section: form, numbers of registers and status."""

    legal_form = StringField("Legal form", [Length(max=120)], filters=[stripped])
    registration_number = StringField("Registration number", [Length(max=60)], filters=[stripped])
    vat = StringField("VAT number", [Length(max=30)], filters=[stripped])
    ror = StringField("ROR identifier", [Length(max=60)], filters=[stripped])
    lei = StringField("LEI", [Length(max=30)], filters=[stripped])
    public_body = BooleanField("Public body")
    nonprofit = BooleanField("Non-profit organisation")
    law_enforcement = BooleanField("Law enforcement authority")
    international = BooleanField("International organisation")
    natural_person = BooleanField("Natural person")


class AddressForm(Form):
    """Section: where it is."""

    address = StringField("Street and number", [Length(max=300)], filters=[stripped])
    postcode = StringField("Postcode", [Length(max=20)], filters=[stripped])
    city = StringField("City", [Length(max=120)], filters=[stripped])
    nuts = StringField(
        "NUTS region",
        [Optional(), Regexp(r"^[A-Za-z]{2}[0-9A-Za-z]{0,3}$", message="Enter a NUTS code such as BE100")],
        filters=[stripped],
    )
    website = _website_field()


#: The sections of an entry: their address, title and form.
SECTIONS: dict[str, tuple[str, type[Form]]] = {
    "names": ("Names and type", NamesForm),
    "register": ("Register and status", RegisterForm),
    "address": ("Address", AddressForm),
}


class OwnerForm(Subform):
    """One owner; rows without a name are left out."""

    name = StringField("Name", [Length(max=300)], filters=[stripped])
    country = SelectField("Country", choices=[("", "Choose"), *country_choices()], default="")

    def validate_country(self, field: SelectField) -> None:
        """Who is named has a country."""
        if self.name.data and not field.data:
            raise ValidationError("Choose the country")


class ControlForm(Form):
    """The ownership control declaration."""

    controlled_outside_eu = RadioField(
        "Is the organisation controlled, directly or indirectly, from outside the European Union?",
        choices=[("yes", "Yes"), ("no", "No")],
        validators=[DataRequired("Answer yes or no")],
    )
    owners = FieldList(FormField(OwnerForm), min_entries=1, max_entries=30)


class InviteForm(Form):
    """Who is asked to act for the organisation."""

    email = StringField(
        "E-mail address of the person", [DataRequired("Enter an address"), Email("Enter an e-mail address")],
        filters=[stripped],
    )  # fmt: skip


class BankForm(Form):
    """A bank account."""

    iban = StringField("IBAN", [DataRequired("Enter the IBAN"), Length(max=50)], filters=[stripped])
    bic = StringField("BIC", [Length(max=20)], filters=[stripped])
    holder = StringField(
        "Account holder",
        [DataRequired("Enter the holder as the bank writes it"), Length(max=300)],
        filters=[stripped],
    )


class ReasonForm(Form):
    """A decision with its reason."""

    reason = TextAreaField("Reason", [DataRequired("Give the reason"), Length(max=2000)], filters=[stripped])


class PairForm(Form):
    """Two PICs that an officer wants to compare."""

    first = StringField("PIC", [Regexp(r"^[0-9]{9}$", message="A PIC has nine digits")], filters=[stripped])
    second = StringField("Other PIC", [Regexp(r"^[0-9]{9}$", message="A PIC has nine digits")], filters=[stripped])


class MergeForm(Form):
    """Which entry stays."""

    keep = HiddenField(validators=[Regexp(r"^[0-9]{9}$")])
    despite_contradiction = BooleanField("It is one organisation although the numbers differ")
