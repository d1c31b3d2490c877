"""What the vault keeps for an order: asked again, shown once, destroyed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from clients import vault
from clients.models import VaultSecret
from core import faces, localtime
from desks import queries as desk_queries
from stamps import links
from stamps.actions import vaultcase
from stamps.models import StampOrder
from stamps.views.doors import Request, draw, seller_door, visible

Row = dict[str, Any]


def rows(request: Request, order: StampOrder) -> list[Row]:
    """Names, states and hours, never content. 1 query, none where nothing was asked for."""
    if order.access_requested_at is None:
        return []
    config, now = desk_queries.config(order.desk), request.moment
    looks = vaultcase.OrderCase(order).may_look(request.actor)
    return [
        {
            "name": _name(secret),
            "state": _state(secret, config.zone, now),
            "alive": _alive(secret, request),
            "look_href": _address(order, secret, "ver") if looks and _alive(secret, request) else "",
            "destroy_href": _address(order, secret, "destruir") if looks and _alive(secret, request) else "",
        }
        for secret in vault.kept(vaultcase.topic(order))
    ]


def _alive(secret: VaultSecret, request: Request) -> bool:
    return secret.destroyed_at is None and secret.expires_at > request.moment


def _address(order: StampOrder, secret: VaultSecret, verb: str) -> str:
    return f"/timbres/{order.number}/boveda/{secret.pk}/{verb}/?mesa={order.desk.slug}"


def _name(secret: VaultSecret) -> str:
    text = str(vault.name_of(secret))
    return text[:1].upper() + text[1:] if not secret.filename else text


def _state(secret: VaultSecret, zone: Any, now: Any) -> str:
    if secret.destroyed_at is not None or secret.expires_at <= now:
        at = secret.destroyed_at or secret.expires_at
        return _("destroyed %s") % localtime.when(at, zone, now)
    left = localtime.minutes_label((secret.expires_at - now).total_seconds() / 60)
    return _("%(left)s left, until %(until)s") % {"left": left, "until": faces.near(secret.expires_at, zone, now)}


@require_http_methods(["GET", "HEAD", "POST"])
@seller_door
@sensitive_variables("shown")
def look(request: Request, number: str, secret: str) -> HttpResponse:
    """Ask again, then show it once: each POST is a look, written down and told to the client. A GET shows nothing."""
    order = visible(request, number)
    row = _of_order(request, order, secret)
    back = links.page(order)
    context = {
        "page_title": f"{_name(row)} · {order.number}",
        "t": {"number": order.number, "subject": order.trade_name, "href": back},
        "name": _name(row),
        "is_file": row.kind == vault.Kind.FILE,
        "href": _address(order, row, "ver"),
        "back_href": back,
        "values": None,
    }
    if request.method != "POST":
        return _private(draw(request, "stamps/vault_look.html", context))
    shown = vault.reveal(row.pk, topic=vaultcase.topic(order), by=request.actor, now=request.moment)
    if row.kind == vault.Kind.FILE:
        return _private(_download(shown))
    labels = {"user": _("User"), "password": _("Password"), "notes": _("Other data")}
    context["values"] = [{"label": labels.get(key, key), "text": text} for key, text in shown.values.items()]
    context["seen_at"] = localtime.when(request.moment, desk_queries.config(order.desk).zone, request.moment)
    return _private(draw(request, "stamps/vault_look.html", context))


@require_POST
@seller_door
def destroy(request: Request, number: str, secret: str) -> HttpResponse:
    """It is not needed any more."""
    order = visible(request, number)
    row = _of_order(request, order, secret)
    vault.destroy(row.pk, topic=vaultcase.topic(order), by=request.actor, now=request.moment)
    messages.success(request, _("Destroyed: nothing is left of it but the mark."))
    return redirect(links.page(order))


def _of_order(request: Request, order: StampOrder, text: str) -> VaultSecret:
    """The secret of that id, for who may look. Raises Http404, PermissionDenied."""
    if not vaultcase.OrderCase(order).may_look(request.actor):
        raise PermissionDenied(_("Only the consultant of the order, and those above them, see what the vault keeps."))
    try:
        wanted = UUID(text)
    except ValueError:
        raise Http404 from None
    found = VaultSecret.objects.defer("ciphertext").filter(pk=wanted, topic=vaultcase.topic(order)).first()
    if found is None:
        raise Http404
    return found


def _download(shown: vault.Revealed) -> HttpResponse:
    response = HttpResponse(shown.content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, shown.secret.filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _private(response: HttpResponse) -> HttpResponse:
    """What is shown here is kept by no browser, cache or proxy."""
    response["Cache-Control"] = "private, no-store"
    return response
