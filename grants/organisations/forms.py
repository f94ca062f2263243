"""Forms about organisations."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import URL, DataRequired, Length, Optional

from grants.organisations.states import OrganisationKind
from grants.web.filters import country_choices
from grants.web.forms import Form, stripped


class OrganisationForm(Form):
    """Legal data of an organisation."""

    legal_name = StringField(
        "Legal name", [DataRequired("Enter the legal name"), Length(max=300)], filters=[stripped]
    )
    short_name = StringField("Short name", [Length(max=60)], filters=[stripped])
    country = SelectField(
        "Country", choices=[("", "Choose"), *country_choices()], validators=[DataRequired("Choose")]
    )
    city = StringField("City", [Length(max=120)], filters=[stripped])
    website = StringField(
        "Website", [Optional(), URL(message="Enter an address such as https://example.org")], filters=[stripped]
    )
    kind = RadioField(
        "Type of organisation",
        choices=[(kind.value, f"{kind.value} – {kind.label}") for kind in OrganisationKind],
        validators=[DataRequired("Choose the type")],
    )
    sme = BooleanField("It is a small or medium-sized enterprise (SME)")
    despite_same_name = BooleanField("This is another organisation of the same name")
