"""*Etiquetas*: the vocabulary of a desk, kept in order by who supervises it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from desks import tag_actions as actions
from desks.doors import Request, chosen, supervisor_door
from desks.forms_tags import MergeForm, TagForm
from desks.models import Desk, Tag, Tone


@require_http_methods(["GET", "HEAD", "POST"])
@supervisor_door
def index(request: Request) -> HttpResponse:
    """The tags of a desk, and a form for a new one. 1 query of its own. 422 with the form on error."""
    desk = chosen(request, request.GET.get("mesa"))
    form = TagForm(request.POST if request.method == "POST" else None, initial={"tone": Tone.MUTE}, auto_id="nueva-%s")
    if form.is_valid():
        try:
            actions.make(desk, by=request.actor, name=form.cleaned_data["name"], tone=form.cleaned_data["tone"])
        except DomainError as refusal:
            _refuse(form, refusal)
        else:
            return redirect(_of(desk))
    rows = list(Tag.objects.filter(desk=desk).select_related("into").order_by("name", "id"))
    context = {
        "page_title": _("Tags"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": _others(request, desk),
        "active": [_row(tag) for tag in rows if tag.is_active],
        "resting": [_row(tag) for tag in rows if not tag.is_active],
        "form": form,
    }
    return render(request, "desks/tags.html", context, status=422 if form.errors else 200)


def _of(desk: Desk) -> str:
    return f"{reverse('tags')}?mesa={desk.slug}"


def _others(request: Request, desk: Desk) -> list[dict[str, Any]]:
    rows = [
        {"href": _of(other), "text": other.name, "current": other.pk == desk.pk}
        for other in sorted(request.managed, key=lambda one: one.name)
    ]
    return rows if len(rows) > 1 else []


def _row(tag: Tag) -> dict[str, Any]:
    return {
        "href": reverse("tag", args=[tag.pk]),
        "name": tag.name,
        "tone": tag.tone,
        "into": tag.into.name if tag.into else "",
        "tickets_href": f"/cola/?{urlencode({'q': f'etiqueta:{tag.slug}'})}",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@supervisor_door
def tag(request: Request, pk: int) -> HttpResponse:
    """One tag: its name and colour, `do=merge` into another, `do=separate` from it. 422 with the form on error."""
    found = Tag.objects.filter(pk=pk, desk_id__in=[desk.pk for desk in request.managed]).first()
    if found is None:
        raise Http404
    desk = chosen(request, next(desk.slug for desk in request.managed if desk.pk == found.desk_id))
    others = list(Tag.objects.filter(desk=desk, is_active=True).exclude(pk=pk).order_by("name", "id"))
    initial = {"name": found.name, "tone": found.tone, "is_active": found.is_active}
    doing = request.POST.get("do", "save") if request.method == "POST" else ""
    # What is asked without the form is refused in it as well: then it says what the tag says.
    asked: dict[str, Mapping[str, Any]] = {"save": request.POST, "separate": initial}
    change = TagForm(asked.get(doing), initial=initial)
    merge = MergeForm(request.POST if doing == "merge" else None, others=others)
    if doing and _done(request, found, doing, change, merge):
        messages.success(request, _("Saved: %s.") % found.name)
        return redirect(_of(desk))
    context = {
        "page_title": found.name,
        "tag": _row(found),
        "back_href": _of(desk),
        "form": change,
        "merge": merge if others and found.into_id is None else None,
    }
    return render(request, "desks/tag.html", context, status=422 if change.errors or merge.errors else 200)


def _done(request: Request, tag: Tag, doing: str, change: TagForm, merge: MergeForm) -> bool:
    """Whether it was done; what a rule refuses stands in the form."""
    form: forms.Form = merge if doing == "merge" else change
    try:
        if doing == "separate":
            actions.separate(tag, by=request.actor)
        elif not form.is_valid():
            return False
        elif doing == "merge":
            actions.merge(tag, by=request.actor, into=form.cleaned_data["into"])
        else:
            actions.change(tag, by=request.actor, **form.cleaned_data)
    except DomainError as refusal:
        _refuse(form, refusal)
        return False
    return True


def _refuse(form: forms.Form, refusal: DomainError) -> None:
    for error in refusal.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
    if not refusal.errors:
        form.add_error(None, str(refusal.message))
