"""A desk as a file: read, judged whole, saved at once; and told back.

What the file says is made so; what it leaves out is deactivated, never deleted. Loading the same
file twice writes nothing the second time. The sections belong to the apps (`desks.deskfile`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any, Final

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import FieldError, Invalid
from desks import actions as desk_actions
from desks import rota_listeners
from desks.deskfile.reader import Node
from desks.deskfile.sections import Saving, registered
from desks.models import Desk

HEADER: Final = "# Mesa de ayuda «{name}». Se carga con: python manage.py load_desk ARCHIVO\n"


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: 14:00 and 2026-12-31 stay texts, `no` is not false, no name stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            name = getattr(key, "value", None)
            if isinstance(name, str) and name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, _("the name %s stands twice") % name, key.start_mark
                )
            seen.add(str(name))
        return super().construct_mapping(node, deep)


_RESOLVED: Final = {
    "tag:yaml.org,2002:bool": r"^(?:true|false)$",
    "tag:yaml.org,2002:int": r"^-?(?:0|[1-9][0-9]*)$",
    "tag:yaml.org,2002:float": r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$",
    "tag:yaml.org,2002:null": r"^(?:~|null|)$",
}


def _resolve_plainly() -> None:
    _Loader.yaml_implicit_resolvers = {}
    first = {"bool": "tf", "int": "-0123456789", "float": "-0123456789", "null": ["~", "n", ""]}
    for tag, pattern in _RESOLVED.items():
        _Loader.add_implicit_resolver(tag, re.compile(pattern), list(first[tag.rsplit(":", 1)[1]]))


_resolve_plainly()


def load(text: str, *, now: datetime, by: Actor) -> list[str]:
    """Make the desk what the text says and return what changed. Raises Invalid with every fault, nothing saved."""
    root = Node(_parse(text))
    checked = [(section, section.check(root)) for section in registered()]
    for section, _values in checked:
        root.read |= section.keys
    root.done()
    if root.faults:
        raise Invalid(errors=_once(root.faults))
    saving = Saving(now=now, by=by)
    with transaction.atomic():
        for section, values in checked:
            section.save(saving, values)
        if saving.changes:
            desk_actions.touch(saving.of())
        rota_listeners.saved(saving.of(), now=now)
    return saving.changes


def _parse(text: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except RecursionError as error:
        raise Invalid(errors=[FieldError("", "not_yaml", _("The file is nested too deeply."))]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = (
            _("line %(line)d, column %(column)d") % {"line": mark.line + 1, "column": mark.column + 1} if mark else ""
        )
        problem = getattr(error, "problem", None) or str(error)
        raise Invalid(errors=[FieldError(place, "not_yaml", _("This is not YAML: %s") % problem)]) from error


def _once(faults: list[FieldError]) -> list[FieldError]:
    """Return the faults in the order of the file's names, none twice (sections look at each other's parts)."""
    return list({(fault.field, fault.code): fault for fault in faults}.values())


def dump(desk: Desk) -> str:
    """Return the text that loads back to the desk as it stands."""
    parts: dict[str, Any] = {}
    for section in registered():
        parts.update(section.dump(desk))
    body = yaml.dump(_without_empty(parts), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return HEADER.format(name=desk.name) + "\n" + body


def _without_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out at the top, and one below, what says nothing."""
    return {
        name: {k: v for k, v in part.items() if v is not None} if isinstance(part, dict) else _rows(part)
        for name, part in value.items()
        if part not in ({}, [], None)
    }


def _rows(part: Any) -> Any:
    if not isinstance(part, list):
        return part
    return [{k: v for k, v in row.items() if v not in (None, [], {}, "")} for row in part]


class _Dumper(yaml.SafeDumper):
    """Small rows on one line, texts of several lines as blocks: as a person would write them."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        return super().represent_mapping(tag, mapping, _on_one_line(mapping))

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        return super().represent_sequence(tag, sequence, _on_one_line(sequence))

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Set lists in under their name."""
        super().increase_indent(flow, indentless=False)


_LINE: Final = 100


def _on_one_line(part: Any) -> bool:
    """Whether it holds plain values only, and few."""
    values = list(part.values()) if isinstance(part, dict) else list(part)
    return not any(isinstance(value, dict | list) for value in values) and len(str(part)) <= _LINE


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)
