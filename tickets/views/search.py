"""What may follow in the search box, as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clients.models import Client
from desks import queries as desk_queries
from desks.models import Desk
from tickets import searchcomplete, searchquery
from tickets.queries import board
from tickets.views.doors import Request, draw, staff_door

# Operators whose values are names of the desks.
NAMED: Final = frozenset({"asignado", "producto", "mesa", "cliente", searchquery.TAG})


@require_safe
@staff_door
def options(request: Request) -> HttpResponse:
    """Draw the operators or values that the end of `q` may become; nothing where a plain word is typed."""
    text = request.GET.get("q", "").lstrip()[: searchquery.MAX_CHARS]
    at = searchcomplete.gap(text)
    names: dict[str, Sequence[str]] = {}
    if at is not None and at.value is not None and at.name in NAMED:
        names[at.name] = _names(request, at.name, at.value)
    hints = _hints()
    rows = [
        {"text": option.text, "write": option.write, "says": hints[option.name] if option.write.endswith(":") else ""}
        for option in searchcomplete.options(text, names)
    ]
    return draw(request, "tickets/_search_options.html", {"options": rows})


def _names(request: Request, operator: str, typed: str) -> list[str]:
    """Names at the desks of the person. 1 query, 2 for clients; none for the rest when the configuration is warm."""
    desks = board.desks_of(request.actor)
    if operator == "mesa":
        return [desk.slug for desk in desks]
    if operator == "cliente":
        return _clients(desks, typed)
    found: dict[str, None] = {}
    for desk in desks:
        config = desk_queries.config(desk)
        match operator:
            case "asignado":
                found |= dict.fromkeys(member.name for member in config.members)
            case "producto":
                found |= dict.fromkeys(product.name for product in config.products)
            case searchquery.TAG:
                found |= dict.fromkeys(tag.name for tag in config.tags.values() if tag.is_active)
    return sorted(found)


def _clients(desks: Sequence[Desk], typed: str) -> list[str]:
    """Companies of the desks' vendors; nothing before two letters."""
    if len(typed) < 2:
        return []
    clients = Client.objects.filter(vendor_id__in={desk.vendor_id for desk in desks}, name__unaccent__icontains=typed)
    return list(clients.order_by("name").values_list("name", flat=True)[: searchcomplete.MOST])


def _hints() -> dict[str, str]:
    return {
        "estado": _("open, resolved …"),
        "asignado": _("a name, yo, nadie"),
        "prioridad": _("critical, high …"),
        "vence": _("today, overdue, a day"),
        "cliente": _("company or person"),
        "rfc": _("or its beginning"),
        "producto": _("what it is about"),
        "etiqueta": _("a tag of the desk"),
        "canal": _("how it came in"),
        "antes": _("opened before a day"),
        "despues": _("opened on a day or later"),
        "mesa": _("at which desk"),
    }
