"""Where a person goes right after signing in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from core.actor import Actor


@require_safe
@login_required
def follow(request: HttpRequest) -> HttpResponse:
    """Send the person on to the page where their work is."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.is_admin or actor.ticket_desk_ids():
        return redirect("/cola/")
    return redirect("/timbres/" if actor.is_staff else "/inicio/")  # who works no tickets sells stamps
