"""Canned answers: what is filled in, what stays a gap, and who may write them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from files.models import Attachment
from schedules.hours import Interval, Spec, Weekly
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.tickets.conftest import Clock
from tickets import canned
from tickets.actions import canned as actions
from tickets.actions.canned import Draft
from tickets.models import CannedAnswer, CannedFile, Ticket
from tickets.queries import canned as queries

VALUES = {"cliente.primer_nombre": "Rosa", "empresa": "", "ticket.asunto": "{{mesa}} [[x]]", "mesa": "InvoiceMX"}


# ------------------------------------------------------------------ filling in


@pytest.mark.parametrize(
    ("body", "text", "gaps"),
    [
        pytest.param("Hola, {{cliente.primer_nombre}}:", "Hola, Rosa:", (), id="a place"),
        pytest.param("Hola, {{ Cliente.Primer_Nombre }}:", "Hola, Rosa:", (), id="blanks and capitals"),
        pytest.param("De {{empresa}}.", "De [[empresa]].", ("[[empresa]]",), id="without a value"),
        pytest.param("Su cita: {{cita}}", "Su cita: [[cita]]", ("[[cita]]",), id="not among the values"),
        pytest.param("El [[día del pago]].", "El [[día del pago]].", ("[[día del pago]]",), id="a gap of the author"),
        pytest.param("{{apellido}}", "[[apellido]]", ("[[apellido]]",), id="an unknown place"),
        pytest.param("{{ticket.asunto}}", "{mesa} [x]", (), id="a value is no template"),
        pytest.param("{{{{mesa}}}}", "{{InvoiceMX}}", (), id="braces around a place"),
        pytest.param("{% now 'Y' %}{{ 7|add:1 }}", "{% now 'Y' %}[[add 1]]", ("[[add 1]]",), id="nothing is run"),
        pytest.param("[[1, 2], [3]] y {x}", "[[1, 2], [3]] y {x}", (), id="brackets of a log"),
    ],
)
def test_what_becomes_of_a_text(body: str, text: str, gaps: tuple[str, ...]) -> None:
    filled = canned.fill(body, VALUES)

    assert filled.text == text
    assert filled.gaps == gaps


_words = st.lists(
    st.one_of(
        st.sampled_from([*(f"{{{{{name}}}}}" for name in canned.PLACES), "{{", "}}", "{", "[[", "]]", "mesa", "{{x}}"]),
        st.text(max_size=6),
    ),
    max_size=12,
).map("".join)


@given(body=_words, values=st.dictionaries(st.sampled_from(sorted(canned.PLACES)), _words))
def test_filling_in_never_raises_and_leaves_no_place_that_is_known(body: str, values: dict[str, str]) -> None:
    filled = canned.fill(body, values)

    left = [gap for gap in filled.gaps if gap.startswith("{{")]
    assert left == []
    assert canned.fill(body, values) == filled


def test_what_may_not_go_out() -> None:
    assert canned.gaps("Hola [[fecha]] y {{empresa}} y [[fecha]]") == ("[[fecha]]", "{{empresa}}")
    assert canned.gaps("[contraseña guardada en la bóveda] {{otra cosa}} [[ -f x ]]") == ()
    assert canned.unknown("{{empresa}} {{nombre}} {{") == ("{{nombre}}", "{{")


def test_what_a_ticket_says(cast: Cast) -> None:
    config = desk_queries.config(cast.desk)
    ticket = cast.ticket(product=cast.desk.vendor.products.get(slug="escritorio"), product_version="4.2.7")

    said = queries.values(ticket, config, factories.actor(cast.ada), now=OFFICE)

    assert set(said) == set(canned.PLACES)
    assert said["cliente.primer_nombre"] == "Rosa"
    assert said["empresa"] == "Ferretería La Norteña"
    assert said["consultor"] == "Ada"
    assert said["mesa.horario"] == ("lunes a viernes de 09:00 a 14:00 y de 16:00 a 19:00; sábado de 09:00 a 14:00")
    assert said["mesa.telefono"] == "722 555 0145"
    assert (said["cita"], said["saludo"]) == ("", "Buenos días")
    assert queries.greeting(NIGHT, config) == "Buenas noches"
    assert "/t/" not in said["ticket.enlace"], "no signed link: whoever reads the text would be the requester"


def test_a_week_in_words() -> None:
    from desks import weekwords

    week = tuple(Weekly(day, Interval(0, 1440)) for day in (5, 6))

    assert weekwords.sentence(Spec("America/Mexico_City", hours=week)) == "sábado y domingo de 00:00 a 24:00"
    assert weekwords.sentence(Spec("America/Mexico_City")) == ""


# ------------------------------------------------------------------ writing them


def draft(**fields: Any) -> Draft:
    return Draft(**{"title": "CSD vencido", "shortcut": "csd-vencido", "body": "Hola, {{cliente.nombre}}.", **fields})


def make(cast: Cast, *, by: Any = None, own: bool = False, **fields: Any) -> CannedAnswer:
    who = factories.actor(by or (cast.ada if own else cast.elena))
    return actions.create(cast.desk, draft(**fields), own=own, by=who, now=OFFICE)


def test_the_desks_are_written_by_who_supervises_ones_own_by_oneself(cast: Cast, stranger: Cast) -> None:
    ada, bruno, elena = (factories.actor(person) for person in (cast.ada, cast.bruno, cast.elena))
    shared, mine = make(cast), make(cast, own=True)

    for answer, by, title in ((shared, ada, "x"), (mine, elena, "x")):
        with pytest.raises(Forbidden):
            actions.change(answer, draft(title=title), seen=1, by=by, now=OFFICE)
    with pytest.raises(Forbidden):
        actions.create(cast.desk, draft(shortcut="b"), own=False, by=ada, now=OFFICE)

    assert [answer.pk for answer in queries.of_desk(cast.desk, bruno)] == [shared.pk]
    assert {answer.pk for answer in queries.of_desk(cast.desk, ada)} == {shared.pk, mine.pk}
    assert queries.one(factories.actor(stranger.ada), shared.pk) is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"body": "Hola, {{cliente.apellido}}"}, ("body", "unknown_place")),
        ({"body": "Su contraseña es: Zafiro-7731"}, ("body", "secret")),
        ({"body": "  "}, ("body", "required")),
        ({"shortcut": "CSD vencido"}, ("shortcut", "invalid_shortcut")),
        ({"product_id": 987654}, ("product", "invalid_choice")),
        ({"files": [ContentFile(b"x", name="csd.key")]}, ("files", "secret")),
        ({"files": [ContentFile(b"x", name=f"{n}.txt") for n in range(6)]}, ("files", "too_many")),
        ({"title": "Otra"}, ("shortcut", "taken")),
    ],
)
def test_what_is_refused_stands_at_its_field(
    cast: Cast, media: Any, fields: dict[str, Any], fault: tuple[str, str]
) -> None:
    make(cast)

    with pytest.raises(Invalid) as refused:
        make(cast, **({"shortcut": "otra"} if "title" not in fields else {}) | fields)

    assert [(error.field, error.code) for error in refused.value.errors] == [fault]
    assert CannedAnswer.objects.count() == 1
    assert CannedFile.objects.count() == 0


def test_a_file_that_is_taken_out_is_gone_with_its_bytes(
    cast: Cast, media: Any, django_capture_on_commit_callbacks: Any
) -> None:
    answer = make(cast, files=[ContentFile(b"%PDF-1.4", name=name) for name in ("vieja.pdf", "guia.pdf")])
    old = answer.files.get(attachment__filename="vieja.pdf")
    key = old.attachment.storage_key

    with django_capture_on_commit_callbacks(execute=True):
        actions.change(answer, draft(dropped=[old.pk]), seen=1, by=factories.actor(cast.elena), now=OFFICE)

    assert [attachment.filename for attachment in Attachment.objects.all()] == ["guia.pdf"]
    assert not default_storage.exists(key)


def test_two_who_edit_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    answer, elena = make(cast), factories.actor(cast.elena)
    actions.change(answer, draft(body="Primera"), seen=1, by=elena, now=OFFICE)

    with pytest.raises(Conflict):
        actions.change(answer, draft(body="Segunda"), seen=1, by=elena, now=OFFICE)

    assert CannedAnswer.objects.get().body == "Primera"


def test_one_that_is_put_away_leaves_its_shortcut_free(cast: Cast) -> None:
    old, elena = make(cast), factories.actor(cast.elena)
    actions.set_active(old, False, by=elena, now=OFFICE)
    make(cast, title="La nueva")

    with pytest.raises(Conflict, match="conflict"):
        actions.set_active(old, True, by=elena, now=OFFICE)


@pytest.fixture
def three(cast: Cast) -> tuple[Ticket, dict[str, CannedAnswer]]:
    """A ticket about Escritorio, with answers for it, for Nube, and for any product."""
    products = {product.slug: product for product in cast.desk.vendor.products.all()}
    found = {
        name: make(cast, shortcut=name, title=title, product_id=products[product].pk if product else None)
        for name, title, product in (
            ("xml", "Descarga de XML", "escritorio"),
            ("nube", "Entrar a la nube", "nube"),
            ("cancelacion", "Cancelación con motivo", ""),
        )
    }
    return cast.ticket(product=products["escritorio"]), found


def test_those_of_the_product_come_first_then_the_most_used(
    cast: Cast, three: tuple[Ticket, dict[str, CannedAnswer]], django_assert_num_queries: Any
) -> None:
    ticket, _answers = three
    often = make(cast, shortcut="otra", title="Otra", own=True)
    actions.count(often.pk)
    ada, bruno = factories.actor(cast.ada), factories.actor(cast.bruno)

    with django_assert_num_queries(1):
        found = [answer.shortcut for answer in queries.usable(ticket, ada)]

    assert found == ["xml", "otra", "cancelacion"]
    for by, like, names in ((bruno, "cancelacion", ["cancelacion"]), (ada, "otr", ["otra"]), (bruno, "otr", [])):
        assert [answer.shortcut for answer in queries.usable(ticket, by, like=like)] == names


# ------------------------------------------------------------------ the pages


def browser_of(person: Any) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


FORM = {"whose": "desk", "title": "CSD vencido", "shortcut": "/csd-vencido", "body": "Hola, {{cliente.nombre}}."}


def test_it_is_tried_on_a_ticket_then_saved_then_put_away(cast: Cast, at: Clock) -> None:
    browser, ticket = browser_of(cast.elena), cast.ticket()

    tried = browser.post("/ajustes/plantillas/nueva/", {**FORM, "ticket": ticket.number, "preview": "1"})
    assert tried.status_code == 200
    assert "Rosa Medina" in tried.content.decode()
    assert not CannedAnswer.objects.exists()
    saved = browser.post("/ajustes/plantillas/nueva/", FORM, follow=True)
    answer = CannedAnswer.objects.get()
    assert "/csd-vencido" in saved.content.decode()
    browser.post(f"/ajustes/plantillas/{answer.pk}/estado/", {"activa": "0"})

    assert not CannedAnswer.objects.get().is_active


def test_an_unknown_place_is_named_at_its_field_and_nothing_typed_is_lost(cast: Cast, at: Clock) -> None:
    page = browser_of(cast.elena).post("/ajustes/plantillas/nueva/", {**FORM, "body": "Hola, {{apellido}}"})

    assert page.status_code == 422
    assert "{{apellido}}" in page.context["form"].errors["body"][0]
    assert "Hola, {{apellido}}" in page.content.decode()


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(cast: Cast, at: Clock) -> None:
    answer = make(cast)
    actions.change(answer, draft(body="Primera"), seen=1, by=factories.actor(cast.elena), now=OFFICE)

    page = browser_of(cast.elena).post(f"/ajustes/plantillas/{answer.pk}/", {**FORM, "version": "1", "body": "Mía"})

    assert page.status_code == 409
    assert "Mía" in page.content.decode()
    assert CannedAnswer.objects.get().body == "Primera"


def test_a_consultant_writes_their_own_only(cast: Cast, at: Clock) -> None:
    browser, shared = browser_of(cast.ada), make(cast)

    assert browser.get(f"/ajustes/plantillas/{shared.pk}/").status_code == 403
    browser.post("/ajustes/plantillas/nueva/", {**FORM, "whose": "desk"})
    browser.post("/ajustes/plantillas/nueva/", {**FORM, "whose": "own"})

    assert list(CannedAnswer.objects.values_list("owner_id", flat=True).order_by("pk")) == [None, cast.ada.pk]
