"""The pieces of HTML that repeat: right, escaped, translated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from core import faces, localtime
from core.templatetags import hd

TZ = localtime.zone("America/Mexico_City")
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
STATES = [
    "new",
    "assigned",
    "in_progress",
    "waiting_client",
    "waiting_third_party",
    "scheduled",
    "deferred",
    "resolved",
    "closed",
    "cancelled",
    "merged",
]


@pytest.fixture(autouse=True)
def _spanish() -> Iterator[None]:
    with translation.override("es-mx"):
        yield


def running(minutes: float) -> faces.ClockFace:
    return faces.clock_face("resolution", target_minutes=240, due_at=NOW + timedelta(minutes=minutes), tz=TZ, now=NOW)


def test_every_state_has_its_shape_and_its_word() -> None:
    shapes = {hd.STATUS[state][0] for state in STATES}

    assert set(hd.STATUS) == set(STATES)
    assert len(shapes) == len(STATES)
    assert hd.status("waiting_client") == '<span class="status" data-s="espera">Espera al cliente</span>'


def test_a_client_reads_the_words_of_their_desk() -> None:
    assert ">Espera tu respuesta<" in hd.status("waiting_client", "Espera tu respuesta")


def test_words_follow_the_language() -> None:
    with translation.override("en"):
        assert ">Waiting for the client<" in hd.status("waiting_client")
    assert ">Espera al cliente<" in hd.status("waiting_client")


def test_what_people_wrote_is_escaped() -> None:
    assert "<script>" not in hd.avatar("<script>alert(1)</script>")
    assert "<b>" not in hd.status("<b>")
    assert "<b>" not in hd.folio("<b>")


def test_nobody_has_a_dashed_circle_and_says_so() -> None:
    assert "Sin asignar" in hd.who("")
    assert "KJ" in hd.who("Karla Jiménez")


@pytest.mark.parametrize(
    ("minutes", "tone", "amount", "line"),
    [
        pytest.param(152, "ok", "2 h 32 min", "vence 13:14", id="on time"),
        pytest.param(18, "warn", "18 min", "vence 11:00", id="soon"),
        pytest.param(-12, "bad", "−12 min", "venció 10:30", id="broken"),
    ],
)
def test_a_running_clock(minutes: int, tone: str, amount: str, line: str) -> None:
    pill = hd.sla(running(minutes))

    assert f'data-tone="{tone}"' in pill
    assert f'data-left="{minutes * 60}"' in pill
    assert f"<b>{amount}</b>" in pill
    assert hd.due(running(minutes)) == line


def test_a_paused_clock_is_not_repainted() -> None:
    face = faces.clock_face("resolution", target_minutes=60, due_at=None, tz=TZ, now=NOW, note="espera al cliente")

    assert "data-left" not in hd.sla(face)
    assert "Pausado" in hd.sla(face)
    assert hd.due(face) == "espera al cliente"


def test_a_kept_clock_says_what_it_took() -> None:
    face = faces.stopped_face("first_response", used=timedelta(minutes=12), target_minutes=15, breached=False)

    assert "Cumplido en: </span>12 min <small>de 15 min</small>" in hd.sla(face)


def test_no_clock_is_no_pill() -> None:
    assert hd.sla(None) == ""
    assert hd.due(None) == ""


def test_hours_under_the_strip_do_not_touch() -> None:
    ticks = hd._ticks(((540, 840), (960, 1140)))

    assert [(t["text"], t["anchor"]) for t in ticks] == [
        ("00:00", "start"), ("09:00", "middle"), ("14:00", "end"), ("16:00", "start"), ("19:00", "start"),
    ]  # fmt: skip


def test_a_strip_open_around_the_clock() -> None:
    assert [t["anchor"] for t in hd._ticks(((0, 1440),))] == ["start", "end"]


class Sample(forms.Form):
    name = forms.CharField(help_text="Como en su factura.")
    agree = forms.BooleanField(required=False)


def rendered(source: str, **context: object) -> str:
    return Template("{% load hd %}" + source).render(Context(context))


def test_a_field_with_an_error_is_tied_to_it() -> None:
    html = rendered('{% field form.name "Nombre" %}', form=Sample({}))

    assert 'aria-describedby="id_name_error id_name_hint"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_error"' in html
    assert 'id="id_name_hint"' in html
    assert '<label for="id_name">Nombre</label>' in html


def test_a_field_whose_help_is_left_out_points_at_none() -> None:
    html = rendered('{% field form.name "Nombre" "" %}', form=Sample())

    assert "aria-describedby" not in html
    assert "Como en su factura." not in html


def test_an_optional_field_says_so() -> None:
    class Loose(forms.Form):
        rfc = forms.CharField(required=False)

    assert "(opcional)" in rendered("{% field form.rfc %}", form=Loose())
    assert "(opcional)" not in rendered('{% field form.rfc "" "" False %}', form=Loose())


def test_the_summary_links_to_each_field() -> None:
    form = Sample({})
    form.add_error(None, "Falta teléfono o correo.")

    html = rendered("{% errors form %}", form=form)

    assert '<a href="#id_name">' in html
    assert "Falta teléfono o correo." in html
    assert "Revise 2 datos antes de enviar" in html
    assert 'tabindex="-1"' in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert rendered("{% errors form %}", form=Sample()).strip() == ""
    assert rendered("{% errors form %}", form=None).strip() == ""


def test_when_carries_the_instant() -> None:
    html = rendered("{% when at tz now %}", at=NOW, tz=TZ, now=NOW)

    assert html == '<time datetime="2026-11-17T10:42:00-06:00">hoy 10:42</time>'
