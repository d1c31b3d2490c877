"""What the body of a request says, read by a serializer that each thread makes once.

The REST framework copies every field of a serializer for each request, which for a report is a sixth of what filing
it takes. Reading changes nothing of them.
"""

from __future__ import annotations

from threading import local
from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

_made: Final = local()


def read(kind: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    """The values of the body. Raises ValidationError by field, as `is_valid(raise_exception=True)`."""
    known: dict[type[Serializer[Any]], Serializer[Any]] = _made.__dict__.setdefault("known", {})
    serializer = known.get(kind) or known.setdefault(kind, kind())
    try:
        values: dict[str, Any] = serializer.run_validation(data)
    except ValidationError:
        kind(data=data).is_valid(raise_exception=True)  # says the same in the form in which it is told
        raise
    return values
