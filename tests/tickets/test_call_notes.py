"""A call attended at night is noted with one tap, stands at the hand-over, and goes when it is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from core.errors import Forbidden
from tests.tickets.cast import Imx
from tickets.actions import calls
from tickets.models import CallNote
from tickets.queries import callers

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 18, 8, 10, tzinfo=UTC)  # 02:10


def at(client: Client, imx: Imx, name: str) -> Client:
    client.force_login(imx.user(name))
    return client


def test_one_tap_keeps_the_hour_and_two_are_one(imx: Imx) -> None:
    ivan = imx.actor("ivan")

    first = calls.note_call(imx.desk, by=ivan, now=NIGHT)
    second = calls.note_call(imx.desk, by=ivan, now=NIGHT + timedelta(seconds=40))
    third = calls.note_call(imx.desk, by=ivan, now=NIGHT + timedelta(minutes=9))

    assert first == second != third
    assert [note.called_at for note in callers.unregistered(imx.desk.pk)] == [NIGHT, NIGHT + timedelta(minutes=9)]


def test_sales_and_strangers_note_nothing(imx: Imx) -> None:
    with pytest.raises(Forbidden):
        calls.note_call(imx.desk, by=imx.actor("paola"), now=NIGHT)


def test_only_the_owner_and_those_above_drop_one(imx: Imx) -> None:
    note = calls.note_call(imx.desk, by=imx.actor("ivan"), now=NIGHT)

    assert not calls.drop_note(note.pk, desk=imx.desk, by=imx.actor("karla"), now=NIGHT)
    assert calls.drop_note(note.pk, desk=imx.desk, by=imx.actor("elena"), now=NIGHT)
    assert callers.unregistered(imx.desk.pk) == []


def test_the_page_notes_a_call_lists_it_and_writes_it_down(imx: Imx, client: Client) -> None:
    at(client, imx, "ivan")

    noted = client.post("/llamadas/recibida/")
    note = CallNote.objects.get()
    form = client.get(noted["Location"])

    assert f"llamada={note.pk}" in noted["Location"]
    assert "Recibí una llamada" in form.content.decode()
    assert "Iván Rentería" in client.get("/entrega/").content.decode()
    local = note.called_at.astimezone(imx_zone(imx))
    answer = client.post(
        noted["Location"],
        {
            "key": form.context["form"]["key"].value(),
            "channel": "phone",
            "request_type": "operational_question",
            "impact": "partial",
            "support_method": "phone",
            "requester_name": "Rosa Medina",
            "requester_email": "rosa.medina@lanortena.example",
            "subject": "No timbra la serie B",
            "description": "Al timbrar la serie B aparece CFDI40102 desde anoche",
            "occurred_on": local.date().isoformat(),
            "started": f"{local:%H:%M}",
            "ended": f"{local:%H:%M}",
            "attended_by": imx.user("ivan").pk,
            "outcome": "pending",
        },
    )

    assert answer.status_code == 302, answer.context["form"].errors
    note.refresh_from_db()
    assert note.ticket is not None
    assert callers.unregistered(imx.desk.pk) == []


def imx_zone(imx: Imx):
    from core import localtime

    return localtime.zone(imx.desk.timezone)


def test_another_desk_sees_none_of_it(imx: Imx, client: Client) -> None:
    from tests.tickets.cast import load_desk

    note = calls.note_call(imx.desk, by=imx.actor("ivan"), now=NIGHT)
    other = Imx(load_desk("facturando"))
    stranger = other.desk.memberships.get(user__email="hector@facturando.example").user
    client.force_login(stranger)

    assert client.post(f"/llamadas/recibida/{note.pk}/descartar/").status_code == 404
    assert "Iván Rentería" not in client.get("/llamadas/nueva/").content.decode()
