"""Usage from a file: seen first, booked once, however often the file comes and whatever dies in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.errors import Forbidden
from schedules import actions as schedule_actions
from schedules.models import Timer
from stamps import actions
from stamps.actions import importing
from stamps.models import StampAccount, StampMovement, UsageImport
from tests import factories
from tests.factories import OFFICE, Cast
from tests.stamps.conftest import RFC, open_account
from tests.stamps.test_warnings import fresh

HEAD = "rfc,used,balance,at,reference,product\n"
DAY = timedelta(days=1)


def text(*rows: str) -> bytes:
    return (HEAD + "\n".join(rows) + "\n").encode()


def keep(cast: Cast, data: bytes, **fields: Any) -> UsageImport:
    values = {"name": "noviembre.csv", "by": factories.actor(cast.paola), "now": OFFICE, **fields}
    return importing.keep_file(cast.desk, data, **values)


def confirm(cast: Cast, one: UsageImport) -> UsageImport:
    return importing.confirm(one, by=factories.actor(cast.paola), now=OFFICE)


def test_nothing_is_booked_before_somebody_says_so(cast: Cast, account: StampAccount) -> None:
    one = keep(cast, text(f"{RFC},40,,16/11/2026 09:00,a,", f"{RFC},,1100,16/11/2026 18:00,b,"))

    assert (one.n_rows, one.n_known, one.faults, one.confirmed_at) == (2, 0, [], None)
    assert fresh(account).balance == 1_200

    done = confirm(cast, one)

    assert (done.n_booked, done.finished_at) == (2, OFFICE)
    assert fresh(account).balance == 1_100
    assert confirm(cast, one).n_booked == 2
    assert account.movements.count() == 3


def test_the_same_file_again_books_nothing(cast: Cast, account: StampAccount) -> None:
    data = text(f"{RFC},40,,16/11/2026 09:00,a,", f"{RFC},,1100,16/11/2026 18:00,b,")
    confirm(cast, keep(cast, data))

    again = keep(cast, data)

    assert (again.n_rows, again.n_known, again.faults) == (0, 2, [])
    confirm(cast, again)
    assert fresh(account).balance == 1_100


def test_what_is_wrong_is_said_row_by_row(cast: Cast, account: StampAccount) -> None:
    open_account(cast, product="nube", balance=5)
    actions.use(account, used=9, at=OFFICE, reference="a", by=factories.actor(cast.paola), now=OFFICE)
    one = keep(
        cast,
        text(
            f"{RFC},40,,16/11/2026,a,escritorio", f"{RFC},40,,16/11/2026,b,", "MSC120215JH5,40,,16/11/2026,c,",
            f"{RFC},40,,16/11/2026,d,nube", f"{RFC},x,,16/11/2026,e,nube",
        ),
    )  # fmt: skip

    assert [fault["line"] for fault in one.faults] == [2, 3, 4, 6]
    said = " ".join(fault["text"] for fault in one.faults)
    assert "La referencia «a» ya se usó para otra cosa" in said
    assert f"{RFC} tiene cuentas de varios productos" in said
    assert "Ninguna cuenta de esta mesa tiene el RFC MSC120215JH5" in said

    done = confirm(cast, one)

    assert (done.n_booked, done.n_done, done.n_rows) == (0, 1, 1)
    assert [fault["line"] for fault in done.faults][-1] == 5, "the cloud has five stamps only"
    assert "El saldo no alcanza" in done.faults[-1]["text"]


def test_a_long_file_is_booked_in_batches_that_survive_a_crash(
    cast: Cast, account: StampAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 4)
    rows = [f"{RFC},1,,{10 + n // 10}/11/2026 {n % 10:02d}:00,r{n}," for n in range(11)]
    one = confirm(cast, keep(cast, text(*rows)))
    assert (one.n_done, one.n_booked, one.finished_at) == (4, 4, None)

    real, calls = importing._book, []

    def dies(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise RuntimeError("killed")
        real(*args)

    monkeypatch.setattr(importing, "_book", dies)
    schedule_actions.fire_due(now=OFFICE)
    one.refresh_from_db()
    assert (one.n_done, account.movements.filter(kind="usage").count()) == (4, 4), "half a batch is no batch"

    schedule_actions.fire_due(now=OFFICE + timedelta(minutes=1))

    one.refresh_from_db()
    assert (one.n_done, one.n_booked) == (11, 11)
    assert one.finished_at is not None
    assert fresh(account).balance == 1_189
    assert not Timer.objects.pending().filter(handler=importing.TIMER).exists()


def test_the_last_level_of_the_file_is_told(cast: Cast, account: StampAccount) -> None:
    confirm(cast, keep(cast, text(f"{RFC},,0,17/11/2026 10:00,a,")))

    assert fresh(account).level == "empty"
    assert account.warnings.get().level == "empty"


def test_only_who_sells_at_the_desk_brings_a_file(cast: Cast, account: StampAccount, stranger: Cast) -> None:
    one = keep(cast, text(f"{RFC},40,,16/11/2026,a,"))

    for person in (cast.ada, cast.rosa, stranger.paola):
        with pytest.raises(Forbidden):
            keep(cast, text(f"{RFC},40,,16/11/2026,a,"), by=factories.actor(person))
        with pytest.raises(Forbidden):
            importing.confirm(one, by=factories.actor(person), now=OFFICE)


# ------------------------------------------------------------------ pages


@pytest.fixture
def paola(cast: Cast, client: Client, at: Any) -> Client:
    client.force_login(cast.paola)
    return client


def send(client: Client, data: bytes, name: str = "noviembre.csv") -> Any:
    return client.post("/timbres/consumo/", {"mesa": "invoice-mx", "file": SimpleUploadedFile(name, data)})


def test_a_file_is_seen_then_booked(cast: Cast, paola: Client, account: StampAccount) -> None:
    answer = send(paola, text(f"{RFC},40,,16/11/2026 09:00,a,", f"{RFC},x,,16/11/2026,b,"))
    page = answer["Location"]
    shown = paola.get(page).content.decode()

    assert "1 renglón se puede registrar" in shown
    assert "«x» no es un número entero" in shown
    assert "ayer 09:00" in shown
    booked = paola.post(f"{page}registrar/", follow=True).content.decode()
    assert "1 registrado" in booked
    assert StampMovement.objects.get(account=account, kind="usage").actor_label == "Paola Nava"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "vac", id="empty file"),
        pytest.param(b"a,b\n1,2\n", "Al archivo le faltan estas columnas", id="other columns"),
        pytest.param(b"\xd0\xcf\x11\xe0\x00\x00", "no se puede leer", id="an old workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(paola: Client, data: bytes, said: str) -> None:
    answer = send(paola, data)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not UsageImport.objects.exists()


def test_a_file_of_another_desk_is_not_there(
    cast: Cast, stranger: Cast, client: Client, at: Any, account: StampAccount
) -> None:
    one = keep(cast, text(f"{RFC},40,,16/11/2026,a,"))
    client.force_login(stranger.paola)

    assert client.get(f"/timbres/consumo/{one.pk}/").status_code == 404
    assert client.post(f"/timbres/consumo/{one.pk}/registrar/").status_code == 404
    assert client.post("/timbres/consumo/", {"mesa": cast.desk.slug}).status_code == 404
