"""Bodies of the API, read strictly: what PostgreSQL or a mail could not carry never gets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, parsers


class StrictJSONParser(parsers.JSONParser):
    """JSON without NUL characters, lone surrogates or absurd nesting."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body. Raises ParseError or ValidationError (`invalid_characters`)."""
        try:
            data = super().parse(stream, media_type, parser_context)
            faulty = list(_unprintable(data, ()))
        except exceptions.ParseError as error:
            raise exceptions.ParseError(_("The body cannot be read as JSON.")) from error
        except RecursionError as error:
            raise exceptions.ParseError(_("The body is nested too deeply.")) from error
        if data is None:
            raise exceptions.ParseError(_("The body must be a JSON object."))
        if faulty:
            message = exceptions.ErrorDetail(
                gettext("The text holds characters that cannot be kept."), "invalid_characters"
            )
            raise exceptions.ValidationError({path: [message] for path in faulty})
        return data


def _unprintable(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths of texts that cannot be stored."""
    if isinstance(value, str):
        if not storable(value):
            yield ".".join(path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _unprintable(item, (*path, name)) if storable(name) else [".".join(path)]
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unprintable(item, (*path, str(index)))


def storable(text: str) -> bool:
    """Tell whether the text has neither a NUL nor a lone surrogate."""
    return "\x00" not in text and (text.isascii() or _encodes(text))


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
