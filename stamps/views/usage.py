"""`/timbres/consumo/`: usage from a file: what it would book, what is wrong with its rows, then how far it came."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import localtime
from core.errors import Invalid
from desks import queries as desk_queries
from desks.models import Desk
from files import tables
from stamps import usage_file
from stamps.actions import importing
from stamps.forms_accounts import FileForm
from stamps.models import UsageImport
from stamps.views.sales_doors import Request, chosen, sales_door
from tickets.views.doors import draw

LAST: Final = 10
SHOWN: Final = 100
FAULTS: Final = 200


@require_http_methods(["GET", "HEAD", "POST"])
@sales_door
def index(request: Request) -> HttpResponse:
    """The form and the last files of the desk; a POST keeps a file and shows what it would book."""
    desk = chosen(request, request.POST.get("mesa") or request.GET.get("mesa"))
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            data = sent.read(tables.MAX_BYTES + 1)
            one = importing.keep_file(desk, data, name=sent.name, by=request.actor, now=request.moment)
        except Invalid as refusal:
            form.add_error("file", " ".join(str(error.message) for error in refusal.errors))
        else:
            return redirect("stamp-usage-file", pk=one.pk)
    return _start(request, desk, form, 422 if form.is_bound else 200)


def _start(request: Request, desk: Desk, form: FileForm, status: int) -> HttpResponse:
    request.desks = [desk, *(other for other in request.sold if other.pk != desk.pk)]
    last = UsageImport.objects.filter(desk=desk).defer("rows", "faults").select_related("created_by").order_by("-pk")
    context = {
        "page_title": _("Usage from a file"),
        "form": form,
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [{"slug": one.slug, "name": one.name, "current": one.pk == desk.pk} for one in request.sold],
        "columns": [{"name": known[-1], "also": ", ".join(known[:-1])} for known in usage_file.HEADINGS.values()],
        "imports": [_kept(one, desk, request) for one in last[:LAST]],
        "template_href": reverse("stamp-usage-template"),
        "back_href": f"{reverse('stamp-accounts')}?mesa={desk.slug}",
    }
    return draw(request, "stamps/usage.html", context, status=status)


def _kept(one: UsageImport, desk: Desk, request: Request) -> dict[str, Any]:
    zone = desk_queries.config(desk).zone
    tone, state = _state(one)
    return {
        "href": reverse("stamp-usage-file", args=[one.pk]),
        "file": one.name,
        "who": one.created_by.name,
        "at": localtime.when(one.created_at, zone, request.moment),
        "tone": tone,
        "state": state,
    }


def _state(one: UsageImport) -> tuple[str, str]:
    if one.finished_at:
        return "ok", _("%d booked") % one.n_booked
    if one.confirmed_at:
        return "info", _("%(done)d of %(rows)d") % {"done": one.n_done, "rows": one.n_rows}
    return "warn", _("to be confirmed")


@require_safe
@sales_door
def template(request: Request) -> HttpResponse:
    """An empty table with an example, to be filled in."""
    headings = [known[-1] for known in usage_file.HEADINGS.values()]
    response = HttpResponse(tables.csv_bytes(headings, []), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="consumo-de-timbres.csv"'
    return response


@require_safe
@sales_door
def detail(request: Request, pk: int) -> HttpResponse:
    """What a file would book, or what it has booked so far. 5 statements, with those of the session."""
    one = _visible(request, pk)
    desk = one.desk
    request.desks = [desk, *(other for other in request.sold if other.pk != desk.pk)]
    zone = desk_queries.config(desk).zone
    context = {
        "page_title": one.name,
        "desk": {"name": desk.name, "slug": desk.slug},
        "kept": _kept(one, desk, request),
        "waiting": one.confirmed_at is None,
        "running": one.confirmed_at is not None and one.finished_at is None,
        "n_rows": one.n_rows,
        "n_done": one.n_done,
        "n_booked": one.n_booked,
        "n_known": one.n_known,
        "n_faults": len(one.faults),
        "faults": one.faults[:FAULTS],
        "rows": [_row(row, zone, request) for row in sorted(one.rows, key=lambda row: row["line"])[:SHOWN]],
        "n_more": max(0, one.n_rows - SHOWN),
        "confirm_href": reverse("stamp-usage-confirm", args=[one.pk]),
        "here": reverse("stamp-usage-file", args=[one.pk]),
        "back_href": f"{reverse('stamp-usage')}?mesa={desk.slug}",
    }
    return draw(request, "stamps/usage_file.html", context, part="progress")


def _row(row: dict[str, Any], zone: Any, request: Request) -> dict[str, Any]:
    from datetime import datetime

    return {
        "line": row["line"],
        "rfc": row["rfc"],
        "used": f"{row['used']:,}" if row["used"] is not None else "",
        "balance": f"{row['balance']:,}" if row["balance"] is not None else "",
        "at": localtime.when(datetime.fromisoformat(row["at"]), zone, request.moment),
        "reference": row["reference"],
    }


@require_POST
@sales_door
def confirm(request: Request, pk: int) -> HttpResponse:
    one = importing.confirm(_visible(request, pk), by=request.actor, now=request.moment)
    messages.success(
        request, _("Booked.") if one.finished_at else _("It is being booked; this page says how far it is.")
    )
    return redirect("stamp-usage-file", pk=one.pk)


def _visible(request: Request, pk: int) -> UsageImport:
    """A file of the person's desks. Raises Http404. 1 query."""
    rows = UsageImport.objects.visible_to(request.actor).select_related("desk__vendor", "created_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
