"""*¿Qué pasaría si…?*: the routing rule asked about an instant, today and with the draft of a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from clients import queries as client_queries
from clients import rfc
from clients.models import Client
from core import localtime
from core.errors import Invalid
from desks import actions as desk_actions
from desks import drafts
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.doors import Request, chosen, manager_door
from desks.models import Desk
from schedules import calendar_spec
from schedules.businesstime import Hours
from schedules.models import BusinessCalendar
from tickets import planning, reasons
from tickets.actions import holding
from tickets.models import Ticket
from tickets.planning import Plan
from tickets.presenters import whatif

Row = dict[str, Any]
FIRST_DAY: Final = date(2006, 1, 1)
LAST_DAY: Final = date(2090, 12, 31)


class WhatIfForm(forms.Form):
    """The instant, the request and the client."""

    dia = forms.DateField(
        label=gettext_lazy("Arrives on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hora = forms.CharField(
        label=gettext_lazy("At (hour)"),
        widget=forms.TextInput(attrs={"class": "num", "inputmode": "numeric", "maxlength": "5", "autocomplete": "off"}),
    )
    tipo = forms.ChoiceField(label=gettext_lazy("Needs"))
    afecta = forms.ChoiceField(
        label=gettext_lazy("Does it affect the operation?"),
        choices=[("si", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
    )
    rfc = forms.CharField(
        label=gettext_lazy("Client's RFC"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, desk: Desk, types: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.client: Client | None = None
        kind = self.fields["tipo"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - declared above
        kind.choices = [(code, reasons.request_type(code)) for code in types]

    def clean_dia(self) -> date:
        day: date = self.cleaned_data["dia"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Choose a day between 2006 and 2090."))
        return day

    def clean_hora(self) -> time:
        text = self.cleaned_data["hora"].strip()
        try:
            minutes = calendar_spec.Reader().time("hora", text.zfill(5))
            return time(*divmod(minutes if minutes is not None else -1, 60))
        except ValueError:
            raise forms.ValidationError(_("Write the time as HH:MM, such as 20:15.")) from None

    def clean_rfc(self) -> str:
        typed = self.cleaned_data["rfc"].strip()
        if not typed:
            return ""
        try:
            checked = rfc.check(typed)
        except Invalid as refused:
            raise forms.ValidationError([str(error.message) for error in refused.errors]) from refused
        self.client = client_queries.client_of_rfc(self.desk.vendor, checked.rfc)
        if self.client is None:
            raise forms.ValidationError(_("No client of the desk has that RFC."))
        return checked.rfc

    def instant(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.cleaned_data["dia"], self.cleaned_data["hora"], zone)


@require_safe
@manager_door
def index(request: Request) -> HttpResponse:
    """Ask the rule; nothing is filed and nobody is told. At most 8 queries more than the frame's."""
    desk = chosen(request, request.GET.get("mesa"))
    if desk.calendar_id is None:
        raise Http404
    config = desk_queries.config(desk)
    asked = "dia" in request.GET
    form = WhatIfForm(
        request.GET if asked else None, desk=desk, types=list(config.routing_table), initial=_start(request, config)
    )
    found = _Question(request, desk, config, form) if not asked or form.is_valid() else None
    context = {
        "page_title": _("What if…?"),
        "form": form,
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [{"slug": d.slug, "name": d.name, "selected": d.pk == desk.pk} for d in request.managed],
        "samples": _samples(desk, config, request),
        **(found.context() if found else {"answers": [], "week": None}),
    }
    return render(request, "desks/simulator.html", context, status=422 if asked and form.errors else 200)


@require_POST
@manager_door
def discard(request: Request) -> HttpResponse:
    """Throw the draft away."""
    desk = chosen(request, request.POST.get("mesa"))
    if desk.calendar_id is not None:
        drafts.forget(request, desk.calendar_id)
    return redirect(f"{reverse('simulator')}?mesa={desk.slug}")


def _start(request: Request, config: DeskConfig) -> Row:
    """The first question: an outage, at this minute."""
    local = request.moment.astimezone(config.zone)
    return {"dia": local.date(), "hora": f"{local:%H:%M}", "tipo": "system_down", "afecta": "si"}


def _samples(desk: Desk, config: DeskConfig, request: Request) -> list[Row]:
    """Instants worth a try: tonight, Saturday at closing, the next Sunday."""
    today = request.moment.astimezone(config.zone).date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    kept = {name: request.GET[name] for name in ("tipo", "afecta", "rfc") if request.GET.get(name)}
    return [
        {
            "text": f"{localtime.day_label(day)} {hour}",
            "href": "?"
            + urlencode({"mesa": desk.slug, "tipo": "system_down", "afecta": "si", **kept, "dia": day, "hora": hour}),
        }
        for day, hour in ((today, "15:10"), (saturday, "14:00"), (saturday + timedelta(days=1), "11:00"))
    ]


class _Question:
    """One question with its answers: as published, and with the draft where there is one."""

    def __init__(self, request: Request, desk: Desk, config: DeskConfig, form: WhatIfForm) -> None:
        self.request, self.desk, self.config = request, desk, config
        values = form.cleaned_data if form.is_bound else form.initial
        self.request_type: str = values["tipo"]
        self.affects = values["afecta"] == "si"
        self.client = form.client
        self.at = form.instant(config.zone) if form.is_bound else request.moment
        self.calendar = BusinessCalendar.objects.get(pk=desk.calendar_id or 0)
        self.hours = desk_queries.hours(desk, self.at)
        self.draft = self._draft()

    def _draft(self) -> Hours | None:
        draft = drafts.of(self.request, self.calendar.pk)
        if draft is None:
            return None
        return desk_actions.candidate_hours(self.calendar, draft.spec, valid_from=draft.valid_from)

    def context(self) -> Row:
        plan = self._plan(None)
        answers = [{"title": _("Today, as published"), "draft": False, **self._card(plan, self.hours)}]
        first = self.at.astimezone(self.config.zone).date()
        monday = first - timedelta(days=first.weekday())
        week = self._week(monday, None)
        weeks = [{"title": _("As published"), "rows": self._rows(week, monday)}]
        changed = ""
        if self.draft is not None:
            drafted = self._week(monday, self.draft)
            hours = whatif.differing(week, drafted)
            changed = localtime.minutes_label(hours / timedelta(minutes=1)) if hours else ""
            answers.append(
                {"title": _("With the draft"), "draft": True, **self._card(self._plan(self.draft), self.draft, plan)}
            )
            weeks.append({"title": _("With the draft"), "rows": self._rows(drafted, monday)})
        return {
            "answers": answers,
            "weeks": weeks,
            "changed": changed,
            "moment": f"{localtime.day_label(first)}, {localtime.hhmm(self.at, self.config.zone)}",
            "client": self.client.name if self.client else "",
            "draft": self._draft_links(),
        }

    def _draft_links(self) -> Row | None:
        if self.draft is None:
            return None
        href = reverse("calendar", args=[self.calendar.slug])
        return {
            "edit_href": f"{href}?mesa={self.desk.slug}&borrador=1",
            "discard_href": reverse("simulator-discard"),
            "name": self.calendar.name,
        }

    def _plan(self, draft: Hours | None) -> Plan:
        return planning.plan(
            self.desk,
            request_type=self.request_type,
            affects_operation=self.affects,
            at=self.at,
            client=self.client,
            draft=draft,
        )

    def _card(self, plan: Plan, hours: Hours, beside: Plan | None = None) -> Row:
        who = self._who(plan)
        return whatif.answer(plan, self.config, at=self.at, hours=hours, who=who, beside=beside)

    def _who(self, plan: Plan) -> str:
        if plan.lane == "on_call":
            return plan.on_call.name if plan.on_call else _("Nobody is on call")
        if plan.lane == "deferred":
            return _("Whoever is chosen at the opening")
        case = Ticket(desk=self.desk, client=self.client, priority=plan.priority)
        choice = holding.choose(case, now=self.at, locked=False, desk_open=True)  # as the plan says
        member = self.config.member(choice.user_id)
        return _("%s, by the load of this moment") % member.name if member else _("Nobody fits at this moment")

    def _week(self, monday: date, draft: Hours | None) -> list[whatif.Stretch]:
        return whatif.week(
            self.desk,
            self.config,
            monday,
            request_type=self.request_type,
            affects_operation=self.affects,
            draft=draft,
        )

    def _rows(self, stretches: list[whatif.Stretch], monday: date) -> list[Row]:
        return whatif.rows(stretches, monday, self.config.zone, self.at)
