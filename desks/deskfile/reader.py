"""Reading a file that a person wrote: typed values out, every fault noted with its path, none guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.parsers import storable
from core import emails
from core.errors import FieldError, Invalid, Text

_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]+")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_REQUIRED: Final = _("This is missing.")


class Node:
    """A mapping of the file and where it stands in it. Faults of all nodes of a file are in one list."""

    def __init__(self, value: object, path: str = "", faults: list[FieldError] | None = None) -> None:
        self.faults: list[FieldError] = [] if faults is None else faults
        self.path = path
        self.read: set[str] = set()
        self.value: Mapping[Any, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.refuse("", "not_an_object", _("Here the file needs names with their values."))

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def refuse(self, key: str, code: str, message: Text) -> None:
        self.faults.append(FieldError(self.at(key), code, message))

    def has(self, key: str) -> bool:
        """Whether the key stands in the file with a value."""
        self.read.add(key)
        return self.value.get(key) is not None

    def get(self, key: str, *, required: bool = False) -> Any:
        self.read.add(key)
        found = self.value.get(key)
        if required and (found is None or found == ""):
            self.refuse(key, "required", _REQUIRED)
            return None
        return found

    # --- values

    def text(self, key: str, *, longest: int = 254, required: bool = False, default: str = "") -> str:
        found = self.get(key, required=required)
        if found is None:
            return default
        if not isinstance(found, str):
            self.refuse(key, "not_a_text", _("This must be a text; put it between quotes."))
            return default
        return found if self._fits(key, found, longest) else default

    def _fits(self, key: str, found: str, longest: int) -> bool:
        if not storable(found):
            self.refuse(key, "invalid_characters", _("The text holds characters that cannot be kept."))
        elif len(found) > longest:
            self.refuse(key, "too_long", _("The text is too long."))
        else:
            return True
        return False

    def slug(self, key: str, *, required: bool = True, longest: int = 60) -> str:
        found = self.text(key, required=required, longest=longest)
        if found and not _SLUG.fullmatch(found):
            self.refuse(key, "invalid_slug", _("Use letters without accents, digits and hyphens."))
        return found

    def email(self, key: str, *, required: bool = True) -> str:
        found = self.text(key, required=required)
        if found:
            try:
                emails.validate(found)
            except ValidationError:
                self.refuse(key, "invalid_email", _("This is not an e-mail address."))
        return found

    def flag(self, key: str, *, default: bool = False) -> bool:
        found = self.get(key)
        if found is None:
            return default
        if not isinstance(found, bool):
            self.refuse(key, "not_a_flag", _("Write true or false."))
            return default
        return found

    def number(
        self, key: str, *, least: int = 0, most: int = 32767, default: int | None = None, required: bool = False
    ) -> int | None:
        found = self.get(key, required=required)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int):
            self.refuse(key, "not_a_number", _("This must be a whole number."))
        elif not least <= found <= most:
            self.refuse(key, "out_of_range", _("This number is too small or too large."))
        else:
            return found
        return default

    def choice(self, key: str, known: Collection[str], *, required: bool = True, default: str = "") -> str:
        found = self.text(key, required=required, default=default)
        if found and found not in known:
            self.refuse(key, "unknown", self._unknown(found, known))
            return default
        return found

    def clock(self, key: str, *, default: str) -> time:
        """Return a time of day as HH:MM."""
        found = self.text(key, default=default)
        match = _TIME.fullmatch(found)
        if match is None:
            self.refuse(key, "invalid_time", _("Write the time as HH:MM."))
            return time(0, 0)
        return time(int(match[1]), int(match[2]))

    def price(self, key: str) -> str:
        """Return pesos with two decimals."""
        found = self.get(key, required=True)
        try:
            amount = Decimal(str(found)) if not isinstance(found, bool) else Decimal("NaN")
            if not Decimal(0) <= amount <= Decimal(1_000_000):
                raise InvalidOperation
        except InvalidOperation:
            self.refuse(key, "invalid_price", _("Write pesos, such as 350.00."))
            return "0.00"
        return f"{amount:.2f}"

    def strings(self, key: str, *, longest: int = 120, known: Collection[str] | None = None) -> list[str]:
        """Return a list of texts, none of them twice."""
        found: list[str] = []
        for index, value in enumerate(self._rows(key)):
            path = f"{key}.{index}"
            if not isinstance(value, str) or not value.strip():
                self.refuse(path, "not_a_text", _("This must be a text; put it between quotes."))
            elif known is not None and value not in known:
                self.refuse(path, "unknown", self._unknown(value, known))
            elif value in found:
                self.refuse(path, "twice", _("This stands in the list twice."))
            elif self._fits(path, value, longest):
                found.append(value)
        return found

    # --- parts

    def child(self, key: str, *, required: bool = False) -> Node:
        """Return a mapping within this one; an empty one where it is missing."""
        found = self.get(key, required=required)
        return Node({} if found is None else found, self.at(key), self.faults)

    def items(self, key: str) -> list[Node]:
        """Return the mappings of a list; none where it is missing."""
        return [Node(row, self.at(f"{key}.{index}"), self.faults) for index, row in enumerate(self._rows(key))]

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Yield (name, mapping) where the file chooses the names."""
        for name in self.names():
            yield name, self.child(name)

    def names(self) -> list[str]:
        named = [name for name in self.value if isinstance(name, str)]
        if len(named) != len(self.value):
            self.refuse("", "not_a_text", _("A name in the file must be a text; put it between quotes."))
        return named

    def _rows(self, key: str) -> list[Any]:
        found = self.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self.refuse(key, "not_a_list", _("This must be a list."))
            return []
        return found

    def done(self) -> None:
        """Refuse what nobody asked for: most of the time it is a slip of the pen."""
        for name in self.value:
            if name not in self.read:
                self.refuse(str(name)[:60], "unknown_name", _("The file of a desk knows no such name."))

    def _unknown(self, found: str, known: Collection[str]) -> str:
        return str(_("“%(found)s” is not one of: %(known)s.")) % {
            "found": found[:60],
            "known": ", ".join(sorted(known)) or "—",
        }

    def adopt(self, key: str, refused: Invalid) -> None:
        """Note the faults that another reader found under `key`."""
        for error in refused.errors:
            self.refuse(
                f"{key}.{error.field}" if key and error.field else key or error.field, error.code, error.message
            )


def unique(nodes: list[Node], key: str, values: list[str]) -> None:
    """Refuse values that stand twice under `key` of a list of mappings."""
    seen: set[str] = set()
    for node, value in zip(nodes, values, strict=True):
        if value and value in seen:
            node.refuse(key, "twice", _("This stands in the list twice."))
        seen.add(value)
