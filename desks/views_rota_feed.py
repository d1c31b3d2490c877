"""*Mi calendario de guardias*: making and revoking the secret address, and what it answers."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import localtime
from desks import rota_feed
from desks.views_rotas import Request, rota_door


@require_http_methods(["GET", "HEAD", "POST"])
@rota_door
def mine(request: Request) -> HttpResponse:
    """Show whether there is an address; make one (told this once) or revoke it by POST."""
    address = ""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            rota_feed.revoke(request.desk, by=request.actor, now=request.moment)
            messages.success(request, _("The address leads nowhere now."))
            return redirect(f"{reverse('rota-feed')}?mesa={request.desk.slug}")
        secret = rota_feed.issue(request.desk, by=request.actor, now=request.moment)
        address = f"{settings.SITE_URL.rstrip('/')}{reverse('rota-ics', args=[secret])}"
    feed = rota_feed.in_force(request.desk, request.actor.user_id)
    zone = localtime.zone(request.desk.timezone)
    context = {
        "page_title": _("My shifts in my calendar"),
        "address": address,
        "since": localtime.when(feed.created_at, zone, request.moment) if feed else "",
        "desk": {"name": request.desk.name, "slug": request.desk.slug},
        "back_href": f"/guardias/?mesa={request.desk.slug}",
    }
    response = render(request, "desks/rota_feed.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def ics(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar, for whoever has the address. An unknown one and a revoked one look alike."""
    content = rota_feed.read(secret, now=timezone.now())  # noqa: TID251 - a door
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="guardias.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
