"""Forms about accounts."""

from __future__ import annotations

from zoneinfo import available_timezones

from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Email, Length

from grants.kernel.actor import Role
from grants.web.forms import Form, stripped

_ADDRESS = Email("Enter an e-mail address such as name@example.org", check_deliverability=False)


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address")], filters=[stripped])
    password = PasswordField("Password", [DataRequired("Enter your password")])
    next = HiddenField()


class RegisterForm(Form):
    """A new account."""

    name = StringField("Your name", [DataRequired("Enter your name"), Length(max=200)], filters=[stripped])
    email = EmailField(
        "E-mail address", [DataRequired("Enter your e-mail address"), _ADDRESS, Length(max=254)], filters=[stripped]
    )
    password = PasswordField("Password", [DataRequired("Choose a password")])
    next = HiddenField()


class ForgotForm(Form):
    """Asks for a reset link."""

    email = EmailField("E-mail address", [DataRequired("Enter your e-mail address"), _ADDRESS], filters=[stripped])


class ResetForm(Form):
    """A new password by a link."""

    password = PasswordField("New password", [DataRequired("Choose a password")])


class ProfileForm(Form):
    """What a person says about themselves."""

    name = StringField("Your name", [DataRequired("Enter your name"), Length(max=200)], filters=[stripped])
    timezone = SelectField("Your time zone", choices=[*sorted(z for z in available_timezones() if "/" in z), "UTC"])


class PasswordForm(Form):
    """A new password while signed in."""

    current = PasswordField("Present password", [DataRequired("Enter your present password")])
    password = PasswordField("New password", [DataRequired("Choose a password")])


class RoleForm(Form):
    """Grants a role. Choices of programmes are passed in."""

    role = SelectField("Role", choices=[(role.value, role.value.capitalize()) for role in Role])
    programme = SelectField("Programme (for managers)", choices=[])


class ReasonForm(Form):
    """Why an account is closed or opened."""

    reason = StringField("Reason", [DataRequired("Say why, for the audit trail")], filters=[stripped])
