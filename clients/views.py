"""*Clientes desde un archivo*: upload, preview, apply, undo. For managers of a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import import_actions, import_page
from clients.forms import ImportForm
from clients.imports import lines
from clients.models import ClientImport
from core import localtime
from core.errors import Conflict, Invalid
from desks.doors import Request, chosen, manager_door
from files import tables

_LAST: Final = 10
_EXAMPLE: Final = (
    ("Papelería El Fresno", "PFR190322KQ8", "Papelería El Fresno SA de CV", "601", "50000", "Centro", "Juárez 12",
     "Laura Medina", "laura@elfresno.example", "722 555 0191", "empresa", "", "", "", ""),
    ("Papelería El Fresno", "", "", "", "", "Metepec", "Leona Vicario 8", "Raúl Peña", "", "55 5555 0134", "propios",
     "", "", "", ""),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@manager_door
def start(request: Request) -> HttpResponse:
    """The form and the last imports of the desk; a POST keeps the file and leads to its preview. 422 when it cannot."""
    desk = chosen(request, request.POST.get("mesa") or request.GET.get("mesa"))
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = import_actions.upload(desk, file.read(), filename=file.name, by=request.actor, now=request.moment)
            return redirect("client-import", pk=kept.pk)
        except Invalid as wrong:
            for error in wrong.errors:
                form.add_error("file", str(error.message))
    zone = localtime.zone(desk.timezone)
    last = ClientImport.objects.visible_to(request.actor).filter(desk=desk).select_related("created_by", "file")
    context = {
        "page_title": _("Clients from a file"),
        "form": form,
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [{"slug": one.slug, "name": one.name, "current": one == desk} for one in request.managed],
        "columns": [{"name": names[0], "also": ", ".join(names[1:])} for names in lines.COLUMNS.values()],
        "template_href": reverse("client-import-template"),
        "imports": [_import_row(one, zone, request.moment) for one in last.order_by("-pk")[:_LAST]],
        "settings_href": reverse("settings"),
    }
    return render(request, "clients/import_start.html", context, status=422 if form.errors else 200)


def _import_row(kept: ClientImport, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    tone = {"preview": "mute", "applied": "ok", "undone": "warn"}[kept.state]
    return {
        "href": reverse("client-import", args=[kept.pk]),
        "file": kept.file.filename,
        "who": kept.created_by.get_short_name(),
        "at": localtime.when(kept.created_at, zone, now),
        "state": ClientImport.State(kept.state).label,
        "tone": tone,
        "text": import_page.told(kept.summary),
    }


def _found(request: Request, pk: int) -> ClientImport:
    kept = ClientImport.objects.visible_to(request.actor).select_related("desk", "file", "created_by").filter(pk=pk)
    found = kept.first()
    if found is None:
        raise Http404
    chosen(request, found.desk.slug)
    return found


@require_safe
@manager_door
def show(request: Request, pk: int) -> HttpResponse:
    """What the file would change, or what it changed."""
    kept = _found(request, pk)
    zone = localtime.zone(kept.desk.timezone)
    planned = import_actions.preview(kept, now=request.moment)
    waiting = kept.state == ClientImport.State.PREVIEW
    rows, n_more = import_page.changes(planned) if waiting else ([], 0)
    context = {
        "page_title": kept.file.filename,
        "kept": _import_row(kept, zone, request.moment),
        "desk": {"name": kept.desk.name, "slug": kept.desk.slug},
        "waiting": waiting,
        "applied": kept.state == ClientImport.State.APPLIED,
        "counts": import_page.counts(planned.summary() if waiting else kept.summary),
        "nothing": waiting and planned.is_empty,
        "n_lines": len(planned.lines),
        "n_good": len(planned.lines) - len(planned.refused),
        "rows": rows,
        "n_more": n_more,
        "refused": import_page.refused(planned.lines)[: import_page.SHOWN],
        "n_refused": len(planned.refused),
        "warnings": import_page.warnings(planned.lines)[: import_page.SHOWN],
        "n_kept": kept.summary.get("kept", 0),
        "apply_href": reverse("client-import-apply", args=[pk]),
        "undo_href": reverse("client-import-undo", args=[pk]),
        "refused_href": reverse("client-import-refused", args=[pk]),
        "back_href": f"{reverse('client-imports')}?mesa={kept.desk.slug}",
    }
    return render(request, "clients/import.html", context)


@require_POST
@manager_door
def apply(request: Request, pk: int) -> HttpResponse:
    return _acted(request, pk, import_actions.apply, _("Done: the clients of “%s” are there."))


@require_POST
@manager_door
def undo(request: Request, pk: int) -> HttpResponse:
    return _acted(request, pk, import_actions.undo, _("The import of “%s” was taken back."))


def _acted(request: Request, pk: int, act: Callable[..., ClientImport], done: str) -> HttpResponse:
    """Do it and lead back to the file, with what was done or why it cannot be."""
    try:
        kept = act(_found(request, pk), by=request.actor, now=request.moment)
        messages.success(request, done % kept.file.filename)
    except Conflict as refusal:
        messages.error(request, str(refusal.message))
    return redirect("client-import", pk=pk)


@require_safe
@manager_door
def refused(request: Request, pk: int) -> HttpResponse:
    """The rows that cannot be used, with why, to be mended in a spreadsheet."""
    kept = _found(request, pk)
    rows = import_page.refused(import_actions.preview(kept, now=request.moment).lines)
    headings = [_("Row"), _("What"), _("Column"), _("What is wrong")]
    cells = [[row["line"], row["what"], fault["column"], fault["text"]] for row in rows for fault in row["faults"]]
    return _download(tables.csv_bytes(headings, cells), "renglones-por-corregir.csv")


@require_safe
@manager_door
def template(request: Request) -> HttpResponse:
    """An empty table with the headings that are understood and two rows as an example."""
    headings = [names[0] for names in lines.COLUMNS.values()]
    return _download(tables.csv_bytes(headings, _EXAMPLE), "clientes.csv")


def _download(data: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(data, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
