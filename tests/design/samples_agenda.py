"""The pages of the agenda with an illustrative context."""

# ruff: noqa: E501 — sentences as people read them
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from tests.design import samples

Context = dict[str, Any]
T: Final = {"number": "IMX-4821", "subject": "No timbra: error CFDI40147", "href": "#"}
BOOKED: Final[Context] = {
    "method_icon": "monitor", "method": "Remota", "when": "hoy 12:30 – 13:00", "state": "Agendada", "tone": "info",
    "with": "Karla Jiménez", "place": "https://sesiones.invoicemx.example/imx-4821",
    "place_href": "https://sesiones.invoicemx.example/imx-4821", "confirmed": "Confirmada por el cliente",
    "until": "Se atiende a más tardar a las 12:40", "attend_href": "#", "finish_href": "", "missed_href": "",
    "cancel_href": "#", "move_href": "#", "note": "10 min de tolerancia",
}  # fmt: skip
DAYS: Final = [
    {"text": text, "slots": [{"value": f"{text} {hour}", "text": hour, "checked": hour == "12:30"} for hour in hours]}
    for text, hours in (
        ("mar 17 nov", ("12:30", "13:00", "16:00", "17:00", "18:00", "18:30")),
        ("mié 18 nov", ("09:00", "10:30", "12:00")),
    )
]


class Wish(forms.Form):
    metodo = forms.ChoiceField(label="Cómo", choices=[("remote", "remoto"), ("phone", "por teléfono")])
    minutos = forms.ChoiceField(label="Cuánto dura", choices=[("30", "30 min"), ("60", "60 min")])


class Slot(forms.Form):
    slot = forms.ChoiceField(required=False, choices=[("a", "a")])
    day = forms.DateField(label="Día", required=False)
    hour = forms.CharField(label="Hora", required=False)
    place = forms.CharField(
        label="Dónde", required=False, help_text="Enlace de la sesión (https) o dirección de la visita."
    )


class Finish(forms.Form):
    outcome = forms.ChoiceField(label="¿Cómo terminó?", choices=[("resolved", "quedó resuelto")])
    note = forms.CharField(label="Nota", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Attention(Finish):
    method = forms.ChoiceField(label="Cómo", choices=[("phone", "por teléfono")])
    day = forms.DateField(label="Fecha")
    started = forms.CharField(label="Empezó")
    ended = forms.CharField(label="Terminó")
    consultant = forms.ChoiceField(label="Atendió", choices=[("1", "Karla Jiménez")])
    accepted_by = forms.CharField(label="Quién del cliente aceptó el costo", required=False)
    free = forms.BooleanField(label="No se cobra", required=False)


class Booking(forms.Form):
    method = forms.CharField(widget=forms.HiddenInput, initial="remote")
    slot = forms.ChoiceField(required=False, choices=[("a", "a")])
    place = forms.CharField(required=False)
    accept = forms.BooleanField(required=False)
    visit = True


def schedule(data: Mapping[str, Any] | None = None) -> Context:
    form = Slot(data, auto_id="schedule_%s")
    if data is not None:
        form.add_error("slot", "Elija una de las horas, o escriba día y hora.")
    return samples.console(
        "Agendar · IMX-4821", t=T, booked=BOOKED if data is None else None, wish=Wish({"metodo": "remote", "minutos": "30"}),
        days=DAYS, form=form, price="$350.00 MXN", href="#",
    )  # fmt: skip


def attentions(serving: bool = False) -> Context:
    booked = {
        **BOOKED,
        "attend_href": "",
        "finish_href": "#",
        "cancel_href": "",
        "move_href": "",
        "state": "En atención",
        "tone": "brand",
    }
    journal = [
        {"icon": "chat", "method": "Por chat", "when": "hoy 09:20 – 09:41", "lasted": "21 min", "who": "Karla Jiménez", "outcome": "Sigue por otro medio", "cost": "", "note": ""},
        {"icon": "phone", "method": "Por teléfono", "when": "hoy 10:02 – 10:14", "lasted": "12 min", "who": "Bruno Ortega", "outcome": "Sigue en curso", "cost": "$250.00 MXN más IVA, aceptado por Rosa Medina", "note": "Va a mandar el XML y la captura."},
    ]  # fmt: skip
    prices = [
        {
            "text": "Por teléfono: $250.00 MXN",
            "state": "aceptado por Rosa Medina, hoy 09:58",
            "tone": "ok",
            "answer_href": "",
        },
        {
            "text": "Remota: $350.00 MXN",
            "state": "preguntado hoy 10:20, sin respuesta",
            "tone": "warn",
            "answer_href": "#",
        },
    ]
    return samples.console(
        "Atenciones · IMX-4821", t=T, booked=booked if serving else BOOKED,
        past=[{"icon": "monitor", "when": "lun 9 nov, 11:00 – 11:30", "state": "Nadie llegó", "tone": "warn"}],
        journal=journal, prices=prices, told=None, ask=[{"method": "remote", "text": "Remota: $350.00 MXN"}],
        absences="Citas perdidas en un año: 1 de esta persona, 2 de su empresa.", schedule_href="#",
        finish=Finish(auto_id="finish_%s") if serving else None, attention=Attention(auto_id="atencion_%s"), href="#",
    )  # fmt: skip


def week() -> Context:
    def entry(time: str, client: str, number: str, tone: str, state: str, icon: str = "monitor") -> Context:
        return {
            "href": "#", "number": number, "time": time, "icon": icon, "method": "Remota", "client": client, "subject": "…",
            "who": "Karla Jiménez", "state": state, "tone": tone, "place_href": "https://sesiones.invoicemx.example/1",
        }  # fmt: skip

    names = ("lun 16 nov", "mar 17 nov", "mié 18 nov", "jue 19 nov", "vie 20 nov", "sáb 21 nov", "dom 22 nov")
    entries: dict[int, list[Context]] = {
        1: [entry("12:30–13:00", "Ferretería La Norteña", "IMX-4821", "ok", "Confirmada"), entry("17:00–18:00", "Muebles Santa Clara", "IMX-4790", "info", "Agendada", "pin")],
        2: [entry("10:00–10:30", "Lácteos del Valle", "IMX-4801", "warn", "Nadie llegó", "phone")],
    }  # fmt: skip
    days = [
        {
            "text": name,
            "today": n == 1,
            "hours": "Cerrado" if n in (0, 6) else "09:00–14:00 · 16:00–19:00",
            "entries": entries.get(n, []),
        }
        for n, name in enumerate(names)
    ]
    people = [
        {"value": "", "text": "Toda la mesa", "selected": True},
        {"value": "1", "text": "Karla Jiménez", "selected": False},
    ]
    return samples.console(
        "Agenda", heading="lun 16 nov – dom 22 nov 2026", desk={"name": "InvoiceMX", "slug": "invoice-mx"}, desks=[], days=days,
        people=people, person="", week="2026-11-16", n=3, previous_href="#", next_href="#", today_href="#", feed_href="#",
    )  # fmt: skip


def feed() -> Context:
    return samples.console(
        "Mis citas en mi calendario", address="https://mesa.example/agenda/citas/3F9x.ics", since="hoy 10:42",
        desk={"name": "InvoiceMX", "slug": "invoice-mx"}, back_href="#",
    )  # fmt: skip


def client() -> Context:
    appointment = {
        "icon": "monitor", "method": "Sesión remota", "when": "hoy 12:30", "until": "13:00", "text": "Le atiende Karla Jiménez.",
        "where": "Entre a la sesión desde este enlace: https://sesiones.invoicemx.example/imx-4821",
        "place_href": "https://sesiones.invoicemx.example/imx-4821", "serving": "", "confirmed": "", "confirm_href": "#",
        "grace": "Le esperamos hasta las 12:40. Después se libera el espacio y hay que agendar de nuevo.",
        "cancel_href": "#", "calendar_href": "#",
    }  # fmt: skip
    methods = [
        {"href": "#", "text": "Sesión remota", "icon": "monitor", "current": True},
        {"href": "#", "text": "Por teléfono", "icon": "phone", "current": False},
    ]
    return samples.portal(
        "Su cita · IMX-4821", t=T, appointment=appointment, methods=methods, form=Booking(), days=DAYS, href="#",
        prices=[{"id": 1, "href": "#", "text": "Sesión remota: $350.00 MXN más IVA."}],
        hint="Horas libres de quien atiende el ticket; dura 30 minutos.",
        accept="Acepto el costo de esta atención: $350.00 MXN más IVA.",
    )  # fmt: skip


PAGES: Final[Mapping[str, tuple[str, Callable[[], Context]]]] = {
    "schedule": ("tickets/schedule.html", schedule),
    "schedule-refused": ("tickets/schedule.html", lambda: schedule({})),
    "attentions": ("tickets/attentions.html", attentions),
    "attentions-serving": ("tickets/attentions.html", lambda: attentions(serving=True)),
    "agenda": ("tickets/agenda.html", week),
    "agenda-feed": ("tickets/agenda_feed.html", feed),
    "appointment": ("portal/appointment.html", client),
}
