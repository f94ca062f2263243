"""Forms about the people of a proposal and about organisations that are named in one."""

from __future__ import annotations

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email

from grants.proposals.states import MemberRole
from grants.web.forms import Form, stripped

_PARTNER = MemberRole.PARTNER_CONTACT.value


class InviteForm(Form):
    """Whom to ask, and as what. Choices are passed in: contacts of partners are one for each organisation."""

    email = StringField(
        "E-mail address", [DataRequired("Enter the address"), Email("Enter an e-mail address")], filters=[stripped]
    )
    role = SelectField("As")

    def offer(self, organisations: list[tuple[int, str]]) -> None:
        """The roles that there are. ``organisations``: participants with their names."""
        self.role.choices = [
            *((f"{_PARTNER}:{identity}", f"Contact of {name}") for identity, name in organisations),
            (MemberRole.READER.value, "Reader, who changes nothing"),
            (MemberRole.CONTACT.value, "Deputy of the main contact, who writes everything"),
        ]

    def chosen(self) -> tuple[MemberRole, int | None]:
        """The role, and whose contact."""
        value, _, participant = str(self.role.data).partition(":")
        return MemberRole(value), int(participant) if participant else None


class StopForm(Form):
    """Why an organisation is not to be named."""

    reason = TextAreaField("Reason", filters=[stripped])
