"""The base of all forms: shows findings of the rules beside their fields."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from grants.kernel.findings import Finding
from grants.kernel.money import parse_amount
from grants.kernel.numbers import whole


class Form(FlaskForm):
    """``findings`` holds what belongs to no field; templates show it in the summary."""

    findings: list[Finding]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings = []

    def show(self, findings: Iterable[Finding]) -> None:
        """Put each finding to its field, the rest into the summary."""
        for finding in findings:
            name = finding.place.rpartition(".")[2]
            field = self._fields.get(finding.place) or self._fields.get(name)
            if field is None:
                self.findings.append(finding)
            else:
                field.errors = [*field.errors, finding.message]

    @property
    def has_errors(self) -> bool:
        """Whether anything needs to be corrected."""
        return bool(self.errors or self.findings or any(field.errors for field in self))


class Versioned(Form):
    """A form that carries the version of what it was made from, so that a stale one is noticed."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version that the person saw; 0 where the form does not say."""
        return whole(self.version.data)


def stripped(value: str | None) -> str | None:
    """A filter: text without blanks around it."""
    return value.strip() if isinstance(value, str) else value


class MoneyField(StringField):
    """An amount in euro as people write it. ``amount`` is the Decimal, None where nothing was typed."""

    amount: Decimal | None = None

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[stripped], **kwargs)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse what is no amount, in words."""
        self.amount = None
        if not self.data:
            return
        try:
            self.amount = parse_amount(self.data)
        except ValueError:
            raise ValidationError("Use digits only, for example 48500 or 48500.50") from None


class DecimalText(StringField):
    """A number such as a score or a percentage, with comma or point. ``number`` is None where nothing was typed."""

    number: Decimal | None = None

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[stripped], **kwargs)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse what is no number, in words."""
        self.number = None
        if not self.data:
            return
        try:
            number = Decimal(self.data.replace(",", "."))
        except InvalidOperation:
            raise ValidationError("Use a number, for example 2.5") from None
        if not number.is_finite() or number < 0:
            raise ValidationError("Use a number that is not negative")
        self.number = number
