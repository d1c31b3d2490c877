"""*Disponible, ocupado, fuera*: one click in the header or on one's own page."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.errors import Forbidden, Invalid
from desks import actions


@require_POST
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Say it at every desk where the person attends, and go back to where they were."""
    actor = cast(Actor, request.actor)  # type: ignore[attr-defined]
    try:
        actions.say_availability(by=actor, availability=request.POST.get("availability", ""))
    except (Forbidden, Invalid) as refusal:
        raise PermissionDenied from refusal
    return redirect(_came_from(request))


def _came_from(request: HttpRequest) -> str:
    """The page of this installation that the click was on; one's own page where that is not known."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    path = came_from.path
    if came_from.netloc != request.get_host() or not path.startswith("/") or path.startswith("//"):
        return "/cuenta/"
    try:
        resolve(path)
    except Resolver404:
        return "/cuenta/"
    return f"{path}?{came_from.query}" if came_from.query else path
