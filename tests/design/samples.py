"""Every page with an illustrative context: what the design's reference pages show, in the names of the contracts.

Used by the preview (pictures) and by the tests (parse, accessibility, no sideways scroll). Forms are small ones of our own:
the pages care for the names of their fields, not for the rules behind them.
"""

# ruff: noqa: E501 — sentences as people read them
from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms

from core import faces, localtime
from core.wording import Wording
from tests.design import (
    samples_agenda,
    samples_cfdi,
    samples_knowledge,
    samples_order,
    samples_outages,
    samples_queue,
    samples_replies,
)

TZ = localtime.zone("America/Mexico_City")
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)  # Tuesday 10:42 in Mexico City
Context = dict[str, Any]


def local(hour: int, minute: int = 0, day: int = 17) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TZ)


SPANS = [(local(9), local(14)), (local(16), local(19))]
STRIP = faces.day_strip(
    SPANS, tz=TZ, now=NOW, label="Horario de oficina de hoy martes: 09:00 a 14:00 y 16:00 a 19:00. Son las 10:42."
)
EVENING = datetime(2026, 11, 18, 2, 15, tzinfo=UTC)
NIGHT_STRIP = faces.day_strip(
    SPANS, tz=TZ, now=EVENING, label="Oficina de 09:00 a 14:00 y de 16:00 a 19:00. Son las 20:15."
)
SAY = Wording("usted", {}, vendor="InvoiceMX")
ON_CALL = {
    "text": "Llame a la guardia:",
    "name": "Iván",
    "number": "722 555 0177",
    "href": "tel:+527225550177",
    "note": "Contesta Iván. Es lo más rápido si su operación está detenida.",
}


def running(kind: str, minutes_left: float, target: int) -> faces.ClockFace:
    due = NOW + timedelta(minutes=minutes_left)
    return faces.clock_face(kind, target_minutes=target, due_at=due, tz=TZ, now=NOW)


PAUSED = faces.clock_face("resolution", target_minutes=960, due_at=None, tz=TZ, now=NOW, note="espera al cliente")
MET = faces.stopped_face("first_response", used=timedelta(minutes=12), target_minutes=15, breached=False)


# ------------------------------------------------------------------ forms


class Report(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, initial="0d0c5c9e-9b2a-4f6e-a8a1-2f9d6b6c1f00")
    client = forms.ChoiceField(choices=[("1", "Ferretería La Norteña"), ("2", "Norteña Transportes")])
    need = forms.CharField()
    impact = forms.CharField()
    deadline_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    product = forms.ChoiceField(choices=[("e", "InvoiceMX Escritorio"), ("n", "InvoiceMX Nube")])
    product_version = forms.CharField()
    client_rfc = forms.CharField(required=False)
    branch = forms.ChoiceField(required=False, choices=[("", "Todas"), ("1", "Matriz Centro")])
    subject = forms.CharField()
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 6}))
    files = forms.FileField(required=False)  # type: ignore[assignment]
    support_method = forms.CharField()
    name = forms.CharField()
    phone = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
    email = forms.EmailField(required=False)


class Reply(forms.Form):
    body = forms.CharField(widget=forms.Textarea)
    files = forms.FileField(required=False)  # type: ignore[assignment]


class Reason(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Motivo")


class Resolve(forms.Form):
    solution = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Qué se hizo (lo recibe el cliente)")


class Composer(Reply):
    version = forms.IntegerField(widget=forms.HiddenInput, initial=7)
    draft = forms.IntegerField(widget=forms.HiddenInput, initial=3)
    key = forms.CharField(widget=forms.HiddenInput, initial="k")
    kind = forms.CharField(initial="reply")
    after = forms.ChoiceField(
        choices=[
            ("", "Enviar y seguir en proceso"),
            ("wait", "Enviar y esperar al cliente"),
            ("resolve", "Enviar y resolver"),
        ]
    )


class Invite(forms.Form):
    name = forms.CharField(label="A quién", help_text="El programa del contador, un PAC u otro proveedor.")
    email = forms.EmailField(label="Correo electrónico")
    question = forms.CharField(label="¿Qué les pregunta?", widget=forms.Textarea(attrs={"rows": 4}))
    waits = forms.BooleanField(label="Esperar su respuesta en cuanto el cliente acepte", required=False, initial=True)


class Call(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, initial="k")
    contact = forms.CharField(widget=forms.HiddenInput, required=False)
    occurred_on = forms.DateField(label="Fecha", widget=forms.DateInput(attrs={"type": "date"}))
    started = forms.CharField(label="Inicio")
    ended = forms.CharField(label="Fin")
    channel = forms.ChoiceField(label="Por", choices=[("phone", "Llamada"), ("whatsapp", "WhatsApp")])
    attended_by = forms.ChoiceField(label="Atendió", choices=[("3", "Iván Rentería")])
    requester_name = forms.CharField(label="Nombre")
    requester_phone = forms.CharField(label="Teléfono", required=False)
    requester_email = forms.EmailField(label="Correo", required=False)
    client_rfc = forms.CharField(label="RFC", required=False)
    subject = forms.CharField(label="Asunto")
    request_type = forms.ChoiceField(label="Tipo", choices=[("system_down", "Sistema caído")])
    impact = forms.ChoiceField(label="Afecta su operación", choices=[("stopped", "Sí, detenida"), ("none", "No")])
    support_method = forms.ChoiceField(label="Cómo se atendió", choices=[("remote", "Remoto"), ("phone", "Teléfono")])
    product = forms.ChoiceField(label="Producto", choices=[("e", "InvoiceMX Escritorio")], required=False)
    product_version = forms.CharField(label="Versión", required=False)
    description = forms.CharField(label="Qué pasó", widget=forms.Textarea(attrs={"rows": 3}))
    files = forms.FileField(label="Imágenes y archivos", required=False)  # type: ignore[assignment]
    sensitive = forms.BooleanField(label="Piden datos de acceso o un cambio", required=False)
    called_back = forms.ChoiceField(
        label="Devolví la llamada al número registrado",
        choices=[("", "Todavía no"), ("+527225550198", "722 555 0198 · Rosa Medina")],
        required=False,
    )
    on_file = (("+527225550198", "Rosa Medina"),)
    price_accepted_by = forms.CharField(label="Quién aceptó el costo", required=False)
    solution = forms.CharField(label="Qué se hizo", widget=forms.Textarea(attrs={"rows": 4}))
    outcome = forms.CharField(initial="resolved")


class TokenForm(forms.Form):
    label = forms.CharField(label="Para qué")
    expires_on = forms.DateField(label="Vence", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class Preferences(forms.Form):
    name = forms.CharField(label="Nombre", initial="Karla Jiménez")
    phone = forms.CharField(label="Teléfono", required=False)
    theme = forms.ChoiceField(label="Tema", choices=[("", "El del equipo"), ("light", "Claro"), ("dark", "Oscuro")])
    keys = forms.BooleanField(
        label="Atajos de teclado", required=False, initial=True, help_text="No actúan dentro de campos."
    )


class ChannelForm(forms.Form):
    kind = forms.ChoiceField(label="Canal", choices=[("webhook", "Llamada o SMS")])
    address = forms.CharField(label="Teléfono", help_text="A diez dígitos, con lada.")


class Login(forms.Form):
    login = forms.EmailField()
    password = forms.CharField(widget=forms.PasswordInput)
    remember = forms.BooleanField(required=False)


class Code(forms.Form):
    code = forms.CharField()


class TotpForm(Code):
    secret = "JBSWY3DPEHPK3PXP"


class Email(forms.Form):
    email = forms.EmailField()


REPORT_TEXT = (
    "Desde hoy a las 08:50 ninguna factura timbra. Al dar clic en Timbrar aparece «CFDI40147 – El campo "
    "DomicilioFiscalReceptor no corresponde». Probamos con tres clientes distintos y pasa igual."
)


def refused_report() -> Report:
    form = Report(
        {
            "subject": "Error", "description": REPORT_TEXT, "product": "e", "product_version": "4.2.7", "need": "failure",
            "impact": "stopped", "support_method": "remote", "key": "k", "client": "1", "name": "Rosa Medina",
            "phone": "722 555 0198", "email": "rosa.medina@lanortena.example", "deadline_on": "2026-11-20",
        }
    )  # fmt: skip
    form.add_error("subject", "«Error» no nos dice qué pasa. Escriba qué intentaba hacer y qué mensaje apareció.")
    form.add_error("files", "respaldo_bd.zip pesa 48 MB y el límite es 25 MB. Quítelo o súbalo en partes.")
    return form


# ------------------------------------------------------------------ frames


def portal(title: str, nav: int = 0, **more: Any) -> Context:
    items = [("/inicio/", "Inicio"), ("/inicio/#tickets", "Mis tickets"), ("/invoice-mx/", "Horario y contactos")]
    shell = {
        "vendor": "InvoiceMX",
        "home_href": "/inicio/",
        "nav": [{"href": href, "text": text, "current": i == nav} for i, (href, text) in enumerate(items)],
        "account": {"name": "Rosa Medina", "sub": "Contabilidad · 3 empresas", "href": "/cuenta/"},
        "companies": [
            {"value": "1", "text": "Ferretería La Norteña", "selected": True},
            {"value": "2", "text": "Norteña Transportes", "selected": False},
        ],
        "companies_href": "/inicio/",
        "contacts": [
            {"label": "Oficina", "href": "tel:+527225550145", "text": "722 555 0145"},
            {"label": "Guardia", "href": "tel:+527225550177", "text": "722 555 0177"},
            {"label": "Correo", "href": "mailto:ayuda@invoicemx.example", "text": "ayuda@invoicemx.example"},
        ],
        "clock": {
            "iso": "2026-11-17T10:42:00-06:00", "text": "10:42", "zone": "America/Mexico_City",
            "label": "Hora del centro de México",
        },
        "now_epoch": int(NOW.timestamp()),
    }  # fmt: skip
    return {"page_title": title, "say": SAY, "shell": shell, **more}


def console(title: str, nav: str = "Cola", **more: Any) -> Context:
    items = [
        ("/cola/", "Cola", "inbox", 12, "g c"),
        ("/llamadas/nueva/", "Llamada", "phone", None, ""),
        ("/escalamientos/", "Escalamientos", "up2", 1, "g e"),
        ("/guardias/", "Guardias", "shield", None, ""),
        ("/avisos/", "Avisos", "bell", None, ""),
    ]
    shell = {
        "home_href": "/cola/",
        "nav": [
            {"href": h, "text": t, "icon": i, "current": t == nav, "count": n, "key": k, "phone": t != "Avisos"}
            for h, t, i, n, k in items
        ],
        "me": {"name": "Karla", "href": "/cuenta/"},
        "availability": {
            "href": "/disponibilidad/", "absences_href": "/ajustes/ausencias/", "absent": "",
            "options": [
                {"value": "available", "text": "Disponible", "icon": "check", "tone": "ok", "current": True},
                {"value": "busy", "text": "Ocupado", "icon": "clock", "tone": "warn", "current": False},
                {"value": "away", "text": "Fuera", "icon": "pause", "tone": "mute", "current": False},
            ],
        },
        "search_href": "/cola/",
        "q": "",
        "complete_href": "/cola/buscar/",
        "on_call": "Iván R.",
        "clock": {
            "iso": "2026-11-17T10:42:00-06:00", "text": "10:42", "zone": "America/Mexico_City",
            "office": "Oficina InvoiceMX", "until": "abierta hasta las 14:00",
        },
        "bell": {"href": "/avisos/", "count": 2, "dead": 0},
        "band": None,
        "keys": True,
        "now_epoch": int(NOW.timestamp()),
    }  # fmt: skip
    return {"page_title": title, "shell": shell, **more}


# ------------------------------------------------------------------ portal pages

OFFICE = {
    "tone": "ok", "icon": "ok", "pill": "Estamos en horario de oficina", "title": "Buenos días, Rosa. Le atendemos ahora.",
    "next": "Oficina hasta las 14:00. De 14:00 a 16:00 queda la guardia y reabrimos hoy a las 16:00.",
}  # fmt: skip
BEFORE = [
    {
        "title": "¿Es InvoiceMX?",
        "text": "Descarte su red, la energía, Windows u otro programa. Pruebe timbrar desde otro equipo.",
    },
    {
        "title": "¿Se repite?",
        "text": "Intente de nuevo con los mismos datos. Si no vuelve a pasar, quizá fue un desliz de captura.",
    },
    {
        "title": "¿Qué dice exactamente?",
        "text": "Copie el mensaje completo o tome una captura, y anote los pasos que dio antes.",
    },
]
PHONE = {"href": "tel:+527225550145", "text": "722 555 0145"}


def choice(value: str, checked: str) -> Context:
    kind = value.split("_", 1)[0]
    return {
        "value": value.removeprefix(f"{kind}_"),
        "title": SAY[value],
        "hint": SAY[f"{value}_hint"],
        "checked": value == checked,
        "disabled": False,
    }


def report(**more: Any) -> Context:
    needs = ["failure", "question", "installation", "customization", "training", "new_project", "unsure"]
    context = portal(
        "Levantar un reporte",
        1,
        form=Report(),
        needs=[choice(f"need_{n}", "need_failure") for n in needs],
        impacts=[choice(f"impact_{n}", "impact_stopped") for n in ("stopped", "partial", "none")],
        methods=[choice(f"method_{n}", "method_remote") for n in ("phone", "remote", "on_site")],
        method_note=SAY["method_outside_note"],
        subject_hint=SAY["report_subject_hint"],
        quality=None,
        quality_href="/invoice-mx/reportar/claridad/",
        outlook={
            "priority": "critical",
            "rows": [
                {"label": "Respuesta", "text": "Antes de las 10:57 (15 min)"},
                {"label": "Solución", "text": "Objetivo 14:42 (4 h corridas)"},
                {"label": "Avances", "text": "Al menos cada 60 min"},
                {"label": "Si se atora", "text": "Sube a su superior y después a gerencia"},
            ],
            "note": "En prioridad crítica y alta el reloj corre las 24 horas. En media y baja contamos solo horario de oficina.",
        },
        outlook_href="/invoice-mx/reportar/previsto/",
        strip=STRIP,
        on_call=None,
        phone=PHONE,
        draft_key="invoice-mx/reportar",
        bound=False,
        kept_files=[],
    )
    return {**context, **more}


def report_refused() -> Context:
    quality = {
        "words": "Claridad: buena, falta un dato", "tone": "ok", "used": 75, "count": "190 de 2,000",
        "items": [
            {"ok": True, "text": "Qué intentaba hacer"}, {"ok": True, "text": "Mensaje o código exacto"},
            {"ok": True, "text": "Desde cuándo pasa"}, {"ok": False, "text": "¿Qué cambió antes? (actualización, sello nuevo)"},
        ],
    }  # fmt: skip
    kept = [{"token": "t1", "name": "factura_A-10284.xml", "size": "14 KB"}]
    return report(form=refused_report(), bound=True, quality=quality, kept_files=kept)


def reported(lane: str) -> Context:
    if lane == "office":
        pill = {"tone": "ok", "icon": "ok", "text": SAY["reported_office_pill"]}
        steps = [
            {
                "icon": "check",
                "tone": "ok",
                "at": "09:14",
                "text": "Registramos su reporte y le enviamos una copia por correo.",
            },
            {"icon": "user", "tone": "brand", "at": "09:29", "text": "A más tardar, alguien de soporte se presenta."},
            {
                "icon": "up2",
                "tone": "",
                "at": "",
                "text": "Si nadie lo atiende a esa hora, sube a su superior y después a gerencia.",
            },
        ]
        return portal(
            "IMX-4821",
            number="IMX-4821",
            tone="brand",
            pill=pill,
            on_call=None,
            steps=steps,
            ticket_href="#",
            file_href="#",
        )
    pill = {"tone": "warn", "icon": "shield", "text": SAY["reported_on_call_pill"]}
    steps = [
        {
            "icon": "check",
            "tone": "ok",
            "at": "20:15",
            "text": "Registrado. Marcó que su operación está detenida: avisamos a la guardia.",
        },
        {
            "icon": "phone",
            "tone": "warn",
            "at": "20:30",
            "text": "A más tardar, Iván Rentería, de guardia, le llama al 722 555 0198.",
        },
        {
            "icon": "up2",
            "tone": "",
            "at": "20:25",
            "text": "Si no confirma, avisamos a su superior, y a las 20:35 a gerencia.",
        },
    ]
    return portal(
        "IMX-4834", number="IMX-4834", tone="warn", pill=pill, on_call=ON_CALL, steps=steps, ticket_href="#", file_href="#",
        worse_href="#", mail_note="Enviamos una copia a rosa.medina@lanortena.example.",
        joined={"text": "Se unió a su reporte IMX-4833, de hace 12 min.", "href": "#", "action": "Es otro problema"}, vault_note="", draft_key="invoice-mx/reportar",
    )  # fmt: skip


ORDERS = [
    {
        "number": "TIM-318", "href": "#", "text": "5,000 timbres", "trade_name": "Ferretería La Norteña", "stage": "Cotizado",
        "tone": "warn", "when": "hoy 09:40",
    },
]  # fmt: skip


def home() -> Context:
    rows = [
        ("No timbra: error CFDI40147 en todas las facturas", "IMX-4821", "critical", "Karla Jiménez", "in_progress", "Avance antes de las 11:00", None),
        ("Complemento de pago no muestra el saldo anterior", "IMX-4807", "normal", "Bruno Ortega", "waiting_client", "", ("reply", "Responder")),
        ("Capacitación para dos personas de cobranza", "IMX-4790", "low", "Ana Lozano", "scheduled", "Jue 19 nov, 16:30", None),
        ("No llegan los correos con el XML al cliente", "IMX-4779", "high", "Karla Jiménez", "resolved", "", ("ok", "Confirme la solución")),
    ]  # fmt: skip
    tickets = [
        {
            "href": "#", "subject": subject, "number": number, "priority": priority, "assignee": who, "status": status,
            "status_label": SAY[f"status_{status}"], "when": when, "ask": ask and {"icon": ask[0], "text": ask[1]},
        }
        for subject, number, priority, who, status, when, ask in rows
    ]  # fmt: skip
    return portal(
        "Inicio", office=OFFICE, strip=STRIP, on_call=None, report_href="/invoice-mx/reportar/", main_phone=PHONE,
        whatsapp={"href": "https://wa.me/527225550145", "text": "WhatsApp"}, tickets=tickets, tickets_count="4 de 11",
        views=[{"href": "#", "text": "Abiertos", "current": True}, {"href": "#", "text": "Todos", "current": False}],
        before=BEFORE, desk_href="/invoice-mx/", orders=ORDERS, order_href="/invoice-mx/timbres/",
        appointment={
            "method_icon": "monitor", "method": "Remota", "when": "Hoy, 12:30 a 13:00",
            "text": "Karla Jiménez se conecta a su equipo de facturación. No escriba contraseñas en el ticket.",
            "note": "Tolerancia: 10 minutos. Después se libera el espacio y hay que reagendar.", "calendar_href": "#", "move_href": "#",
        },
    )  # fmt: skip


def desk(night: bool = False) -> Context:
    office = {**OFFICE, "title": "Le atendemos ahora."}
    if night:
        office = {
            "tone": "warn", "icon": "shield", "pill": "Guardia activa", "title": SAY["desk_on_call_title"],
            "next": "Oficina reabre mañana miércoles a las 09:00. Lo que no detiene su operación queda registrado y lo verá soporte a esa hora.",
        }  # fmt: skip
    contacts = [
        ("Oficina", "phone", "tel:+527225550145", "722 555 0145", "", not night),
        ("Oficina", "phone", "tel:+527225550146", "722 555 0146", "", not night),
        ("Guardia, fuera de oficina", "shield", "tel:+527225550177", "722 555 0177", "Contesta Iván", night),
        ("Mesa de Ayuda", "mail", "mailto:ayuda@invoicemx.example", "ayuda@invoicemx.example", "", False),
        ("Ventas", "mail", "mailto:ventas@invoicemx.example", "ventas@invoicemx.example", "", False),
        ("Gerencia", "mail", "mailto:gerencia@invoicemx.example", "gerencia@invoicemx.example", "", False),
    ]
    return portal(
        "InvoiceMX", 2, office=office, strip=NIGHT_STRIP if night else STRIP, on_call=ON_CALL if night else None,
        report_href="/invoice-mx/reportar/", main_phone=PHONE, whatsapp=None,
        hours=[
            {"days": "Lunes a viernes", "spans": "09:00–14:00 y 16:00–19:00"}, {"days": "Sábado", "spans": "09:00–14:00"},
            {"days": "Domingo y festivos", "spans": "cerrado; atiende la guardia"},
        ],
        hours_note="Hora del centro de México. Festivos: los días de descanso obligatorio de la Ley Federal del Trabajo.",
        contacts=[dict(zip(("label", "icon", "href", "text", "note", "now"), row, strict=True)) for row in contacts],
        before=BEFORE, before_note="InvoiceMX no da soporte a otros productos; si hace falta, trabajamos con su proveedor.",
        when_items=[
            "Procura orientación para usar InvoiceMX o una funcionalidad.", "Necesita asistencia remota para una configuración.",
            "Requiere una adecuación del producto.", "Instala, activa o configura funcionalidades nuevas.",
            "Requiere entrenamiento adicional para su personal.",
        ],
    )  # fmt: skip


THREAD: list[Context] = [
    {
        "kind": "message", "id": 1, "name": "Rosa Medina", "mine": True, "side": "client", "role": "cliente", "at": "hoy 09:14",
        "body": REPORT_TEXT, "extra": "",
        "files": [
            {"href": "#f1", "name": "factura_A-10284.xml", "size": "14 KB", "card": samples_cfdi.CARD},
            {"href": "#f2", "name": "pantalla_error.png", "size": "2.1 MB"},
        ],
    },
    {"kind": "event", "icon": "user", "text": "Karla se asignó el ticket", "at": "09:21", "why": ["Oficina abierta: martes 09:14"]},
    {
        "kind": "message", "id": 2, "name": "Karla Jiménez", "mine": False, "side": "team", "role": "", "at": "09:26",
        "body": "Buenos días, Rosa. Ya revisé su XML: el código postal del receptor dice 50000 y su Constancia dice 50090. "
        "Como le pasa con tres clientes, creo que la actualización de anoche reemplazó su catálogo.\n\nPropongo conectarnos a las 12:30.",
        "extra": "1.ª respuesta en 12 min", "files": [],
    },
    {
        "kind": "message", "id": 3, "name": "Bruno Ortega", "mine": False, "side": "note", "role": "", "at": "09:33",
        "body": "Van tres con lo mismo tras la 4.2.7 (IMX-4808, IMX-4817 y este). La 4.2.8 lo corrige.", "extra": "", "files": [],
    },
    {
        "kind": "message", "id": 4, "name": "Rosa Medina", "mine": True, "side": "client", "role": "cliente", "at": "09:40",
        "body": "De acuerdo. Con el CP corregido ya salieron las dos urgentes. Los espero a las 12:30.", "extra": "", "files": [],
    },
]  # fmt: skip
HISTORY = [
    {
        "icon": "check", "tone": "ok", "at": "hoy 09:14", "text": "Recibido por formulario web",
        "why": ["Martes 09:14, en horario de oficina", "Afecta la operación: prioridad crítica"],
    },
    {"icon": "user", "tone": "brand", "at": "hoy 09:14", "text": "Asignado a Karla Jiménez", "why": ["Conoce InvoiceMX Escritorio", "Tiene 3 abiertos, menos que los demás"]},
    {"icon": "clock", "tone": "", "at": "hoy 09:26", "text": "Primera respuesta en 12 min", "why": []},
]  # fmt: skip


def ticket(**more: Any) -> Context:
    steps = [
        {"text": "Recibido", "note": "09:14", "state": "done"},
        {"text": "Asignado", "note": "09:21 · Karla Jiménez", "state": "done"},
        {"text": "En proceso", "note": "09:26 · respuesta en 12 min", "state": "done"},
        {"text": "Resuelto", "note": "12:41 · espera su visto bueno", "state": "current"},
        {"text": "Cerrado", "note": "jue 19, 12:41, si no responde", "state": "todo"},
    ]
    thread = [entry for entry in THREAD if entry.get("side") != "note"]
    context = portal(
        "IMX-4821 · No timbra: error CFDI40147", 1,
        t={
            "number": "IMX-4821", "subject": "No timbra: error CFDI40147 en todas las facturas", "status": "resolved",
            "status_label": "Resuelto", "priority": "critical", "opened": "Abierto hoy 09:14 por formulario web",
            "escalated": False, "reopened": True,
        },
        back={"href": "/inicio/", "text": "Mis tickets"}, on_call=None, steps=steps, next=None, merged=None,
        can={"reply": "#", "confirm": "#", "reopen": "#", "escalate": "#", "cancel": "#"},
        resolved={
            "name": "Karla Jiménez", "confirm": "Sí, quedó resuelto",
            "text": "Karla dio por resuelto su reporte hoy a las 12:41. Confírmelo, o reábralo y lo retoma con el mismo folio.",
            "note": "Si no nos dice nada, lo cerramos el jueves 19 a las 12:41.",
        },
        thread=thread, reply_form=Reply(), upload_href="#", uploads=samples_replies.BESIDE["uploads"], forms={verb: Reason(auto_id=f"{verb}_%s") for verb in ("reopen", "contest", "escalate", "cancel")},
        clocks=[{"name": "Primera respuesta", "face": MET}, {"name": "Solución", "face": running("resolution", 152, 240)}],
        vault=[{"name": "Contraseña", "icon": "lock", "state": "visto por Karla Jiménez, hoy 10:12; se destruye a más tardar el viernes 20 de noviembre a las 10:12"}],
        facts=[
            {"label": "Atiende", "text": "Karla Jiménez", "mono": False}, {"label": "Afecta", "text": "Operación detenida", "mono": False},
            {"label": "RFC emisor", "text": "FNO180312KX1", "mono": True},
        ],
        history=HISTORY, printed="impreso el 17 nov 2026, 12:58",
    )  # fmt: skip
    return {**context, **more}


def ticket_deferred() -> Context:
    return ticket(
        t={**ticket()["t"], "status": "deferred", "status_label": "Programado para la apertura", "reopened": False},
        can={"reply": "#", "contest": "#"},
        resolved=None,
        on_call=ON_CALL,
        next={
            "icon": "clock",
            "tone": "info",
            "title": "Abrimos mañana a las 09:00",
            "text": "Soporte le responde antes de las 13:00.",
        },
    )


# ------------------------------------------------------------------ console pages

ROWS = [
    ("IMX-4803", "critical", "Sistema caído: el servicio de timbrado no responde", "Laboratorios Clínicos Axis", "LCA150904T70", "phone", "in_progress", "e", running("resolution", -12, 240), "Elena Robles", "hace 1 min"),
    ("IMX-4828", "high", "Sello digital (CSD) vencido, ¿cómo lo reemplazo?", "Distribuidora de Papel Toluca", "DPT990817QU6", "whatsapp", "new", "u", running("first_response", 16, 30), "", "hace 14 min"),
    ("IMX-4821", "critical", "No timbra: error CFDI40147 en todas las facturas", "Ferretería La Norteña", "FNO180312KX1", "web", "in_progress", "", running("next_update", 18, 60), "Karla Jiménez", "hace 3 min"),
    ("IMX-4829", "high", "Nómina 1.2: 48 recibos rechazados al timbrar", "Transportes Lerma Express", "TLE070521LB0", "web", "new", "u", running("first_response", 22, 30), "", "hace 8 min"),
    ("IMX-4815", "high", "Complemento Carta Porte 3.1: falta IdCCP", "Transportes Lerma Express", "TLE070521LB0", "phone", "scheduled", "e", running("resolution", 380, 480), "Bruno Ortega", "hace 32 min"),
    ("IMX-4818", "high", "Cancelación 02 rechazada por el receptor", "Muebles Santa Clara", "MSC120215JH5", "email", "in_progress", "", running("resolution", 386, 480), "Ana Lozano", "hace 20 min"),
    ("IMX-4801", "normal", "Factura global: periodicidad no válida, régimen 621", "Óptica Rivadeneyra", "GOHM840226RA8", "phone", "assigned", "r", running("resolution", 858, 960), "Iván Rentería", "09:41"),
    ("IMX-4824", "normal", "Addenda de cadena comercial: nodo duplicado", "Alimentos Cacalomacán", "ACA031119P44", "email", "waiting_third_party", "", PAUSED, "Ana Lozano", "hace 25 min"),
    ("IMX-4807", "normal", "Complemento de pago no muestra el saldo anterior", "Ferretería La Norteña", "FNO180312KX1", "web", "waiting_client", "", PAUSED, "Bruno Ortega", "09:36"),
    ("IMX-4790", "low", "Capacitación para dos personas de cobranza", "Ferretería La Norteña", "FNO180312KX1", "web", "deferred", "", running("first_response", 1500, 480), "", "09:52"),
]  # fmt: skip


def row(data: tuple[Any, ...]) -> SimpleNamespace:
    number, priority, subject, client, rfc, channel, status, flags, clock, assignee, activity = data
    return SimpleNamespace(
        number=number, href=f"/tickets/{number}/", subject=subject, client=client, rfc=rfc, priority=priority, status=status,
        channel=channel, escalated="e" in flags, reopened="r" in flags, unread="u" in flags, clock=clock, note=None,
        assignee=assignee, take_href="" if assignee else f"/tickets/{number}/tomar/", activity=activity, marked="", snippet="",
        tags=samples_order.IN_ROW if "e" in flags else "",
        present=samples_queue.on_row() if number == "IMX-4821" else "",
    )  # fmt: skip


def queue(n_rows: int = 25) -> Context:
    def view(icon: str, text: str, count: int | None, current: bool = False, tone: str = "") -> Context:
        return {"href": "#", "icon": icon, "text": text, "count": count, "current": current, "tone": tone}

    views = [
        {
            "title": "Mis vistas",
            "items": [
                view("clock", "Por vencer", 12, current=True), view("user", "Asignados a mí", 7), view("inbox", "Sin asignar", 3),
                view("reply", "Respondió el cliente", 2), view("cal", "Citas de hoy", 4),
            ],
        },
        {
            "title": "Equipo",
            "items": [
                view("alert", "Vencidos", 1, tone="bad"), view("up2", "Con escalamiento", 4), view("pause", "En espera", 9),
                view("list", "Todos los abiertos", 41),
            ],
        },
    ]  # fmt: skip
    rows = [row(ROWS[i % len(ROWS)]) for i in range(n_rows)]
    for i, item in enumerate(rows):
        item.number = f"IMX-{4900 - i}" if i >= len(ROWS) else item.number
    orders = [("Vencimiento", True), ("Prioridad", False), ("Recientes", False)]
    filters = [
        {
            "name": "estado",
            "label": "Estado",
            "more": False,
            "options": [{"value": "", "text": "Estado: abiertos", "selected": True}],
        },
        {
            "name": "canal",
            "label": "Canal",
            "more": False,
            "options": [{"value": "", "text": "Canal: todos", "selected": True}],
        },
        {
            "name": "prioridad",
            "label": "Prioridad",
            "more": True,
            "options": [{"value": "", "text": "Prioridad: todas", "selected": True}],
        },
    ]
    bulk = [
        {"verb": "take", "text": "Asignarme", "icon": "user", "danger": False, "key": "a"},
        {"verb": "escalate", "text": "Escalar", "icon": "up2", "danger": True, "key": "e"},
    ]
    return console(
        "Cola · Por vencer", views=views, heading="Por vencer", orders=[{"href": "#", "text": t, "current": c} for t, c in orders],
        filters=filters, filters_open=False, filter_href="/cola/", keep_href="/cola/vistas/nueva/", edit_view_href="/cola/vistas/7/", hidden=[{"name": "vista", "value": "vencer"}], new_href="/llamadas/nueva/",
        rows=rows, searched="", search_notes=[], did_you_mean=None, empty=EMPTY, bulk=bulk, bulk_href="/cola/", bulk_key="5a1d9a52", bulk_back="/cola/?vista=todos", previous_href="", next_href="/cola/?c=x",
    )  # fmt: skip


EMPTY = {
    "title": "Nada por vencer",
    "text": "Los 41 tickets abiertos van en tiempo. Puede revisar los que esperan al cliente.",
    "href": "#",
    "action": "Ver en espera",
}


def action(
    verb: str, title: str, submit: str, form: type[forms.Form], *, icon: str = "check", danger: bool = False
) -> Context:
    return {
        "verb": verb, "href": f"/tickets/IMX-4821/{verb}/", "title": title, "intro": "El cliente lo lee en su correo.",
        "form": form(auto_id=f"{verb}_%s"), "submit": submit, "icon": icon, "danger": danger,
    }  # fmt: skip


def button(verb: str, text: str, icon: str, kind: str = "", key: str = "", dialog: bool = True) -> Context:
    return {
        "href": f"/tickets/IMX-4821/{verb}/", "text": text, "icon": icon, "kind": kind, "key": key, "dialog": dialog,
        "verb": verb, "post": not dialog,
    }  # fmt: skip


VAULT_ROWS = [
    {
        "name": "csd.key", "from": "Rosa Medina, hoy 10:31", "tone": "warn", "icon": "lock",
        "state": "71 h 49 min, hasta vie 10:31", "seen": "Nadie lo ha visto", "look_href": "#", "destroy_href": "#",
    },
    {
        "name": "Datos de acceso", "from": "Rosa Medina, 12 nov, 09:02", "tone": "mute", "icon": "x",
        "state": "Destruido 15 nov, 09:02: pasaron 72 horas", "seen": "Visto 1 vez", "look_href": "", "destroy_href": "",
    },
]  # fmt: skip


class Access(forms.Form):
    user = forms.CharField(required=False)
    password = forms.CharField(required=False)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    files = forms.FileField(required=False)  # type: ignore[assignment]


class Asking(forms.Form):
    what = forms.CharField(
        required=False, label="Qué necesita", help_text="El cliente lo lee. Vacío: usuario y contraseña."
    )


def vault_page() -> Context:
    return console(
        "Bóveda · IMX-4821", t={"number": "IMX-4821", "subject": "No timbra: error CFDI40147", "href": "#"}, rows=VAULT_ROWS,
        asked="", ask={"href": "#", "form": Asking()}, link="https://mesa.example/datos/3F9x/", link_note="Va en camino a rosa@lanortena.example.",
        who_looks="Solo lo ven Karla Jiménez y quienes están arriba.",
    )  # fmt: skip


def vault_look(shown: bool) -> Context:
    values = [
        {"label": "Usuario", "text": "rosa.medina", "long": False},
        {"label": "Otros datos", "text": "NIP\n1904", "long": True},
    ]
    return console(
        "Datos de acceso · IMX-4821", t={"number": "IMX-4821", "subject": "No timbra", "href": "#"}, name="Datos de acceso",
        is_file=False, href="#", back_href="#", values=values if shown else None, seen_at="hoy 10:42",
    )  # fmt: skip


def detail() -> Context:
    ladder = {
        "pill": "sube en 18 min", "pill_tone": "warn", "href": "#", "action": "Enterado",
        "note": "Después, cada 15 minutos hasta que alguien marque «Enterado».",
        "steps": [
            {"level": 1, "name": "Karla Jiménez", "note": "Soporte · lo atiende desde 09:21", "state": "current", "at": ""},
            {"level": 2, "name": "Elena Robles", "note": "Superior · 11:00 si no hay avance", "state": "todo", "at": "11:00"},
            {"level": 3, "name": "Marcela Ibarra", "note": "Gerencia · 11:10 sin confirmar", "state": "todo", "at": "11:10"},
        ],
    }  # fmt: skip
    client = {
        "href": "#",
        "proposed": None,
        "rows": [
            {"label": "Empresa", "text": "Ferretería La Norteña"}, {"label": "RFC", "text": "FNO180312KX1", "mono": True},
            {"label": "Contacto", "text": "Rosa Medina"}, {"label": "Teléfono", "text": "722 555 0198", "href": "tel:+527225550198"},
            {"label": "Contrato", "text": "Soporte 24 × 7", "pill_tone": "ok"},
        ],
    }  # fmt: skip
    return console(
        "IMX-4821 · No timbra: error CFDI40147", pane=1,
        t={
            "number": "IMX-4821", "href": "/tickets/IMX-4821/", "subject": "No timbra: error CFDI40147 en todas las facturas",
            "priority": "critical", "status": "in_progress", "channel": "web", "opened": "hoy 09:14", "affects": True,
            "affects_text": "Operación detenida", "escalated": False, "reopened": False, "vague": False, "reserved": False, "version": 7,
        },
        presence=samples_queue.PRESENCE,
        walk={"back_href": "/cola/", "back_text": "Volver a Por vencer", "position": "3 de 12 en «Por vencer»", "prev_href": "#a", "next_href": "#b"},
        buttons=[
            button("assign", "Asignar", "user"), button("escalate", "Escalar ahora", "up2", "danger", "e"),
            button("resolve", "Resolver…", "check", "primary"),
        ],
        more=[
            button("wait", "Esperar al cliente", "pause"), button("take", "Atenderlo yo", "check", key="a", dialog=False),
            button("cancel", "Cancelar", "x"),
        ],
        notices=[{"tone": "warn", "icon": "shield", "title": "Escalera en curso.", "text": "Avisamos a Elena a las 11:00.", "href": "#", "action": "Enterado", "post": True}],
        thread=THREAD, composer={
            "href": "#", "form": Composer(initial={"body": "Rosa, le confirmo la sesión de las 12:30. Antes de conectarnos necesito que"}),
            "to": "Para rosa.medina@lanortena.example", "reply_text": "Respuesta a Rosa", "keep": "IMX-4821/1", "draft_href": "#", "saved": "Borrador guardado hoy 10:41",
            "saved_ms": 0, "is_shared": False, **samples_replies.BESIDE,
        },
        above={
            "seen": "7-5", "others": ["Rosa, ¿a qué hora le conviene la sesión?"],
            "notices": [{"tone": "bad", "icon": "refresh", "text": "Su respuesta no salió: Rosa Medina escribió en esos segundos. Léalo y vuelva a enviarla.", "href": "#m5"}],
            "shared": [{"name": "Bruno Ortega", "kind": "respuesta", "at": "hoy 10:38", "body": "Rosa, la 4.2.8 lo corrige.", "href": "#"}],
        },
        leaving=[{"name": "Karla Jiménez", "mine": True, "body": "Le confirmo la sesión.", "files": [], "at": "10:42", "leaves_ms": 4102444800000, "undo_href": "#", "now_href": "#"}],
        clocks=[
            {"name": "Primera respuesta", "note": "objetivo 15 min · vencía 09:29", "face": MET},
            {"name": "Próximo avance", "note": "cada 60 min · vence 11:00", "face": running("next_update", 18, 60)},
            {"name": "Solución", "note": "4 h corridas · vence 13:14", "face": running("resolution", 152, 240)},
        ],
        clock_note="El reloj corre 24 × 7: la operación está detenida.", strip=STRIP, ladder=ladder,
        appointment=samples_agenda.BOOKED,
        attentions_href="#", cfdi_href="#",
        vault={"href": "#", "may_ask": True, "rows": VAULT_ROWS},
        client=client, tags=samples_order.TAGS, order=samples_order.SUMMARY, request_facts=[{"label": "Tipo", "text": "Sistema caído"}, {"label": "Producto", "text": "InvoiceMX Escritorio 4.2.7"}],
        related=[{"href": "#", "number": "IMX-4817", "text": "CFDI40147 tras actualizar · resuelto"}], history=HISTORY, printed="",
    )  # fmt: skip


def log_call() -> Context:
    form = Call(
        initial={
            "occurred_on": date(2026, 11, 16),
            "started": "21:40",
            "ended": "22:15",
            "subject": "Sistema caído tras corte de luz",
        }
    )
    match = {
        "contact_id": 1, "name": "Ing. Tomás Vilchis", "company": "Laboratorios Clínicos Axis", "rfc": "LCA150904T70",
        "phone": "722 555 0163", "email": "", "plan": "Soporte 24 × 7", "plan_tone": "ok", "use_href": "#",
    }  # fmt: skip
    outcomes = [
        {"value": "resolved", "title": "Resuelto", "hint": "Se cierra si el cliente confirma", "checked": True},
        {"value": "pending", "title": "Queda pendiente", "hint": "Entra a la cola de oficina", "checked": False},
        {"value": "escalated", "title": "Se escaló", "hint": "A su superior; indique la hora", "checked": False},
    ]
    preview = {
        "steps": [
            {"icon": "phone", "tone": "warn", "at": "lun 21:40", "text": "Llamada de guardia atendida por Iván"},
            {"icon": "check", "tone": "ok", "at": "lun 22:15", "text": "Resuelto por teléfono y remoto"},
            {"icon": "edit", "tone": "", "at": "mar 10:42", "text": "Registrado por Karla, 12 h 27 min después"},
        ],
        "clocks": [{"name": "1.ª respuesta", "face": MET}],
    }
    return console(
        "Registrar llamada", "Llamada", past=True, now_href="?cuando=ahora", past_href="?cuando=antes", form=form,
        time_hint="Lunes 16 nov, día festivo · 35 minutos · dentro del turno de Iván Rentería.", lookup="722 555 01", matches=[match],
        outcomes=outcomes, preview=preview, preview_href="", cancel_href="/cola/", draft_key="llamada/1",
        unregistered=[{"number": "722 555 0121 → guardia", "who": "Bruno Ortega", "when": "sáb 18:05", "text": "12 min · Bruno", "href": "#"}],
    )  # fmt: skip


def escalations() -> Context:
    people = [{"value": "3", "text": "Elena Robles"}, {"value": "4", "text": "Karla Jiménez"}]
    shared = {
        "href": "#",
        "take_href": "#",
        "assign_href": "#",
        "assignees": people,
        "quote": "",
        "acknowledge_href": "",
        "silence_href": "#",
        "unsilence_href": "",
        "quiet": "",
        "phone": None,
    }
    climbs = [
        {
            **shared, "tone": "bad", "number": "IMX-4803", "subject": "Sistema caído: el servicio de timbrado no responde", "client": "Laboratorios Clínicos Axis",
            "rfc": "LCA150904T70", "priority": "critical", "clock": running("resolution", -12, 240), "clock_note": "solución, venció 10:30",
            "opened": "Abierto 06:30 por teléfono", "reason": "no se logró auxiliar al cliente", "quote": "la base no monta tras el corte de luz",
            "acknowledge_href": "#", "phone": {"href": "tel:+527225550163", "text": "Llamar al cliente"},
            "rungs": [
                {"level": 1, "name": "Iván Rentería", "note": "de guardia: Enterado 06:33, escaló 09:40", "state": "done", "alarm": ""},
                {"level": 2, "name": "Elena Robles", "note": "Enterado 09:44", "state": "done", "alarm": ""},
                {"level": 3, "name": "Gerencia", "note": "avisada 10:30; se repite 10:45", "state": "current", "alarm": "sin confirmar"},
            ],
        },
        {
            **shared, "tone": "warn", "number": "IMX-4821", "subject": "No timbra: error CFDI40147 en todas las facturas", "client": "Ferretería La Norteña",
            "rfc": "FNO180312KX1", "priority": "critical", "clock": running("next_update", 18, 60), "clock_note": "avance, vence 11:00",
            "opened": "", "reason": "sin avance en 60 min", "rungs": [],
        },
    ]  # fmt: skip
    stats = [
        ("Sin confirmar", "1", "", "Axis, avisada hace 12 min", "bad"), ("Enterado", "3", "", "mediana en confirmar: 4 min", "mute"),
        ("Vencen en 1 hora", "3", "", "próximo 10:58", "warn"), ("Esta semana", "4", "de 45 tickets", "2 menos que la anterior", "ok"),
    ]  # fmt: skip
    tabs = [("Activos", 4, True), ("En riesgo", 3, False), ("Cerrados", None, False)]
    return console(
        "Escalamientos", "Escalamientos", view="active", tabs=[{"href": "#", "text": t, "count": n, "current": c} for t, n, c in tabs],
        stats=[dict(zip(("label", "value", "of", "note", "tone"), s, strict=True)) for s in stats], climbs=climbs, closed=[],
        reasons=[{"text": "No logró auxiliar", "n": 26, "u": 100}, {"text": "Sin avance a tiempo", "n": 19, "u": 75}], empty=EMPTY, desks=[],
        levels=[{"name": "Nivel 2 · Superior", "share": 94, "u": 95, "median": "4 min", "n": 18}, {"name": "Nivel 3 · Gerencia", "share": 61, "u": 60, "median": "9 min", "n": 7}],
    )  # fmt: skip


def escalations_closed() -> Context:
    closed = [
        {
            "number": "IMX-4768", "href": "#", "subject": "Los timbres comprados el jueves no aparecen", "client": "Grupo Textil Matlatzinca",
            "reason": "dos reaperturas", "levels": [{"level": "1", "name": "Ana Lozano", "took": "10 min"}, {"level": "2", "name": "Elena Robles", "took": "4 min"}], "acknowledged": "Elena Robles, 4 min", "ended": "vie 13, 18:02", "took": "52 min",
        }
    ]  # fmt: skip
    return {**escalations(), "climbs": [], "closed": closed, "view": "closed"}


def handover() -> Context:
    case = {
        "href": "#", "priority": "high", "status": "in_progress", "escalated": False, "clock": running("resolution", 187, 480),
    }  # fmt: skip
    axis = {
        **case, "number": "IMX-4803", "subject": "Sistema caído: el servicio de timbrado no responde", "assignee": "Marcela Ibarra",
        "priority": "critical", "escalated": True, "small": "Laboratorios Clínicos Axis · desde hoy 06:30 · enterado: Marcela, 10:47",
        "clock": running("next_update", 25, 60),
    }  # fmt: skip
    cases = [
        {**case, "number": "IMX-4815", "subject": "Complemento Carta Porte 3.1: falta IdCCP", "assignee": "Bruno Ortega", "small": "Transportes Lerma Express"},
        {
            **case, "number": "IMX-4818", "subject": "Cancelación 02 rechazada por el receptor", "assignee": "Ana Lozano", "clock": None,
            "status": "waiting_third_party", "small": "Muebles Santa Clara · el receptor contesta hoy",
        },
    ]  # fmt: skip
    stats = [
        ("Escalamientos en curso", 1, "bad", "se está avisando"), ("24 × 7 en proceso", 2, "", "siguen corriendo con la oficina cerrada"),
        ("Sistemas caídos", 1, "bad", "caídas abiertas"), ("Programados", 3, "", "esperan a la apertura"),
    ]  # fmt: skip
    return console(
        "Entrega de guardia", "Guardias", desk={"name": "InvoiceMX", "slug": "invoice-mx"}, desks=[],
        head={
            "day": "Martes 17 de noviembre", "at": "14:00", "until": "16:00", "giver": "la oficina", "taker": "Iván Rentería",
            "to_office": False, "pill": "empieza en 5 min", "tone": "warn", "icon": "clock",
        },
        stats=[dict(zip(("label", "value", "tone", "note"), s, strict=True)) for s in stats],
        asks=[{"href": "#", "number": "IMX-4829", "ticket_href": "#", "subject": "Nómina 1.2: 48 recibos rechazados al timbrar", "priority": "high", "by": "14:00"}],
        climbs=[axis], cases=cases, n_cases=2, note={"text": "Axis: no volver a pedirle el respaldo.", "who": "Karla Jiménez", "at": "hoy 13:48"},
        note_href="#", note_text="Axis: no volver a pedirle el respaldo.", note_fault="", note_length=500, receive_href="#",
        words={"late": "14:10", "above": "Elena Robles"},
        history=[
            {"route": "Iván Rentería → la oficina", "outcome": "recibió Karla", "small": "hoy 09:00 · 1 caso en proceso", "tone": "ok", "icon": "check", "note": ""},
            {"route": "la oficina → Bruno Ortega", "outcome": "recibió Bruno a los 11 min", "small": "sáb 14 nov, 14:00 · nada en curso", "tone": "warn", "icon": "clock", "note": ""},
        ],
    )  # fmt: skip


def notices() -> Context:
    def notice(n: int, state: str, tone: str, icon: str, error: str = "") -> Context:
        return {
            "id": n, "state": state, "state_text": state, "tone": tone, "icon": icon, "recipient": "rosa.medina@lanortena.example",
            "subject": "[IMX-4821] Recibimos su reporte: No timbra", "text": "Rosa, registramos su reporte a las 09:14.\nSeguir mi ticket: …",
            "at": "hoy 09:14", "sent": "hoy 09:14", "attempts": 1, "error": error, "wakes": icon == "phone",
            "ticket": {"href": "#", "number": "IMX-4821"}, "retry_href": "#" if error else "", "cancel_href": "",
        }  # fmt: skip

    rows = [
        notice(1, "Entregado", "ok", "mail"),
        notice(2, "Sin entregar", "bad", "phone", "El proveedor respondió 503 ocho veces."),
    ]
    tabs = [("Todos", None, True), ("Pendientes", 0, False), ("Sin entregar", 1, False)]
    return console(
        "Avisos",
        "Avisos",
        tabs=[{"href": "#", "text": t, "count": n, "current": c} for t, n, c in tabs],
        notices=rows,
        empty=EMPTY,
    )


def profile() -> Context:
    token = {
        "label": "ERP", "prefix": "hd_4f2c", "created": "mar 3 nov", "expires": "nunca", "last_used": "hoy 09:02",
        "state_text": "vigente", "tone": "ok", "revoke_href": "#",
    }  # fmt: skip
    channel = {
        "kind_icon": "phone", "kind": "Llamada o SMS", "address": "+52 722 555 0177", "state_text": "probado y contestado",
        "tone": "ok", "test_href": "#", "remove_href": "#",
    }  # fmt: skip
    return console(
        "Mi cuenta", "", me={"name": "Karla Jiménez", "email": "karla@invoicemx.example", "roles": ["Consultora"]},
        new_token={"plaintext": "hd_4f2c9a7be1d84c2f9e0b", "label": "ERP"}, tokens=[token], token_form=TokenForm(auto_id="token_%s"),
        token_href="#", preferences_form=Preferences(), preferences_href="#",
        mfa={"active": False, "text": "Sin segundo factor", "href": "#", "codes_href": ""}, password_href="#", logout_href="#",
        channels=[channel], channel_form=ChannelForm(auto_id="channel_%s"), channel_href="#",
    )  # fmt: skip


def action_page() -> Context:
    one = action("resolve", "Resolver", "Resolver y avisar", Resolve)
    one["form"] = Resolve({}, auto_id="resolve_%s")
    return console("Resolver IMX-4821", t=detail()["t"], action=one, form=one["form"])


def why() -> Context:
    """The calculation of a clock with each kind of line."""
    lines = [
        ("vie 13 nov, 18:00–19:00", "Contado", "1 h", "1 h", "clock", "", False, False),
        ("sáb 14 nov, 09:00–11:12", "En pausa: esperábamos su respuesta", "", "", "pause", "mute", False, False),
        ("lun 16 nov", "Día festivo: Día de la Revolución", "", "", "cal", "mute", False, False),
        ("mar 17 nov, 09:00–12:00", "Por contar", "3 h", "4 h", "clock", "", True, False),
        ("mar 17 nov, 12:00", "Vence", "", "", "bolt", "brand", True, True),
    ]
    names = ("when", "text", "amount", "total", "icon", "tone", "ahead", "strong")
    return {
        "title": "La solución, línea por línea", "intro": "Este plazo cuenta solo el horario de la mesa.",
        "sum": "Plazo 4 h − usado 1 h = quedan 3 h", "answer": "Vence el martes 17 de noviembre a las 12:00",
        "due": "2026-11-17T18:00:00+00:00", "state": "running",
        "heads": {"when": "Cuándo", "what": "Qué", "amount": "Cuenta", "total": "Van"},
        "rows": [{**dict(zip(names, line, strict=True)), "seconds": 0} for line in lines],
    }  # fmt: skip


def why_page(frame: Callable[..., Context]) -> Context:
    kinds = [{"href": "#", "text": text, "current": text == "Solución"} for text in ("Primera respuesta", "Solución")]
    back = {"href": "/tickets/IMX-4821/", "text": "Volver al ticket IMX-4821"}
    return frame("La solución · IMX-4821", why=why(), kinds=kinds, back=back, t=detail()["t"])


def third_parties() -> Context:
    """One whom the client was asked about, one who answered."""
    base = {
        "email": "soporte@timbreclaro.example", "since": "hoy 11:02", "thread": THREAD[:1], "write_label": "Mensaje a PAC Timbre Claro",
        "share_href": "#", "grant_href": "", "refuse_href": "", "write_href": "", "remove_href": "#", "unshared": [],
    }  # fmt: skip
    asked = {
        **base,
        "id": 1,
        "name": "PAC Timbre Claro",
        "state": "se preguntó al cliente",
        "tone": "warn",
        "grant_href": "#",
        "refuse_href": "#",
    }
    joined = {
        **base, "id": 2, "name": "ERP Norte", "thread": THREAD[1:2], "state": "el cliente autorizó", "tone": "ok", "write_href": "#",
        "unshared": [{"id": 7, "text": "Mostrar al cliente: «Sí, cambiamos la versión.»"}],
    }  # fmt: skip
    form = Invite(auto_id="invite_%s")
    return console("Proveedores de IMX-4821", t=detail()["t"], threads=[asked, joined], form=form, invite_href="#")


def third_thread() -> Context:
    words = {"reply": "Su respuesta", "send": "Enviar respuesta", "thread": "Hilo"}
    more: Context = {
        "thread": THREAD[:1],
        "form": None,
        "reply_form": Composer(),
        "reply_href": "#",
        "words": words,
        "over": "",
    }
    return portal("IMX-4821 · InvoiceMX", heading="InvoiceMX le pregunta", intro="Folio IMX-4821.", **more)


def to_tell() -> Context:
    task = {
        "number": "IMX-4821", "href": "#", "subject": "No timbra", "name": "Rosa Medina", "phone": "722 555 0101",
        "tel": "tel:+527225550101", "text": "Su reporte quedó resuelto.", "since": "escrito hoy 11:02",
        "from": "", "told_href": "#",
    }  # fmt: skip
    return console("Por avisar por teléfono", tasks=[task, {**task, "from": "Desde mañana 08:00:"}])


def refused_login() -> Context:
    form = Login({"login": "rosa.medina@lanortena.example", "password": "x"})
    form.add_error(None, "El correo o la contraseña no coinciden. Revíselos o pida un enlace para cambiarla.")
    return {"form": form}


DESK_CARD = {
    "title": "Estamos en horario de oficina", "pill": "Oficina", "tone": "ok", "icon": "ok", "strip": STRIP,
    "text": "Hoy hasta las 14:00. De 14:00 a 16:00 atiende la guardia y reabrimos a las 16:00.",
    "contacts": [{"label": "Oficina", "href": "tel:+527225550145", "text": "722 555 0145"}],
    "note": "Lunes a viernes 09:00–14:00 y 16:00–19:00; sábado 09:00–14:00.",
}  # fmt: skip


def whom() -> Context:
    rows = [
        (
            "Karla Jiménez",
            True,
            "ok",
            "Le tocaría: tiene la menor carga.",
            ["Carga 3", "1 abierto de 25", "último asignado: hoy 09:12"],
        ),
        (
            "Bruno Ortega",
            False,
            "info",
            "Cabe, en el lugar 2.",
            ["Carga 6", "3 abiertos de 25", "último asignado: ayer 18:40"],
        ),
        (
            "Saúl Garduño",
            False,
            "mute",
            "Saúl Garduño no atiende ese producto",
            ["Carga 0", "0 abiertos de 25", "aún sin asignaciones"],
        ),
    ]
    return console(
        "¿A quién le tocaría IMX-4821?",
        t={"number": "IMX-4821", "subject": "No timbra: CFDI40147 en todas las facturas", "href": "#"},
        answer={
            "chosen": "Karla Jiménez",
            "why": "tiene la menor carga",
            "note": "Lo tiene Iván Rentería. Así quedaría si entrara ahora a la línea.",
            "rows": [dict(zip(("name", "chosen", "tone", "verdict", "facts"), row, strict=True)) for row in rows],
        },
    )


ABSENCE = {
    "href": "#", "name": "Karla Jiménez", "start": "martes 24 de noviembre", "end": "jueves 26 de noviembre",
    "reason": "vacaciones", "substitute": "Bruno Ortega", "state": "coming", "state_text": "próxima", "tone": "info",
    "n_moved": 2, "n_out": 2, "withdraw_href": "#",
}  # fmt: skip


class AbsenceEntry(forms.Form):
    person = forms.ChoiceField(label="Quién se ausenta", choices=[("1", "Karla Jiménez")])
    start_on = forms.CharField(label="Desde, día", initial="2026-11-24")
    start_at = forms.CharField(label="Desde, hora", initial="00:00")
    end_on = forms.CharField(label="Hasta, día", initial="2026-11-26")
    end_at = forms.CharField(label="Hasta, hora", initial="24:00")
    reason = forms.ChoiceField(label="Motivo", choices=[("vacation", "vacaciones")])
    substitute = forms.ChoiceField(label="Quién sustituye", choices=[("", "Nadie en particular: según las reglas")])
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)


def executive() -> Context:
    row = {
        "number": "IMX-4833", "href": "", "subject": "Queremos timbrar desde una segunda sucursal", "client": "Ferretería La Norteña",
        "who": "Rosa Medina", "phone": "722 555 0188", "phone_href": "tel:+527225550188", "email": "rosa.medina@lanortena.example",
        "asked": "hoy 09:40", "assignee": "Karla Jiménez", "done_href": "#",
    }  # fmt: skip
    return console("Clientes que me buscan", rows=[row])


def absences() -> Context:
    return console(
        "Ausencias",
        desk={"name": "InvoiceMX", "slug": "invoice-mx"},
        desks=[],
        coming=[ABSENCE],
        past=[
            {
                **ABSENCE,
                "name": "Ana Lozano",
                "state": "over",
                "state_text": "terminada",
                "tone": "mute",
                "substitute": "",
            }
        ],
        new_href="#",
    )


def absence_new() -> Context:
    move = {
        "number": "IMX-4821", "href": "#", "subject": "No timbra: CFDI40147 en todas las facturas", "priority": "high",
        "status": "in_progress", "to": "Bruno Ortega", "why": "sustituye a quien se ausenta",
    }  # fmt: skip
    return console(
        "Registrar una ausencia",
        desk={"name": "InvoiceMX", "slug": "invoice-mx"},
        form=AbsenceEntry(),
        back_href="#",
        preview={
            "name": "Karla Jiménez",
            "n": 3,
            "n_more": 1,
            "rows": [move, {**move, "number": "IMX-4830", "to": "", "priority": "normal", "status": "waiting_client"}],
            "appointments": [{"number": "IMX-4821", "href": "#", "when": "miércoles 25 nov 2026, 12:00"}],
            "shifts": [{"text": "martes 24 nov 2026, 19:00 – miércoles 25 nov 2026, 09:00", "href": "#"}],
        },
    )


def absence() -> Context:
    gone = {
        "number": "IMX-4821", "href": "#", "subject": "No timbra: CFDI40147 en todas las facturas", "status": "assigned",
        "to": "Bruno Ortega", "holder": "Karla Jiménez", "outcome": "returned", "outcome_text": "regresó", "tone": "ok",
    }  # fmt: skip
    still = {**gone, "number": "IMX-4830", "to": "", "holder": "", "outcome": "", "outcome_text": "con la otra persona"}
    return console(
        "Ausencia de Karla Jiménez",
        absence=ABSENCE,
        moved=[gone, {**still, "tone": "info"}],
        entered="Registrada por Elena Robles, ayer 18:20",
        back_href="#",
    )


PAGES: Mapping[str, tuple[str, Callable[[], Context]]] = {
    "choose": (
        "portal/choose.html",
        lambda: {
            "desks": [
                {
                    "href": "/invoice-mx/", "vendor": "InvoiceMX", "name": "Mesa de Ayuda", "tone": "ok", "icon": "ok",
                    "state": "En horario de oficina", "next": "Hasta las 14:00; reabre hoy a las 16:00.", "report_href": "#",
                },
                {
                    "href": "/facturando/", "vendor": "Facturando", "name": "Soporte", "tone": "info", "icon": "clock",
                    "state": "Fuera de horario", "next": "Abre mañana a las 09:00.", "report_href": "#",
                },
            ],
            "login_href": "/entrar/",
        },
    ),
    "desk": ("portal/desk.html", desk),
    "desk-night": ("portal/desk.html", lambda: desk(night=True)),
    "report": ("portal/report.html", report),
    "report-refused": ("portal/report.html", report_refused),
    "reported": ("portal/reported.html", lambda: reported("office")),
    "reported-night": ("portal/reported.html", lambda: reported("on_call")),
    "home": ("portal/home.html", home),
    "ticket": ("portal/ticket.html", ticket),
    "ticket-deferred": ("portal/ticket.html", ticket_deferred),
    "vault-enter": (
        "portal/vault.html",
        lambda: portal(
            "Sus datos de acceso", form=Access(), lead="Karla Jiménez atiende IMX-4821 y le pide: su usuario y contraseña.",
            until="El enlace sirve una sola vez y vence el viernes 20 de noviembre a las 10:42.",
        ),
    ),
    "vault-done": (
        "portal/vault_state.html",
        lambda: {
            **portal("Listo", tone="ok", icon="lock", text="Avisamos a Karla Jiménez."), "title": "Listo: están en la bóveda",
        },
    ),
    "vault": ("tickets/vault.html", vault_page),
    "vault-ask-again": ("tickets/vault_look.html", lambda: vault_look(shown=False)),
    "vault-shown": ("tickets/vault_look.html", lambda: vault_look(shown=True)),
    "link-expired": ("portal/link_expired.html", lambda: portal("Enlace", report_href="#", login_href="#")),
    "login": ("account/login.html", lambda: {"form": Login(), "desk_card": DESK_CARD}),
    "login-refused": ("account/login.html", refused_login),
    "password-reset": ("account/password_reset.html", lambda: {"form": Email()}),
    "password-new": ("account/password_reset_from_key.html", lambda: {"form": Code(), "action_url": "#"}),
    "password-link-over": ("account/password_reset_from_key.html", lambda: {"token_fail": True}),
    "sign-out": ("account/logout.html", dict),
    "second-factor-activate": (
        "mfa/totp/activate_form.html",
        lambda: {"form": TotpForm(), "totp_svg_data_uri": "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"},
    ),
    "second-factor-index": ("mfa/index.html", lambda: {"authenticators": {"totp": True, "recovery_codes": True}}),
    "recovery-codes": ("mfa/recovery_codes/index.html", lambda: {"unused_codes": ["8f3k2m1p", "77zx01qa"]}),
    "second-factor": ("mfa/authenticate.html", lambda: {"form": Code()}),
    **samples_agenda.PAGES,
    **samples_cfdi.PAGES,
    **samples_order.PAGES,
    **samples_replies.PAGES,
    **samples_knowledge.PAGES,
    "queue": ("tickets/queue.html", queue),
    "saved-view": ("tickets/saved_view.html", lambda: samples_queue.saved_view(console)),
    "bulk-ask": ("tickets/bulk_ask.html", lambda: samples_queue.bulk_ask(console)),
    "bulk-result": ("tickets/bulk_result.html", lambda: samples_queue.bulk_result(console)),
    "queue-empty": ("tickets/queue.html", lambda: {**queue(0), "rows": []}),
    "detail": ("tickets/detail.html", detail),
    "action": ("tickets/action.html", action_page),
    "why-due": ("tickets/clock.html", lambda: why_page(console)),
    "why-due-client": ("portal/clock.html", lambda: why_page(portal)),
    "third-parties": ("tickets/third_parties.html", third_parties),
    "third-party": ("portal/third_party.html", third_thread),
    "to-tell": ("tickets/to_tell.html", to_tell),
    "log-call": ("tickets/log_call.html", log_call),
    "escalations": ("tickets/escalations.html", escalations),
    "handover": ("tickets/handover.html", handover),
    "whom": ("tickets/whom.html", whom),
    "executive": ("tickets/executive.html", executive),
    "absences": ("tickets/absences.html", absences),
    "absence-new": ("tickets/absence_new.html", absence_new),
    "absence": ("tickets/absence.html", absence),
    "outages": ("tickets/outages.html", lambda: samples_outages.listed(console)),
    "outage-new": ("tickets/outage_new.html", lambda: samples_outages.new(console)),
    "outage": ("tickets/outage.html", lambda: samples_outages.one(console)),
    "desk-outage": ("portal/desk.html", lambda: {**desk(), "outages": [samples_outages.NOTICE]}),
    "escalations-closed": ("tickets/escalations.html", escalations_closed),
    "notices": ("notifications/list.html", notices),
    "profile": ("accounts/profile.html", profile),
    "not-found": ("404.html", dict),
    "failed": ("500.html", dict),
    "away": ("503.html", dict),
}  # fmt: skip
