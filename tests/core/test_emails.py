"""Addresses that the tables can hold."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from core import emails


def test_an_address_fits_its_column() -> None:
    domain = ".".join(["b" * 60, "c" * 60, "d" * 60, "example"])
    longest = "a" * (emails.LONGEST - len(domain) - 1) + "@" + domain

    emails.validate(longest)
    with pytest.raises(ValidationError):
        emails.validate("a" + longest)


@pytest.mark.parametrize("text", ["", "rosa", "rosa@", "rosa@lanortena.example\nBcc: otra@correo.example"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        emails.validate(text)
