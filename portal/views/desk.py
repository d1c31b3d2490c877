"""Choosing a desk, and the page of one: whether it is open, whom to reach, what to look at before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from desks.models import Desk
from portal import desknow, outages, shell
from portal.desknow import Scene
from portal.views import doors

Row = dict[str, Any]

# The sections of a desk's texts that have places of their own on the page; the others follow in their order.
PLACED: Final = frozenset({"before_calling", "when_to_ask", "stamps"})
# The database keeps no order of names; what a desk adds comes after these.
ORDER: Final = (
    "hours",
    "service",
    "recommendations",
    "procedure_office",
    "procedure_outside",
    "procedure_chat",
    "procedure_offline",
)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """The desks of the installation, each with whether it is open. 1 query, and those of a scene for each desk."""
    now = timezone.now()
    desks = Desk.objects.active().filter(calendar__isnull=False).select_related("vendor").order_by("vendor__name", "id")
    actor = doors.actor_of(request)
    known = actor.user_id is not None
    context = {
        "desks": [_choice(desknow.at(desk, now)) for desk in desks],
        "login_href": "" if known else reverse("account_login"),
        "home": {"href": reverse("signed_in"), "text": "Ir a mi inicio"} if known else None,
    }
    return render(request, "portal/choose.html", context)


def _choice(scene: Scene) -> Row:
    office = desknow.office(scene)
    slug = scene.config.slug
    return {
        "href": reverse("portal:desk", args=[slug]),
        "report_href": reverse("portal:report", args=[slug]),
        "vendor": scene.config.vendor_name,
        "name": scene.config.say("shell_desk"),
        "tone": office["tone"],
        "icon": office["icon"],
        "state": office["pill"],
        "next": desknow.short(scene),
    }


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a desk, for anybody."""
    scene = doors.scene_of(slug)
    actor = doors.actor_of(request)
    config = scene.config
    context = {
        **shell.around(config, now=scene.now, actor=actor, current="desk"),
        "page_title": config.vendor_name,
        "office": desknow.office(scene),
        "strip": desknow.strip(scene),
        "on_call": desknow.call_first(scene),
        "outages": outages.notices(outages.active(scene), scene),
        "report_href": reverse("portal:report", args=[slug]),
        "help_href": reverse("portal:help", args=[slug]) if scene.desk.has_help else "",
        "main_phone": desknow.phone(scene) if scene.status.is_open else None,
        "whatsapp": desknow.whatsapp(scene),
        "hours": desknow.week(scene),
        "hours_note": desknow.hours_note(scene),
        "contacts": desknow.contacts(scene),
        **_texts(config.texts),
    }
    return render(request, "portal/desk.html", context)


def _texts(texts: Mapping[str, Any]) -> Row:
    """The desk's own paragraphs: what to check, when to ask, and the rest as sections."""
    before, when = texts.get("before_calling", {}), texts.get("when_to_ask", {})
    return {
        "before": before_items(texts),
        "before_title": before.get("title", ""),
        "before_note": before.get("intro", ""),
        "when_title": when.get("title", ""),
        "when_lead": when.get("intro", ""),
        "when_items": [item.get("body", "") for item in when.get("items", [])],
        "sections": [_section(name, texts[name]) for name in sorted(texts, key=_rank) if name not in PLACED],
    }


def _rank(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def before_items(texts: Mapping[str, Any]) -> list[Row]:
    """What a client checks before calling; empty where the desk says nothing of it."""
    return [
        {"title": item.get("title", ""), "text": item.get("body", "")}
        for item in texts.get("before_calling", {}).get("items", [])
    ]


def _section(name: str, text: Mapping[str, Any]) -> Row:
    items = [{"title": item.get("title", ""), "text": item.get("body", "")} for item in text.get("items", [])]
    return {
        "id": name.replace("_", "-"),
        "title": text.get("title", ""),
        "intro": text.get("intro", ""),
        "entries": items,
        "ordered": name.startswith("procedure"),
        "note": text.get("note", ""),
    }
