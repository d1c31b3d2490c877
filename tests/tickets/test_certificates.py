"""Certificates of the tax office: read whatever the bytes, kept by RFC, told before they expire, each time once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from clients import seals
from clients.cfdi import certificate
from clients.cfdi.certificate import CSD, FIEL
from clients.cfdi.document import NotRead
from clients.models import ContactLink, SealCertificate
from core.actor import VISITOR
from files import actions as file_actions
from files.models import Attachment
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules.models import Timer
from tests.clients.cfdi_samples import NUMBER, certificate_of
from tests.factories import OFFICE, Cast, actor, intake, make_contact
from tickets import actions

FNO: Final = "FNO180312KX1"
UNTIL: Final = datetime(2027, 3, 5, 18, 30, tzinfo=UTC)
OTHER: Final = "30001000000500009999"


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture(autouse=True)
def _storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def stored(content: bytes, name: str = "sello.cer") -> Attachment:
    return file_actions.store(ContentFile(content, name), now=OFFICE)


def told(client_template: str = seals.TEMPLATE) -> list[tuple[str, int]]:
    rows = Notification.objects.filter(template=client_template).order_by("id")
    return [(row.recipient, int(row.key.split("/")[3])) for row in rows]


def play(until: datetime) -> None:
    """Let every timer of certificates fire at its own instant."""
    for due in (
        Timer.objects.filter(handler=seals.TIMER, due_at__lte=until).order_by("due_at").values_list("due_at", flat=True)
    ):
        schedule_actions.fire_due(now=due)


# ------------------------------------------------------------------ reading


def test_a_seal_names_its_branch_and_a_signature_none() -> None:
    seal, firm = certificate.read(certificate_of(FNO)), certificate.read(certificate_of(FNO, branch=""))

    assert (seal.kind, seal.rfc, seal.number) == (CSD, FNO, NUMBER)
    assert seal.valid_until == UNTIL
    assert firm.kind == FIEL


def test_of_a_company_the_rfc_is_not_its_representatives() -> None:
    assert certificate.read(certificate_of(f"{FNO} / MELR850101AB1")).rfc == FNO


def test_pem_is_read_too() -> None:
    assert certificate.read(certificate_of(FNO, pem=True)).rfc == FNO


@pytest.mark.parametrize(
    "content",
    [b"", b"hola", b"\x30\x82\xff\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"0" * 70_000],
)
def test_what_is_no_certificate(content: bytes) -> None:
    with pytest.raises(NotRead):
        certificate.read(content)


def test_one_of_a_web_server_is_none_of_the_tax_office() -> None:
    with pytest.raises(NotRead):
        certificate.read(certificate_of("example.org"))


@given(st.integers(0, 900), st.integers(0, 255))
def test_one_wrong_byte_breaks_nothing(at: int, byte: int) -> None:
    content = bytearray(certificate_of(FNO))
    content[at % len(content)] = byte

    try:
        found = certificate.read(bytes(content))
    except NotRead:
        return
    assert found.valid_from.tzinfo is UTC


# ------------------------------------------------------------------ keeping


def test_kept_for_the_client_whose_rfc_it_is(cast: Cast) -> None:
    ticket = cast.ticket(client=cast.company, files=(stored(certificate_of(FNO)),))

    kept = SealCertificate.objects.get()
    assert (kept.tax_id.client, kept.number, kept.valid_until) == (cast.company, NUMBER, UNTIL)
    assert ticket.codes_since is not None
    days = list(Timer.objects.filter(handler=seals.TIMER).order_by("due_at").values_list("payload__days", flat=True))
    assert days == [60, 30, 20, 7]


def test_of_another_rfc_or_of_nobody_known_nothing_is_kept(cast: Cast) -> None:
    cast.ticket(client=cast.company, files=(stored(certificate_of("MSC120215JH5")),))
    actions.open_ticket(cast.desk, intake(files=(stored(certificate_of(FNO)),)), by=VISITOR, now=OFFICE)

    assert not SealCertificate.objects.exists()


def test_kept_once_the_company_is_known(cast: Cast) -> None:
    stranger = intake(files=(stored(certificate_of(FNO)),))
    ticket = actions.open_ticket(cast.desk, stranger, by=VISITOR, now=OFFICE)
    assert ticket.proposed_client == cast.company

    actions.identify(ticket, by=actor(cast.ada), now=OFFICE, client=cast.company.pk)

    assert SealCertificate.objects.get().tax_id.rfc == FNO


def test_a_newer_one_takes_the_place_and_the_timers(cast: Cast) -> None:
    old = certificate.read(certificate_of(FNO))
    new = certificate.read(certificate_of(FNO, until=UNTIL + timedelta(days=1400), number=OTHER))
    seals.keep(cast.company, old, now=OFFICE)

    assert seals.keep(cast.company, new, now=OFFICE) is not None
    assert seals.keep(cast.company, old, now=OFFICE) is None
    assert seals.keep(cast.company, new, now=OFFICE) is None

    assert SealCertificate.objects.get().number == OTHER
    assert set(Timer.objects.pending().filter(handler=seals.TIMER).values_list("payload__number", flat=True)) == {OTHER}
    play(UNTIL)
    assert told() == []


# ------------------------------------------------------------------ telling


def test_each_day_is_told_once_to_who_wants_it(cast: Cast) -> None:
    quiet = make_contact(cast.desk.vendor, "Quique Luna", client=cast.company)
    make_contact(cast.desk.vendor, "Olga Vera", client=cast.company, scope="own")
    ContactLink.objects.filter(contact=quiet).update(seal_notices=False)
    seals.keep(cast.company, certificate.read(certificate_of(FNO)), now=OFFICE)

    play(UNTIL)
    play(UNTIL)

    assert told() == [(cast.rosa.email, days) for days in (60, 30, 20, 7)]
    mail = Notification.objects.filter(template=seals.TEMPLATE).latest("id")
    assert "viernes 5 de marzo" in mail.params["subject"]
    assert FNO not in str(mail.params)


def test_one_that_came_late_is_told_of_what_is_left(cast: Cast) -> None:
    seals.keep(cast.company, certificate.read(certificate_of(FNO)), now=UNTIL - timedelta(days=25))

    play(UNTIL)

    assert [days for _who, days in told()] == [20, 7]


def test_an_expired_one_is_not_kept(cast: Cast) -> None:
    assert seals.keep(cast.company, certificate.read(certificate_of(FNO)), now=UNTIL) is None


# ------------------------------------------------------------------ pages


def signed_in(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(getattr(person, "user", None) or person)
    return browser


def test_home_shows_it_and_lets_one_stop_the_notices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: OFFICE)
    ticket = cast.ticket(client=cast.company, files=(stored(certificate_of(FNO)),))
    rosa, tom = signed_in(cast.rosa), signed_in(cast.tom)

    home = rosa.get("/inicio/").content.decode()
    assert "Vence el 5 mar 2027, 12:30" in home
    assert "faltan 108 días" in home
    assert NUMBER not in tom.get("/inicio/").content.decode()
    assert NUMBER in signed_in(cast.ada).get(f"/tickets/{ticket.number}/cfdi/").content.decode()

    assert rosa.post("/inicio/sellos/", {"client": cast.company.pk, "wanted": "0"}).status_code == 303
    assert ContactLink.objects.get(contact=cast.rosa).seal_notices is False
    assert "Recibir estos avisos" in rosa.get("/inicio/").content.decode()
    assert tom.post("/inicio/sellos/", {"client": cast.company.pk, "wanted": "1"}).status_code == 404
    assert tom.post("/inicio/sellos/", {"client": "x"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_one() -> None:
    cast = Cast()
    found = certificate.read(certificate_of(FNO))
    start, kept = threading.Barrier(2), []

    def hand_in() -> None:
        start.wait()
        try:
            kept.append(seals.keep(cast.company, found, now=OFFICE))
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([one for one in kept if one]) == 1
    assert Timer.objects.filter(handler=seals.TIMER).count() == 4
