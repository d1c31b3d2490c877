"""Clients from a file: what a row says, which rows belong together, and nothing twice or half."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from clients import import_actions as actions
from clients.imports import companies, lines
from clients.imports.lines import Line
from clients.models import Branch, Client, ClientImport, Contact, ContactLink, Contract, TaxId
from core.errors import Conflict, Forbidden, Invalid
from desks import actions as desk_actions
from desks.models import Plan, SLAPolicy, SLATarget
from files import tables
from schedules import actions as schedule_actions
from tests import factories
from tests.factories import OFFICE, Cast
from tickets.models import Clock, Ticket, TicketEvent

HEADINGS = (
    "Empresa,RFC,Razón social,Régimen,CP,Sucursal,Dirección,Contacto,Correo,Teléfono,Alcance,Plan,Inicio,Fin,Ejecutivo"
)
FRESNO = (
    "Papelería El Fresno,PFR190322KQ8,Papelería El Fresno SA de CV,601 General,6600,Centro,Juárez 12,"
    "Laura Medina,Laura@elfresno.example,044 722 555 0191,empresa,Premium,01/03/2026,,paola@invoice-mx.example"
)
METEPEC = "Papelería El Fresno,,,,,Metepec,Leona Vicario 8,Raúl Peña,,55 5555 0134,,,,,"


def file(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\n".join((headings, *rows)).encode()


def read(*rows: str, headings: str = HEADINGS) -> list[Line]:
    return lines.read(tables.read(file(*rows, headings=headings)))


# ------------------------------------------------------------------ rows


def test_a_row_as_it_is_written_in_mexico() -> None:
    (line,) = read(FRESNO)

    assert line.errors == ()
    assert (line.rfc, line.regimen, line.postal_code) == ("PFR190322KQ8", "601", "06600")
    assert (line.phone, line.scope) == ("+527225550191", "company")
    assert line.starts_on == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        pytest.param({"Empresa": "", "CP": "5000"}, [("company", "required"), ("rfc", "required")], id="nobody's row"),
        pytest.param({"RFC": "PFR19032KQ8"}, [("rfc", "rfc_shape")], id="RFC lacks a digit"),
        pytest.param({"RFC": "XAXX010101000"}, [("rfc", "generic_rfc")], id="generic RFC"),
        pytest.param({"RFC": "PFR190322KQ8", "Régimen": "999"}, [("regimen", "unknown")], id="no such regime"),
        pytest.param({"RFC": "PFR190322KQ8", "CP": "12"}, [("postal_code", "postal_code")], id="postal code"),
        pytest.param({"Contacto": "Laura"}, [("email", "unreachable")], id="contact without address"),
        pytest.param({"Correo": "l@x.example"}, [("contact", "required")], id="address without name"),
        pytest.param({"Contacto": "L", "Correo": "l@x"}, [("email", "email")], id="not an address"),
        pytest.param({"Contacto": "L", "Teléfono": "722 55"}, [("phone", "phone")], id="phone too short"),
        pytest.param({"Dirección": "Juárez 12"}, [("branch", "required")], id="address of no branch"),
        pytest.param({"Inicio": "01/03/2026"}, [("plan", "required")], id="dates of no plan"),
        pytest.param({"Plan": "x", "Inicio": "31/02/2026"}, [("starts_on", "invalid_date")], id="no such day"),
        pytest.param(
            {"Plan": "x", "Inicio": "02/03/2026", "Fin": "01/03/2026"}, [("ends_on", "before_start")], id="ends first"
        ),
        pytest.param({"Alcance": "algunos"}, [("scope", "invalid_choice")], id="scope"),
    ],
)
def test_says_what_is_wrong_with_a_row(cells: dict[str, str], faults: list[tuple[str, str]]) -> None:
    row = dict.fromkeys(HEADINGS.split(","), "") | {"Empresa": "El Fresno"} | cells

    (line,) = read(",".join(row.values()))

    assert [(error.field, error.code) for error in line.errors] == faults
    assert all(str(error.message) for error in line.errors)


def test_a_wrong_check_digit_is_a_warning() -> None:
    (line,) = read("El Fresno,PFR190322KQ9,,,,,,,,,,,,,")

    assert line.errors == ()
    assert "PFR190322KQ9" in str(line.warnings[0])


@pytest.mark.parametrize(
    ("headings", "code"), [("Plan,Correo", "no_company_column"), ("Empresa,Cliente", "repeated_heading")]
)
def test_refuses_columns_that_make_no_sense(headings: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read("a,b", headings=headings)

    assert refused.value.errors[0].code == code


# ------------------------------------------------------------------ companies


def test_rows_of_one_company_share_its_name_or_an_rfc() -> None:
    found = companies.group(
        [Line(2, company="A", rfc="R1"), Line(3, company="B"), Line(4, company="á "), Line(5, company="C", rfc="R1")]
    )

    assert [[line.number for line in one.lines] for one in found] == [[2, 4, 5], [3]]
    assert found[0].name == "A"


_LINES = st.lists(st.builds(lambda n, r: (n, r), st.sampled_from(["", "A", "B", "C"]), st.sampled_from(["", "R", "S"])))


@given(_LINES)
def test_grouping_is_reachability(pairs: list[tuple[str, str]]) -> None:
    """Against the slow model: rows belong together when a chain of shared names or RFCs leads from one to the other."""
    rows = [Line(n, company=name, rfc=rfc) for n, (name, rfc) in enumerate(pairs)]

    def joined(a: Line, b: Line) -> bool:
        return bool(a.company and a.company == b.company) or bool(a.rfc and a.rfc == b.rfc)

    groups = [{line.number for line in one.lines} for one in companies.group(rows)]

    for group in groups:
        reached = {min(group)}
        for _step in rows:
            reached |= {b.number for a in rows for b in rows if a.number in reached and joined(a, b)}
        assert reached == group
    assert sorted(n for group in groups for n in group) == list(range(len(rows)))


# ------------------------------------------------------------------ applying


@pytest.fixture
def cast(db: Any, settings: Any, tmp_path: Any) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    found = factories.Cast()
    Plan.objects.create(desk=found.desk, slug="premium", name="Premium")
    return found


def brought(cast: Cast, *rows: str) -> ClientImport:
    by = factories.actor(cast.marcela)
    kept = actions.upload(cast.desk, file(*rows), filename="clientes.csv", by=by, now=OFFICE)
    return actions.apply(kept, by=by, now=OFFICE)


def test_several_rows_make_one_company_with_all_that_hangs_on_it(cast: Cast) -> None:
    brought(cast, FRESNO, METEPEC)

    client = Client.objects.get(name="Papelería El Fresno")
    assert client.account_executive_id == cast.paola.pk
    assert list(client.tax_ids.values_list("rfc", "regimen", "postal_code")) == [("PFR190322KQ8", "601", "06600")]
    assert list(client.branches.order_by("name").values_list("name", flat=True)) == ["Centro", "Metepec"]
    assert set(client.links.values_list("contact__name", "scope")) == {
        ("Laura Medina", "company"),
        ("Raúl Peña", "own"),
    }
    assert client.contracts.get().starts_on == date(2026, 3, 1)


def test_a_file_that_is_sealed_as_a_key_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        actions.upload(cast.desk, file(FRESNO), filename="clientes.key", by=factories.actor(cast.marcela), now=OFFICE)

    assert refused.value.errors[0].code == "unreadable"
    assert not ClientImport.objects.exists()


def test_the_preview_changes_nothing_and_says_what_will_change(cast: Cast) -> None:
    by = factories.actor(cast.marcela)
    n_before = Client.objects.count()

    kept = actions.upload(cast.desk, file(FRESNO, METEPEC), filename="c.csv", by=by, now=OFFICE)

    assert Client.objects.count() == n_before
    assert kept.summary["new_client"] == 1
    applied = actions.apply(kept, by=by, now=OFFICE)
    assert applied.summary == kept.summary


def test_bringing_the_same_file_again_changes_nothing(cast: Cast) -> None:
    brought(cast, FRESNO, METEPEC)

    again = actions.upload(
        cast.desk, file(FRESNO, METEPEC), filename="c.csv", by=factories.actor(cast.marcela), now=OFFICE
    )

    assert actions.preview(again, now=OFFICE).is_empty


def test_applying_twice_is_applying_once(cast: Cast) -> None:
    kept = brought(cast, FRESNO)
    n_changes = kept.changes.count()

    actions.apply(kept, by=factories.actor(cast.marcela), now=OFFICE)

    assert kept.changes.count() == n_changes


def test_a_company_that_is_known_by_its_rfc_gets_what_the_file_says(cast: Cast) -> None:
    brought(cast, "Ferretería La Norteña,FNO180312KX1,,,50000,,,Rosa Medina Paz,rosa@invoice-mx-cliente.example,,,,,,")

    assert Client.objects.filter(tax_ids__rfc="FNO180312KX1").count() == 1
    assert TaxId.objects.get(rfc="FNO180312KX1").postal_code == "50000"
    assert Contact.objects.get(pk=cast.rosa.pk).name == "Rosa Medina Paz"


def test_rows_that_do_not_fit_are_left_out_and_the_others_count(cast: Cast) -> None:
    kept = brought(
        cast,
        FRESNO,
        "El Roble,,,,,,,,,,,Plan que no hay,,,",
        "La Encina,,,,,,,,,,,,,,nadie@otra.example",
        "Mezcla,FNO180312KX1,,,,,,,,,,,,,",
        "Mezcla,MSC120215JH5,,,,,,,,,,,,,",
    )

    refused = actions.preview(kept, now=OFFICE).refused
    assert [(line.number, line.errors[0].code) for line in refused] == [
        (3, "unknown"),
        (4, "unknown"),
        (5, "several_clients"),
        (6, "several_clients"),
    ]
    assert not Client.objects.filter(name__in=["El Roble", "La Encina", "Mezcla"]).exists()
    assert Client.objects.filter(name="Papelería El Fresno").exists()


def test_what_another_vendor_has_is_not_touched(cast: Cast) -> None:
    other = factories.Cast("otra-mesa", prefix="OTR")
    before = (Client.objects.filter(vendor=other.desk.vendor).count(), other.company.name)

    brought(cast, "Nombre nuevo,FNO180312KX1,,,,,,,,,,,,,")

    other.company.refresh_from_db()
    assert (Client.objects.filter(vendor=other.desk.vendor).count(), other.company.name) == before


def test_undoing_gives_back_what_was_and_the_same_file_can_come_again(cast: Cast) -> None:
    kept = brought(cast, FRESNO, "Ferretería Nueva,FNO180312KX1,,,50000,,,,,,,,,,")
    by = factories.actor(cast.marcela)

    undone = actions.undo(kept, by=by, now=OFFICE)

    assert undone.summary["kept"] == 0
    cast.company.refresh_from_db()
    assert cast.company.name == "Ferretería La Norteña"
    assert TaxId.objects.get(rfc="FNO180312KX1").postal_code == ""
    fresno = Client.objects.get(name="Papelería El Fresno", is_active=False)
    assert not ContactLink.objects.filter(client=fresno).exists()
    assert not Contract.objects.filter(client=fresno).exists()

    brought(cast, FRESNO)
    assert Client.objects.get(name="Papelería El Fresno").is_active
    assert Contact.objects.filter(email__iexact="laura@elfresno.example").count() == 1


def test_undoing_leaves_what_somebody_changed_or_used_since(cast: Cast) -> None:
    kept = brought(cast, "Ferretería La Norteña,FNO180312KX1,,,50000,Centro,,,,,,,,,")
    TaxId.objects.filter(rfc="FNO180312KX1").update(postal_code="50100")
    branch = Branch.objects.get(client=cast.company, name="Centro")
    cast.ticket(branch=branch)

    undone = actions.undo(kept, by=factories.actor(cast.marcela), now=OFFICE)

    assert undone.summary["kept"] == 2
    assert TaxId.objects.get(rfc="FNO180312KX1").postal_code == "50100"
    assert Branch.objects.filter(pk=branch.pk).exists()


def test_what_was_never_applied_cannot_be_undone_nor_the_undone_applied(cast: Cast) -> None:
    by = factories.actor(cast.marcela)
    kept = actions.upload(cast.desk, file(FRESNO), filename="c.csv", by=by, now=OFFICE)
    with pytest.raises(Conflict, match="not_applied"):
        actions.undo(kept, by=by, now=OFFICE)

    actions.undo(actions.apply(kept, by=by, now=OFFICE), by=by, now=OFFICE)

    with pytest.raises(Conflict, match="import_undone"):
        actions.apply(kept, by=by, now=OFFICE)


@pytest.mark.parametrize("who", ["elena", "ada", "paola"])
def test_only_a_manager_brings_clients_in(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        actions.upload(cast.desk, file(FRESNO), filename="c.csv", by=factories.actor(getattr(cast, who)), now=OFFICE)


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_the_same_companies_at_once_make_them_once(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast = factories.Cast()
    Plan.objects.create(desk=cast.desk, slug="premium", name="Premium")
    by = factories.actor(cast.marcela)
    kept = [actions.upload(cast.desk, file(FRESNO), filename="c.csv", by=by, now=OFFICE) for _n in range(4)]
    failed: list[BaseException] = []

    def go(one: ClientImport) -> None:
        try:
            actions.apply(one, by=by, now=OFFICE)
        except BaseException as wrong:
            failed.append(wrong)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[one]) for one in kept]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failed == []
    assert Client.objects.filter(name="Papelería El Fresno").count() == 1
    assert sorted(one.changes.count() for one in ClientImport.objects.all())[:3] == [0, 0, 0]


# ------------------------------------------------------------------ doors


def test_planning_takes_the_same_statements_whatever_the_file(cast: Cast, django_assert_num_queries: Any) -> None:
    by = factories.actor(cast.marcela)
    brought(cast, FRESNO, METEPEC)
    small = actions.upload(cast.desk, file(FRESNO), filename="c.csv", by=by, now=OFFICE)
    many = [f"Empresa {n},,,,,Sucursal {n},,Persona {n},p{n}@x.example,,,Premium,,," for n in range(300)]
    large = actions.upload(cast.desk, file(FRESNO, *many), filename="c.csv", by=by, now=OFFICE)

    for kept in (small, large):
        with django_assert_num_queries(8):
            actions.preview(kept, now=OFFICE)


def test_by_the_api(cast: Cast, client: Any) -> None:
    client.force_login(cast.marcela)
    body = {"desk": "invoice-mx", "file": SimpleUploadedFile("c.csv", file(FRESNO, "El Roble,XX,,,,,,,,,,,,,"))}

    made = client.post("/api/v1/clients/imports/", body)

    assert made.status_code == 201
    assert made.json()["summary"]["new_client"] == 1
    assert made.json()["refused"][0]["line"] == 3
    address = f"/api/v1/clients/imports/{made.json()['id']}/"
    assert client.post(address + "undo/").json()["code"] == "not_applied"
    assert client.post(address + "apply/").json()["state"] == "applied"
    assert client.get(address).json()["summary"]["new_client"] == 1
    assert client.post(address + "undo/").json()["state"] == "undone"


def test_by_the_page_a_wrong_file_is_told_at_its_field(cast: Cast, client: Any) -> None:
    client.force_login(cast.marcela)

    for data, said in ((b"\x00\x01", "no se puede leer"), (b"", "no tiene renglones")):
        answer = client.post("/clientes/importar/", {"mesa": "invoice-mx", "file": SimpleUploadedFile("c.csv", data)})
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_rows_to_be_mended_come_as_a_table(cast: Cast, client: Any) -> None:
    client.force_login(cast.marcela)
    kept = actions.upload(
        cast.desk, file("=cmd,XX,,,,,,,,,,,,,"), filename="c.csv", by=factories.actor(cast.marcela), now=OFFICE
    )

    text = client.get(f"/clientes/importar/{kept.pk}/renglones.csv").content.decode("utf-8-sig")

    assert "'=cmd" in text
    assert "RFC" in text


# ------------------------------------------------------------------ what a contract promises


def test_a_contract_from_a_file_reckons_the_open_tickets_of_its_company_anew(cast: Cast) -> None:
    fast = SLAPolicy.objects.create(desk=cast.desk, slug="premium", name="Premium")
    for kind, minutes in (("first_response", 60), ("next_update", 120), ("resolution", 240)):
        SLATarget.objects.create(policy=fast, priority="normal", kind=kind, minutes=minutes)
    Plan.objects.filter(desk=cast.desk, slug="premium").update(sla_policy=fast)
    desk_actions.touch(cast.desk)
    ticket = cast.ticket(request_type="usage_guidance")
    other = factories.make_ticket(cast.desk, contact=cast.tom)

    kept = brought(cast, "Ferretería La Norteña,FNO180312KX1,,,,,,,,,,Premium,01/11/2026,,")
    schedule_actions.fire_due(now=OFFICE)

    def target(of: Ticket) -> int:
        return Clock.objects.get(ticket=of, kind="first_response", stopped_at__isnull=True).target_minutes

    assert (target(ticket), target(other)) == (60, 240)
    event = TicketEvent.objects.filter(ticket=ticket, type="ticket.clock_recomputed").first()
    assert event is not None
    assert event.data["cause"] == "plan"

    actions.undo(kept, by=factories.actor(cast.marcela), now=OFFICE + timedelta(minutes=1))
    schedule_actions.fire_due(now=OFFICE + timedelta(minutes=1))
    assert target(ticket) == 240
