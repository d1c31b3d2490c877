"""Who gets in where: every address of the installation, for every kind of reader, own and foreign.

The table is `tests/access/matrix.txt`: an address, the method, then what each reader is answered.
An address that is not in the table fails the test, so that a new page without a rule is noticed.
What a request changes is rolled back before the next one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponse
from django.template.backends.django import Template
from django.test import Client as Browser
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from accounts import actions as account_actions
from clients import import_actions
from clients.models import ClientImport, VaultSecret
from core.actor import MANAGER, SYSTEM
from desks.models import Absence, Tag
from files import actions as file_actions
from notifications.models import Notification, WakeChannel
from schedules.models import Override, Timer
from stamps import doorways
from stamps import links as order_links
from stamps.actions import importing
from stamps.links import NUMBER
from stamps.models import UsageImport
from tests import factories
from tests.factories import OFFICE, Cast
from tests.knowledge.conftest import write
from tests.stamps import conftest as stamps
from tickets import actions, links, thirdlinks
from tickets.actions import bulk, calls, canned, macros, savedviews, thirdparties
from tickets.models import (
    Appointment,
    BulkChange,
    CallNote,
    CannedAnswer,
    ChecklistItem,
    Macro,
    Outage,
    PriceConsent,
    Reminder,
    SavedView,
    TellTask,
    ThirdParty,
    Ticket,
)

TABLE: Final = Path(__file__).with_name("matrix.txt")
READERS: Final = (
    "anonymous",
    "client",
    "client_of_another_company",
    "client_of_another_vendor",
    "consultant",
    "consultant_of_another_desk",
    "supervisor",
    "manager",
    "sales",
    "administrator",
)
# The administration is Django's own; it has one rule.
OF_DJANGO: Final = "admin/"


def addresses(patterns: Sequence[Any] | None = None, before: str = "") -> Iterator[str]:
    """Every route of the installation, as it is written."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield route


def table() -> dict[tuple[str, str], tuple[int, ...]]:
    """Route and method -> what each reader is answered, in the order of READERS."""
    found = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            route, method, *statuses = line.split()
            found["" if route == "/" else route, method] = tuple(int(status) for status in statuses)
    return found


class House:
    """Rows for every address, and a browser for every reader."""

    def __init__(self, cast: Cast, stranger: Cast, folder: Any) -> None:
        self.ticket = cast.ticket()
        stored = file_actions.store(ContentFile(b"%PDF-1.4", name="guia.pdf"), now=OFFICE)
        actions.add_message(self.ticket, by=factories.actor(cast.rosa), now=OFFICE, body="Va.", files=[stored])
        self.ticket = Ticket.objects.get(pk=self.ticket.pk)
        self.file_id = str(stored.pk)
        self.task = TellTask.objects.create(
            ticket=self.ticket, code="resolved", text="Quedó", key="t", created_at=OFFICE
        )
        booked = self._appointment(cast)
        stamp_account = stamps.open_account(cast)
        self.order = stamps.quote(cast, stamps.place_order(cast))
        self.secret = _kept(self.ticket, cast)
        self.notice = Notification.objects.filter(desk_id=cast.desk.pk).order_by("pk")[0]
        self.channel = WakeChannel.objects.filter(user=cast.marcela)[0]
        token, _text = account_actions.issue_token(cast.marcela, label="x", now=OFFICE)
        self.values = {
            "<str:number>": self.ticket.number,
            "<str:rfc>": "FNO180312KX1",
            "<str:order>": "TIM-1",
            "<uuid:file_id>": self.file_id,
            "<int:task_id>": str(self.task.pk),
            "<uuid:secret_id>": self.secret,
            "<str:token>": links.token(self.ticket),
            "(?P<number>[^/]+)": self.ticket.number,
            "(?P<token>[^/]+)": links.token(self.ticket),
            "<slug:kind>": "resolution",
            "(?P<verb>confirmar|separar|responder|reabrir|urge|escalar|cancelar)": "responder",
            "(?P<slug>[a-z-]+)": "cancelar",
            "(?P<verb>[a-z-]+)": "cancelar",
            NUMBER: self.order.number,
            "(?P<file_id>[0-9a-f-]{36})": self.file_id,
            "(?P<secret>[0-9a-f-]{36})": self.file_id,
            r"\.": ".",
            "<slug:verb>": "ajuste",
            "<slug:table>.<slug:form>": "pedidos.csv",
            "(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)": "1-abc",
        }
        asked, joined = _third_parties(self.ticket)
        article = write(cast)
        self.of_prefix = {
            "tickets/<str:number>/borradores/": ("<int:pk>", "7"),
            "tickets/<str:number>/proveedores/": ("<int:pk>/<slug:verb>", f"{asked.pk}/retirar"),
            "tickets/<str:number>/cliente/proveedor/": ("<int:pk>/<slug:answer>", f"{asked.pk}/autorizar"),
            "t/<str:token>/proveedor/": ("<int:pk>/<slug:answer>", f"{asked.pk}/autorizar"),
            "tercero/": ("<str:token>", thirdlinks.token(joined)),
            "api/v1/tickets/<str:number>/third-parties/": ("<int:pk>", str(asked.pk)),
            "api/v1/calendars/": ("<slug:slug>", "oficina"),
            "api/v1/rotas/": ("<slug:slug>", "guardia"),
            "ajustes/calendarios/": ("<str:slug>", "oficina"),
            "ajustes/temporizadores/": ("<int:pk>", str(_parked(self.ticket).pk)),
            "api/v1/reminders/": ("<int:pk>", str(_to_follow_up(self.ticket, cast).pk)),
            "api/v1/tickets/<str:number>/steps/": ("<int:pk>", str(_step(self.ticket).pk)),
            "api/v1/tickets/<str:number>/links/": ("<int:pk>", "0"),
            "api/v1/tickets/<str:number>/time/": ("<int:pk>", "0"),
            "seguimientos/": ("<int:pk>", str(_to_follow_up(self.ticket, cast).pk)),
            "tickets/<str:number>/orden/": ("<slug:part>", "pasos"),
            "ajustes/etiquetas/": ("<int:pk>", str(Tag.objects.create(desk=cast.desk, slug="csd", name="CSD").pk)),
            "ajustes/personas/": ("<int:pk>", str(cast.ada.memberships.get().pk)),
            "ajustes/ausencias/": ("<int:pk>", str(_absence(cast).pk)),
            "ajustes/plantillas/": ("<int:pk>", str(_canned(cast).pk)),
            "ajustes/macros/": ("<int:pk>", str(_macro(cast).pk)),
            "tickets/<str:number>/macros/": ("<int:pk>", str(Macro.objects.get().pk)),
            "api/v1/absences/": ("<int:pk>", str(Absence.objects.get().pk)),
            "guardias/cambios/": ("<int:pk>/<slug:verb>", f"{_proposed(cast).pk}/reject"),
            "tickets/<str:number>/insertar/": ("<slug:key>", f"plantilla-{CannedAnswer.objects.get().pk}"),
            "tickets/<str:number>/subidas/": ("<int:pk>", "0"),
            "tickets/<str:number>/cliente/subidas/": ("<int:pk>", "0"),
            "t/<str:token>/subidas/": ("<int:pk>", "0"),
            "caidas/": ("<int:pk>", str(_declared(cast).pk)),
            "api/v1/outages/": ("<int:pk>", str(_declared(cast).pk)),
            "entrega/casos/": ("<int:pk>", "0"),
            "cola/lote/": ("<int:pk>", str(_taken_together(cast).pk)),
            "cola/vistas/": ("<int:pk>", str(_shared_view(cast).pk)),
            "conocimiento/": ("<int:pk>", str(article.pk)),
            "<slug:slug>/ayuda/": ("<int:pk>", str(article.pk)),
            "api/v1/knowledge/articles/": ("<int:pk>", str(article.pk)),
            "api/v1/tickets/<str:number>/appointments/": ("<int:pk>", str(booked)),
            "api/v1/tickets/<str:number>/prices/": ("<int:pk>", str(self.consent)),
            "tickets/<str:number>/costos/": ("<int:pk>", str(self.consent)),
            "tickets/<str:number>/cita/": ("<slug:step>", "ausencia"),
            "tickets/<str:number>/cliente/cita/": ("<slug:step>", "confirmar"),
            "t/<str:token>/cita/": ("<slug:step>", "confirmar"),
            "agenda/citas/": ("<str:secret>", "x"),
            "llamadas/recibida/": ("<int:pk>", "0"),
            "avisos/prueba/": ("<str:token>", "x"),
            "avisos/": ("<int:pk>", str(self.notice.pk)),
            "timbres/cuentas/": ("<int:pk>", str(stamp_account.pk)),
            "timbres/consumo/": ("<int:pk>", str(_usage(cast).pk)),
            "inicio/timbres/": ("<int:pk>", str(stamp_account.pk)),
            "timbres/avisos/": ("<str:token>", doorways.choice(cast.rosa.pk).split("/")[-2]),
            "cuenta/tokens/": ("<int:pk>", str(token.pk)),
            "cuenta/canales/": ("<int:pk>", str(self.channel.pk)),
            "api/v1/calls/": ("<int:pk>", str(_noted(cast).pk)),
            "clientes/importar/": ("<int:pk>", str(_brought_in(cast).pk)),
            "api/v1/clients/imports/": ("<int:pk>", str(_brought_in(cast).pk)),
        }
        admin = factories.make_user("Alma Rey", email="alma@casa.example", is_staff=True)
        people = (
            None, cast.rosa.user, cast.tom.user, stranger.rosa.user, cast.ada, stranger.ada,
            cast.elena, cast.marcela, cast.paola, admin,
        )  # fmt: skip
        self.browsers = dict(zip(READERS, [browser_of(person) for person in people], strict=True))

    def _appointment(self, cast: Cast) -> int:
        """Rosa has missed an appointment and is asked a price: it leaves her ticket as it was."""
        asked = PriceConsent.objects.create(ticket=self.ticket, method="remote", price=350, asked_at=OFFICE)
        self.consent = asked.pk
        missed = Appointment.objects.create(
            ticket=self.ticket, consultant=cast.ada, method="remote", state="no_show", created_at=OFFICE,
            starts_at=OFFICE - timedelta(hours=2), ends_at=OFFICE - timedelta(hours=1),
        )  # fmt: skip
        return missed.pk

    def path(self, route: str) -> str:
        """A real address of that route."""
        for prefix, (part, value) in self.of_prefix.items():
            if route.startswith(prefix):
                route = route.replace(part, value)
        if route.startswith(("o/", "^o/")):
            token = order_links.token(self.order)
            route = route.replace("<str:token>", token).replace("(?P<token>[^/]+)", token)
        for part, value in self.values.items():
            route = route.replace(part, value)
        route = route.replace("<slug:slug>", "invoice-mx")
        return "/" + route.replace("^", "").replace("$", "")


def _noted(cast: Cast) -> CallNote:
    """A call that Bruno attended and has not written down."""
    return calls.note_call(cast.desk, by=factories.actor(cast.bruno), now=OFFICE)


def _brought_in(cast: Cast) -> ClientImport:
    """A file of clients that waits to be applied."""
    data = b"Empresa,RFC\nEl Fresno,PFR190322KQ8\n"
    return import_actions.upload(cast.desk, data, filename="clientes.csv", by=factories.actor(cast.marcela), now=OFFICE)


def _kept(ticket: Ticket, cast: Cast) -> str:
    """What Rosa wrote openly lies in the vault."""
    body = "La contraseña es Zafiro-7731"
    actions.add_message(ticket, by=factories.actor(cast.rosa), now=OFFICE, body=body)
    return str(VaultSecret.objects.get().pk)


def _to_follow_up(ticket: Ticket, cast: Cast) -> Reminder:
    """Ada asked to be reminded."""
    return Reminder.objects.create(ticket=ticket, user=cast.ada, due_at=OFFICE + timedelta(days=1), created_at=OFFICE)


def _step(ticket: Ticket) -> ChecklistItem:
    """Something to be done on the ticket."""
    return ChecklistItem.objects.create(ticket=ticket, position=1, text="Pedir la e.firma")


def _usage(cast: Cast) -> UsageImport:
    """A file of usage of which no row can be booked."""
    data = b"rfc,used,at,reference\nMSC120215JH5,1,16/11/2026,a\n"
    return importing.keep_file(cast.desk, data, name="a.csv", by=factories.actor(cast.paola), now=OFFICE)


def _third_parties(ticket: Ticket) -> tuple[ThirdParty, ThirdParty]:
    """One whom the client was asked about, and one who is in."""
    asked, joined = (
        thirdparties.invite(ticket, by=SYSTEM, now=OFFICE, name=name, email=f"{name}@x.example", question="¿Sí?")
        for name in ("pac", "erp")
    )
    joined = thirdparties.grant(joined, by=links.actor_of(ticket, ticket.requester_id), now=OFFICE)
    return asked, joined


def _declared(cast: Cast) -> Outage:
    """An outage under a case of its own."""
    elena = factories.actor(cast.elena)
    return actions.declare_outage(cast.desk, by=elena, now=OFFICE, title="El SAT no responde", text="Ya lo atendemos.")


def _parked(ticket: Ticket) -> Timer:
    """A timer that failed too often."""
    return Timer.objects.create(
        key="parked", handler="tickets.opening", owner=f"ticket/{ticket.pk}", due_at=OFFICE, next_attempt_at=OFFICE,
        created_at=OFFICE, parked_at=OFFICE, error="ValueError",
    )  # fmt: skip


def _taken_together(cast: Cast) -> BulkChange:
    """Ada pressed a button for several tickets, and none was left to change."""
    ada = factories.actor(cast.ada)
    return bulk.apply("take", [], by=ada, now=OFFICE, key=uuid.uuid4(), values={})


def _shared_view(cast: Cast) -> SavedView:
    """A view of the queue that Elena shares with the desk."""
    elena = factories.actor(cast.elena)
    return savedviews.keep_view(by=elena, now=OFFICE, name="De hoy", params={}, desk_id=cast.desk.pk)


def _absence(cast: Cast) -> Absence:
    """Bruno will be away for a week."""
    return Absence.objects.create(
        desk=cast.desk, user=cast.bruno, reason="vacation", starts_at=OFFICE + timedelta(days=3),
        ends_at=OFFICE + timedelta(days=10), created_at=OFFICE, created_by=cast.elena,
    )  # fmt: skip


def _canned(cast: Cast) -> CannedAnswer:
    """A canned answer of the desk."""
    elena, draft = (
        factories.actor(cast.elena),
        canned.Draft(title="CSD", shortcut="csd", body="Hola, {{cliente.nombre}}."),
    )
    return canned.create(cast.desk, draft, own=False, by=elena, now=OFFICE)


def _macro(cast: Cast) -> Macro:
    """A macro of the desk."""
    draft = macros.Draft(name="Tomar", takes=True)
    return macros.create(cast.desk, draft, own=False, by=factories.actor(cast.elena), now=OFFICE)


def _proposed(cast: Cast) -> Override:
    """Ada asks Bruno to take a shift of hers."""
    return Override.objects.create(
        rota_id=cast.desk.rota_id or 0, user=cast.bruno, replaces=cast.ada, kind="swap", state="requested",
        start_at=OFFICE + timedelta(hours=10), end_at=OFFICE + timedelta(hours=20), created_at=OFFICE,
    )  # fmt: skip


def browser_of(person: Any) -> Browser:
    browser = Browser(raise_request_exception=False)
    if person is not None:
        browser.force_login(person)
    return browser


QUERY: Final = {
    "status/": {"at": "2026-11-17T10:42:00-06:00"},
    "on-call/": {"at": "2026-11-17T10:42:00-06:00"},
    "add/": {"start": "2026-11-17T10:42:00-06:00", "minutes": "30"},
    "elapsed/": {"start": "2026-11-17T10:42:00-06:00", "end": "2026-11-17T11:42:00-06:00"},
    "business-days/": {"date": "2026-11-17", "days": "2"},
    "novedades/": {"desde": "0"},
    "v1/calls/": {"desk": "invoice-mx"},
}


def ask(browser: Browser, method: str, path: str) -> int:
    """The status of one request, whose effects are undone."""
    data = next((query for end, query in QUERY.items() if path.endswith(end)), {})
    with transaction.atomic():
        if method == "GET":
            status = browser.get(path, data).status_code
        elif path.startswith("/api/"):
            status = browser.post(path, {}, content_type="application/json").status_code
        else:
            status = browser.post(path, {}).status_code
        transaction.set_rollback(True)
    return int(status)


@pytest.fixture
def house(cast: Cast, stranger: Cast, at: Any, settings: Any, tmp_path: Any) -> House:
    settings.MEDIA_ROOT = tmp_path
    return House(cast, stranger, tmp_path)


def test_every_address_has_its_row() -> None:
    routes = {route for route in addresses() if not route.startswith(OF_DJANGO)}

    ruled = {route for route, _method in table()}

    assert routes - ruled == set(), "addresses without a rule: add them to matrix.txt"
    assert ruled - routes == set(), "rows of addresses that are gone"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without their page: drawing four thousand of them tells nothing more."""

    def refusal(self: URLResolver, code: int) -> Any:
        return lambda request, exception=None: HttpResponse(status=code)

    monkeypatch.setattr(URLResolver, "resolve_error_handler", refusal)
    monkeypatch.setattr(Template, "render", lambda *args, **context: "")


def test_everybody_gets_what_is_theirs(house: House, bare: None) -> None:
    wrong = []
    for (route, method), expected in table().items():
        path = house.path(route)
        for reader, status in zip(READERS, expected, strict=True):
            answered = ask(house.browsers[reader], method, path)
            if answered != status:
                wrong.append(f"{method} {path}: {reader} was answered {answered}, not {status}")

    assert wrong == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/tickets/ticket/"])
def test_the_administration_is_for_administrators(house: House, path: str) -> None:
    for reader, browser in house.browsers.items():
        status = browser.get(path).status_code
        assert status == 200 if reader == "administrator" else status in {302, 403}, reader


def test_a_signed_link_opens_its_ticket_and_nothing_else(house: House, cast: Cast, stranger: Cast) -> None:
    browser, foreign = Browser(), stranger.ticket()
    other = cast.ticket()
    token = links.token(house.ticket)

    assert browser.get(f"/t/{token}/").status_code == 200
    assert browser.get(f"/t/{token}/archivos/{house.file_id}/").status_code == 200
    assert browser.get(f"/t/{links.token(other)}/archivos/{house.file_id}/").status_code == 404
    assert browser.get(f"/t/{links.token(foreign)}/archivos/{house.file_id}/").status_code == 404
    assert browser.get(f"/t/{token}/archivos/{uuid.uuid4()}/").status_code == 404
    # The link is no sign-in: the same browser stays a stranger everywhere else.
    for (route, method), expected in table().items():
        if not route.startswith(("t/", "^t/", "o/", "^o/")):
            assert ask(browser, method, house.path(route)) == expected[0], route


def test_a_revoked_link_opens_nothing(house: House) -> None:
    token = links.token(house.ticket)
    Ticket.objects.filter(pk=house.ticket.pk).update(link_version=house.ticket.link_version + 1)

    assert Browser().get(f"/t/{token}/").status_code in {404, 410}


def test_a_company_sees_what_is_its_own_whoever_filed_it(house: House, cast: Cast) -> None:
    colleague = factories.make_contact(cast.desk.vendor, "Nora Paz", client=cast.company, account=True)
    alone = factories.make_contact(
        cast.desk.vendor, "Luis Gil", client=cast.company, scope="own", account=True, email="luis@x.example"
    )
    path = f"/api/v1/tickets/{house.ticket.number}/"

    assert browser_of(colleague.user).get(path).status_code == 200
    assert browser_of(alone.user).get(path).status_code == 404


def test_rights_end_with_their_link(house: House, cast: Cast) -> None:
    path = f"/api/v1/tickets/{house.ticket.number}/"
    former = factories.make_contact(cast.desk.vendor, "Nora Paz", client=cast.company, account=True)
    former.links.update(valid_until=(OFFICE - timedelta(days=400)).date())

    assert browser_of(former.user).get(path).status_code == 404


def test_who_left_the_desk_is_a_stranger(house: House, cast: Cast) -> None:
    path = f"/api/v1/tickets/{house.ticket.number}/"
    browser = browser_of(cast.bruno)
    assert browser.get(path).status_code == 200

    cast.bruno.memberships.update(is_active=False)

    assert browser.get(path).status_code == 404


def test_a_manager_of_two_desks_sees_both(house: House, cast: Cast, stranger: Cast) -> None:
    both = factories.make_member(cast.desk, "Berta Sol", MANAGER)
    stranger.desk.memberships.create(user=both, roles=[MANAGER])
    theirs = stranger.ticket()
    browser = browser_of(both)

    assert browser.get(f"/api/v1/tickets/{house.ticket.number}/").status_code == 200
    assert browser.get(f"/api/v1/tickets/{theirs.number}/").status_code == 200


def write_table(house: House) -> str:
    """What everybody is answered now, as a table: to be read by a person before it is kept."""
    routes = sorted({route for route in addresses() if not route.startswith(OF_DJANGO)})
    known = table() if TABLE.exists() else {}
    wanted = [key for key in known if key[0] in routes]
    wanted += [(route, "GET") for route in routes if route not in {key[0] for key in wanted}]
    lines = [f"# route, method, then: {' '.join(READERS)}", ""]
    for route, method in sorted(wanted):
        answers = [ask(house.browsers[reader], method, house.path(route)) for reader in READERS]
        lines.append(f"{route or '/':<75} {method:<5} {' '.join(map(str, answers))}")
    return "\n".join(lines) + "\n"
