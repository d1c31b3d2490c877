"""E-mail addresses that every table can hold."""

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST: Final = 254  # RFC 5321 4.5.3.1.3: a path of 256 characters, less its brackets; Django's own check lets 320 by


def validate(text: str) -> None:
    """Raise ValidationError unless the text is an address, of at most LONGEST characters."""
    validate_email(text)
    if len(text) > LONGEST:
        raise ValidationError(validate_email.message, code="invalid")
