"""`/inicio/`: what a client sees first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import seals as client_seals
from clients.models import Client
from core import names, paging
from core.actor import Actor
from core.errors import Invalid
from core.paging import Key, Page
from desks.models import Desk
from portal import case, desknow, orderpage, outages, people, sealcard, shell, words
from portal.desknow import Scene
from portal.people import Reach
from portal.views import doors
from portal.views.desk import before_items
from stamps.models import StampAccount, StampOrder
from stamps.presenters import home as stamp_cards
from tickets import lifecycle, nextstep
from tickets.lifecycle import Status
from tickets.models import Appointment, Clock, Ticket
from tickets.queries import case as case_queries

Row = dict[str, Any]

SIZE: Final = 10
MOST_ACCOUNTS: Final = 6
BOUND: Final = 1000
MOST_ORDERS: Final = 5
ORDER: Final = (Key("last_activity_at", descending=True, parse=paging.instant), Key("id", descending=True))
# What somebody still has to do something about: the client confirms what is resolved.
STANDING: Final = sorted(lifecycle.OPEN | {Status.RESOLVED})
ALL: Final = "todos"


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The companies, tickets and desk of a client; who works at a desk goes on to their queue."""
    actor = doors.actor_of(request)
    if not actor.is_client:
        if actor.is_staff:
            return redirect("signed_in")
        raise PermissionDenied
    now = timezone.now()
    reach = people.reach_of(actor, today=now.astimezone(UTC).date())
    company = reach.chosen(request.GET.get("empresa", ""))
    desk = _desk_of(reach, company)
    if desk is None:
        raise PermissionDenied
    return doors.private(_draw(request, actor, reach, company, desknow.at(desk, now)))


@require_POST
@login_required
def seals(request: HttpRequest) -> HttpResponse:
    """Whether one is told before the certificates of a company expire."""
    actor = doors.actor_of(request)
    now = timezone.now()
    reach = people.reach_of(actor, today=now.astimezone(UTC).date())
    company = reach.chosen(request.POST.get("client", ""))
    desk = _desk_of(reach, company)
    wanted = request.POST.get("wanted") == "1"
    if company is None or desk is None or not client_seals.wish(company, by=actor, wanted=wanted):
        raise Http404
    scene = desknow.at(desk, now)
    messages.success(request, scene.config.say("seal.started" if wanted else "seal.stopped"))
    return doors.see_other(f"{_href(company)}#sellos")


def _desk_of(reach: Reach, company: Client | None) -> Desk | None:
    """The desk of the company's vendor; without a company, of the first vendor that knows the person."""
    if not reach.contacts:
        return None
    vendor_id = company.vendor_id if company else reach.contacts[0].vendor_id
    desks = Desk.objects.active().filter(vendor_id=vendor_id, calendar__isnull=False)
    return desks.select_related("vendor").order_by("id").first()


def _draw(request: HttpRequest, actor: Actor, reach: Reach, company: Client | None, scene: Scene) -> HttpResponse:
    config = scene.config
    tickets = _tickets(actor, company, scene)
    every = request.GET.get("ver") == ALL
    standing = tickets.filter(status__in=STANDING)
    page = _page(tickets if every else standing, request.GET.get("cursor"))
    contact = next(c for c in reach.contacts if c.vendor_id == config.vendor_id)
    report = reverse("portal:report", args=[config.slug])
    context = {
        **shell.around(config, now=scene.now, actor=actor, current="home", companies=_companies(reach, company, scene)),
        "page_title": config.say("shell_nav_home"),
        "office": desknow.office(scene, greet=names.first(contact.name)),
        "strip": desknow.strip(scene),
        "on_call": desknow.call_first(scene),
        "outages": outages.notices(outages.active(scene), scene),
        "report_href": f"{report}?{urlencode({'empresa': company.pk})}" if company else report,
        "main_phone": desknow.phone(scene) if scene.status.is_open else None,
        "whatsapp": desknow.whatsapp(scene),
        "tickets": _rows(page.items, scene, named=company is None and len(reach.of_vendor(config.vendor_id)) > 1),
        "tickets_count": _count(standing, tickets, scene),
        "views": [
            {"href": _href(company), "text": config.say("home.open"), "current": not every},
            {"href": _href(company, ver=ALL), "text": config.say("home.all"), "current": every},
        ],
        "previous_href": _href(company, ver=ALL if every else "", cursor=page.previous) if page.previous else "",
        "next_href": _href(company, ver=ALL if every else "", cursor=page.next) if page.next else "",
        "before": before_items(config.texts),
        "desk_href": reverse("portal:desk", args=[config.slug]),
        "appointment": _appointment(tickets, scene),
        "orders": orderpage.card(_orders(actor, company, scene), scene),
        "seals": sealcard.card([company] if company else reach.of_vendor(config.vendor_id), scene, contact.pk),
        "order_href": reverse("portal:stamps", args=[config.slug]),
        "stamps": stamp_cards.cards(
            _accounts(actor, company, scene), config, scene.now, named=len(reach.of_vendor(config.vendor_id)) > 1
        ),
    }
    return render(request, "portal/home.html", context)


def _tickets(actor: Actor, company: Client | None, scene: Scene) -> QuerySet[Ticket]:
    """What the person may read at this vendor. Nothing of another vendor's is mixed in."""
    found = Ticket.objects.visible_to(actor).filter(desk__vendor_id=scene.config.vendor_id)
    if actor.desk_roles:  # a person who also works at a desk sees here what is theirs as a client
        found = found.exclude(desk_id__in=actor.ticket_desk_ids())
    return found.filter(client=company) if company else found


def _orders(actor: Actor, company: Client | None, scene: Scene) -> list[StampOrder]:
    """The last orders of stamps that the person reads as a client of this vendor. 1 query."""
    found = StampOrder.objects.visible_to(actor).filter(desk__vendor_id=scene.config.vendor_id)
    if actor.desk_roles:
        found = found.exclude(desk_id__in=list(actor.desk_roles))
    if company:
        found = found.filter(client=company)
    return list(found.select_related("desk").order_by("-id")[:MOST_ORDERS])


def _accounts(actor: Actor, company: Client | None, scene: Scene) -> list[StampAccount]:
    """The accounts of stamps of the person's companies at this vendor, the first to end first. 2 queries."""
    found = StampAccount.objects.filter(client_id__in=list(actor.client_ids), merged_into__isnull=True)
    found = found.filter(vendor_id=scene.config.vendor_id)
    if company:
        found = found.filter(client=company)
    found = found.select_related("desk__vendor", "product", "client").prefetch_related("rfcs")
    return list(found.order_by("exhausts_on", "id")[:MOST_ACCOUNTS])


def _page(tickets: QuerySet[Ticket], cursor: str | None) -> Page[Ticket]:
    rows = tickets.select_related("client", "assignee", "merged_into", "desk")
    try:
        return paging.page(rows, ORDER, cursor=cursor or None, size=SIZE)
    except Invalid:  # an old address: begin at the top
        return paging.page(rows, ORDER, cursor=None, size=SIZE)


def _count(standing: QuerySet[Ticket], every: QuerySet[Ticket], scene: Scene) -> str:
    """`4 de 11`, counted up to a bound. 2 queries."""
    n, total = (rows.order_by()[:BOUND].count() for rows in (standing, every))
    return scene.config.say("home.count", n=n, total=f"{total:,}" if total < BOUND else f"{BOUND:,}+")


def _companies(reach: Reach, company: Client | None, scene: Scene) -> list[Row]:
    """The switch of company: of all vendors, named where there are several."""
    vendors = {c.vendor_id for c in reach.companies}
    every = scene.config.say("home.every_company", n=len(reach.of_vendor(scene.config.vendor_id)))
    rows = shell.company_rows(reach.companies, company.pk if company else None, every=every)
    if len(vendors) > 1:
        for row, one in zip(rows, reach.companies, strict=False):
            row["text"] = f"{one.name} · {one.vendor.name}"
    return rows


def _href(company: Client | None, **params: str | None) -> str:
    wanted = {"empresa": str(company.pk) if company else "", **params}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('portal:home')}?{query}" if query else reverse("portal:home")


# ------------------------------------------------------------------ rows


def _rows(tickets: Sequence[Ticket], scene: Scene, *, named: bool) -> list[Row]:
    """The rows of the list. 2 queries."""
    ids = [ticket.pk for ticket in tickets]
    clocks = case_queries.clocks_of(ids)
    appointments = case_queries.appointments_of(ids)
    return [_row(t, clocks.get(t.pk, []), appointments.get(t.pk), scene, named=named) for t in tickets]


def _row(ticket: Ticket, clocks: Sequence[Clock], appointment: Appointment | None, scene: Scene, *, named: bool) -> Row:
    return {
        "href": reverse("portal:ticket", args=[ticket.number]),
        "subject": ticket.subject,
        "number": ticket.number,
        "priority": ticket.priority,
        "assignee": ticket.assignee.name if ticket.assignee else "",
        "status": ticket.status,
        "status_label": scene.config.say(f"status_{ticket.status}"),
        "when": _when(ticket, clocks, appointment, scene),
        "ask": _ask(ticket, scene),
        "company": ticket.client.name if named and ticket.client else "",
    }


def _ask(ticket: Ticket, scene: Scene) -> Row | None:
    """What waits for the client."""
    if ticket.status == Status.WAITING_CLIENT:
        return {"icon": "reply", "text": scene.config.say("home_reply")}
    if ticket.status == Status.RESOLVED:
        return {"icon": "ok", "text": scene.config.say("home_confirm")}
    return None


def _when(ticket: Ticket, clocks: Sequence[Clock], appointment: Appointment | None, scene: Scene) -> str:
    """The next hour that concerns the client."""
    say = scene.config.say
    if ticket.closed_at is not None:
        return say("home.when_closed", at=case.near(ticket.closed_at, scene))
    if ticket.merged_into is not None:
        return say("home.when_merged", number=ticket.merged_into.number)
    step = nextstep.next_step(ticket, clocks, appointment)
    if step is None:
        return say("home.when_cancelled")
    if step.at is None:
        return ""
    at = case.when(step.at, scene)
    match step.code:
        case "opens":
            return say("home.when_opens", at=words.opening(step.at, scene.config.zone, scene.now))
        case "first_response" | "on_call_attends":
            return say("home.when_first" if step.at >= scene.now else "home.when_first_late", at=at)
        case "next_update" | "third_party_answers":
            return say("home.when_update" if step.at >= scene.now else "home.when_update_late", at=at)
        case _:
            return at


def _appointment(tickets: QuerySet[Ticket], scene: Scene) -> Row | None:
    """The next planned attention of any of the tickets. 1 query."""
    found = _next_appointment(tickets, scene.now)
    if found is None:
        return None
    say = scene.config.say
    name = found.consultant.name if found.consultant else say("ticket_support")
    return {
        "method_icon": case.method_icon(found.method),
        "method": say(f"method_{found.method}"),
        "when": case.when(found.starts_at, scene),
        "text": say("home.appointment_text", name=name),
        "note": say("home.appointment_note"),
        "calendar_href": reverse("portal:appointment-ics", args=[found.ticket.number]),
        "move_href": reverse("portal:appointment", args=[found.ticket.number]),
    }


def _next_appointment(tickets: QuerySet[Ticket], now: datetime) -> Appointment | None:
    booked = Appointment.objects.live().filter(ends_at__gt=now, ticket__in=tickets.order_by())
    return booked.select_related("consultant", "ticket").order_by("starts_at", "id").first()
