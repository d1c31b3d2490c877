"""A desk as a file: whole or not at all, twice is once, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from accounts.models import User
from core.actor import Actor, ActorKind
from core.errors import Invalid
from desks import queries
from desks.models import Desk, DeskContact, EscalationStep, Membership, Plan, Product, SLATarget, Vendor
from helpdesk import deskfile
from schedules.models import BusinessCalendar, CalendarVersion, Rota, RotaVersion

pytestmark = pytest.mark.django_db

DATA = Path(__file__).resolve().parents[2] / "desks" / "data"
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
BY = Actor(ActorKind.SERVICE, label="test")
FILES = ("invoice-mx", "facturando")
TABLES = (Vendor, Desk, User, Membership, BusinessCalendar, CalendarVersion, Rota, RotaVersion, Product, Plan)


def text_of(name: str) -> str:
    return (DATA / f"{name}.yaml").read_text("utf-8")


def parts_of(name: str) -> dict[str, Any]:
    parts: dict[str, Any] = yaml.safe_load(text_of(name))
    return parts


def load(parts: dict[str, Any] | str, *, now: datetime = NOW) -> list[str]:
    text = parts if isinstance(parts, str) else yaml.safe_dump(parts, allow_unicode=True, sort_keys=False)
    return deskfile.load(text, now=now, by=BY)


def desk_of(slug: str) -> Desk:
    return Desk.objects.select_related("vendor").get(slug=slug)


def refused(parts: dict[str, Any] | str) -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        load(parts)
    return {error.field: error.code for error in wrong.value.errors}


# --- both desks


@pytest.mark.parametrize("name", FILES)
def test_loading_twice_changes_nothing(name):
    assert load(text_of(name))
    before = [model.objects.count() for model in TABLES]
    version = desk_of(name).config_version

    assert load(text_of(name), now=LATER) == []

    assert [model.objects.count() for model in TABLES] == before
    assert desk_of(name).config_version == version


@pytest.mark.parametrize("name", FILES)
def test_what_is_dumped_loads_back_to_the_same(name):
    load(text_of(name))
    dumped = deskfile.dump(desk_of(name))

    assert load(dumped, now=LATER) == []
    assert deskfile.dump(desk_of(name)) == dumped


@pytest.mark.parametrize("name", FILES)
def test_a_dump_makes_the_same_desk_where_there_was_none(name):
    load(text_of(name))
    dumped = deskfile.dump(desk_of(name))
    renamed = dumped.replace(f"slug: {name}", "slug: gemela").replace("prefix: ", "prefix: G")
    load(renamed)

    again = deskfile.dump(desk_of("gemela"))

    assert again.splitlines()[1:] == renamed.splitlines()[1:]


def test_the_manual_of_invoice_mx_is_in_its_file():
    load(text_of("invoice-mx"))
    desk = desk_of("invoice-mx")
    config = queries.config(desk)

    assert (desk.trato, desk.prefix, desk.has_rota) == ("usted", "IMX", True)
    assert {contact.purpose for contact in config.contacts} == {"office", "on_call", "helpdesk", "sales", "management"}
    assert len([c for c in config.contacts if c.purpose == "office" and c.kind == "phone"]) == 2
    assert len(config.texts["before_calling"]["items"]) == 3
    assert len(config.texts["when_to_ask"]["items"]) == 6
    assert len(config.texts["procedure_office"]["items"]) == 4
    assert len(config.texts["procedure_outside"]["items"]) == 5
    assert [item["title"] for item in config.texts["stamps"]["items"]] == [
        "Cantidad de timbres",
        "RFC a facturar",
        "Nombre comercial",
    ]
    assert all(plan.extra_prices == {} for plan in config.plans)


@pytest.mark.parametrize(
    ("priority", "minutes"),
    [("critical", (15, 60, 240)), ("high", (30, 120, 480)), ("normal", (240, 480, 960)), ("low", (480, 960, 2400))],
)
def test_targets_are_those_of_the_contract(priority, minutes):
    for name in FILES:
        load(text_of(name))
        targets = queries.config(desk_of(name)).targets()[priority]

        assert tuple(targets[kind].minutes for kind in ("first_response", "next_update", "resolution")) == minutes
        around = name == "invoice-mx" and priority in ("critical", "high")
        assert {target.around_the_clock for target in targets.values()} == {around}


def test_the_ladders_are_those_of_the_contract():
    for name in FILES:
        load(text_of(name))
    invoice, facturando = (queries.config(desk_of(name)) for name in FILES)

    assert [(s.whom, s.after_minutes, s.repeat_minutes, s.at_most) for s in invoice.on_call_steps] == [
        ("on_call", 0, None, 1),
        ("superior", 10, None, 1),
        ("manager", 10, 15, 8),
        ("everybody", 15, None, 1),
    ]
    office = [("superior", 80, 0, False), ("superior", 100, 0, True), ("manager", 100, 30, False)]
    for config in (invoice, facturando):
        assert [(s.whom, s.at_percent, s.after_minutes, s.takes) for s in config.office_steps] == office
    assert facturando.on_call_steps == ()


def test_the_guide_of_facturando_is_in_its_file():
    load(text_of("facturando"))
    desk = desk_of("facturando")
    config = queries.config(desk)

    assert (desk.trato, desk.has_rota, desk.channels) == ("tu", False, ["web", "chat", "api"])
    assert config.plans[0].extra_prices.keys() == {"remote", "phone"}
    assert [item["title"] for item in config.texts["recommendations"]["items"]] == [
        "Soporte técnico",
        "Soporte a soluciones de Facturando",
        "Identificación",
        "Programa usado",
        "Descripción del mensaje",
        "Horarios de atención",
        "Continuidad en el chat",
        "Tolerancia en el chat",
    ]


@pytest.mark.parametrize(
    ("name", "at", "is_open", "changes_at"),
    [
        pytest.param("invoice-mx", "2026-11-17T10:42:00-06:00", True, "2026-11-17T14:00:00-06:00", id="office"),
        pytest.param("invoice-mx", "2026-11-17T15:00:00-06:00", False, "2026-11-17T16:00:00-06:00", id="lunch"),
        pytest.param("invoice-mx", "2026-11-14T13:59:00-06:00", True, "2026-11-14T14:00:00-06:00", id="Saturday"),
        pytest.param("invoice-mx", "2026-11-14T14:00:00-06:00", False, "2026-11-17T09:00:00-06:00", id="long weekend"),
        pytest.param("facturando", "2026-11-17T15:00:00-06:00", True, "2026-11-17T18:00:00-06:00", id="chat"),
        pytest.param("facturando", "2026-11-14T10:00:00-06:00", False, "2026-11-17T09:00:00-06:00", id="no Saturday"),
    ],
)
def test_the_hours_are_those_of_the_seeds(name, at, is_open, changes_at):
    load(text_of(name))

    status = queries.open_status(desk_of(name), datetime.fromisoformat(at))

    assert (status.is_open, status.changes_at) == (is_open, datetime.fromisoformat(changes_at))


def test_the_day_of_the_desk_page_is_told_in_local_stretches():
    load(text_of("invoice-mx"))

    status = queries.open_status(desk_of("invoice-mx"), NOW)

    assert [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in status.today] == [
        ("09:00", "14:00"),
        ("16:00", "19:00"),
    ]
    assert (status.reason, status.has_rota) == ("hours", True)
    holiday = queries.open_status(desk_of("invoice-mx"), datetime(2026, 11, 16, 18, tzinfo=UTC))
    assert (holiday.reason, holiday.today) == ("holiday", ())
    assert "Revolución" in holiday.day_name


def test_in_office_hours_the_office_phone_comes_first():
    load(text_of("invoice-mx"))

    now = queries.contacts_now(desk_of("invoice-mx"), NOW)

    assert now.is_open
    assert now.first is not None
    assert (now.first.purpose, now.first.address) == ("office", "722 555 0145")
    assert [contact.purpose for contact in now.resting] == ["on_call"]
    assert now.on_call is None


def test_outside_them_the_number_of_who_is_on_call_does():
    load(text_of("invoice-mx"))

    now = queries.contacts_now(desk_of("invoice-mx"), datetime(2026, 11, 18, 4, 0, tzinfo=UTC))

    assert not now.is_open
    assert now.first is not None
    assert (now.first.purpose, now.first.address, now.first.first_name) == ("on_call", "722 555 0177", "Iván")
    assert now.contacts[0] == now.first
    assert {contact.purpose for contact in now.resting} == {"office"}
    assert now.on_call is not None
    assert now.on_call.name == "Iván Rentería"


def test_where_nobody_takes_calls_there_is_no_number_to_call():
    load(text_of("facturando"))

    for at in (NOW, datetime(2026, 11, 18, 4, 0, tzinfo=UTC)):
        now = queries.contacts_now(desk_of("facturando"), at)
        assert now.first is None
        assert now.on_call is None
        assert now.contacts


def test_people_get_accounts_without_a_password():
    load(text_of("invoice-mx"))

    assert not any(user.has_usable_password() for user in User.objects.all())
    assert User.objects.get(email="karla@invoicemx.example").name == "Karla Jiménez"


def test_what_stands_in_the_files_was_invented():
    for name in FILES:
        parts = parts_of(name)
        emails = [p["email"] for p in parts["people"]] + [parts["desk"]["email"]]
        phones = [p["phone"] for p in parts["people"]] + [c["address"] for c in parts["contacts"]]
        digits = ["".join(c for c in phone if c.isdigit())[-10:] for phone in phones if "@" not in phone]

        assert all(email.endswith(".example") for email in emails)
        assert all(number[:6] in ("722555", "555555") for number in digits if number)


# --- changes


def test_what_the_file_leaves_out_is_deactivated_and_comes_back():
    parts = parts_of("invoice-mx")
    load(parts)
    n_before = [model.objects.count() for model in TABLES]
    less = {
        **parts,
        "products": parts["products"][:2],
        "people": [person for person in parts["people"] if person["email"] != "saul@invoicemx.example"],
        "contacts": parts["contacts"][1:],
    }
    for person in less["people"]:
        person["products"] = []

    load(less, now=LATER)

    assert list(Product.objects.filter(is_active=False).values_list("slug", flat=True)) == ["conector-erp"]
    assert [m.user.name for m in Membership.objects.filter(is_active=False)] == ["Saúl Garduño"]
    assert [c.address for c in DeskContact.objects.filter(is_active=False)] == ["722 555 0145"]
    assert queries.config(desk_of("invoice-mx")).contacts[0].address == "722 555 0146"

    load(text_of("invoice-mx"), now=LATER)

    assert [model.objects.count() for model in TABLES] == n_before
    assert not Membership.objects.filter(is_active=False).exists()
    assert len(queries.config(desk_of("invoice-mx")).contacts) == 7
    assert load(text_of("invoice-mx"), now=LATER) == []


def test_other_hours_are_a_new_version_from_that_day_on():
    parts = parts_of("facturando")
    load(parts)
    parts["calendars"][0]["hours"][0]["opens"] = "10:00"

    assert load(parts, now=LATER) == ["calendar chat: version"]

    calendar = BusinessCalendar.objects.get(scope="facturando", slug="chat")
    assert [version.valid_from.isoformat() for version in calendar.versions.order_by("id")] == [
        "0001-01-01",
        "2026-11-20",
    ]
    desk = desk_of("facturando")
    before, after = (datetime(2026, 11, day, 15, 30, tzinfo=UTC) for day in (9, 23))  # Mondays, 09:30
    assert queries.open_status(desk, before).is_open
    assert not queries.open_status(desk, after).is_open


def test_another_rotation_is_a_new_version_and_the_past_stays():
    parts = parts_of("invoice-mx")
    load(parts)
    parts["rotas"][0]["layers"][0]["members"].reverse()

    assert load(parts, now=LATER) == ["rota guardia"]

    assert RotaVersion.objects.count() == 2
    night = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
    on_call = queries.contacts_now(desk_of("invoice-mx"), night).on_call
    assert on_call is not None
    assert on_call.first_name == "Iván"


def test_a_change_of_promises_replaces_them_whole():
    parts = parts_of("invoice-mx")
    load(parts)
    parts["sla_policies"][0]["targets"]["critical"]["first_response"]["minutes"] = 5
    parts["escalation"]["on_call"]["steps"][1]["after_minutes"] = 5

    changes = load(parts, now=LATER)

    assert changes == ["sla_policy general: targets", "escalation on_call: steps"]
    assert SLATarget.objects.count() == 12
    assert EscalationStep.objects.count() == 7
    config = queries.config(desk_of("invoice-mx"))
    assert config.targets()["critical"]["first_response"].minutes == 5
    assert config.on_call_steps[1].after_minutes == 5


def test_a_second_desk_of_a_vendor_leaves_the_products_of_the_first():
    parts = parts_of("invoice-mx")
    load(parts)
    second = {**parts, "desk": {**parts["desk"], "slug": "invoice-norte", "prefix": "NOR"}, "products": []}
    for person in second["people"]:
        person["products"] = []
    for answer in second["canned_answers"]:
        answer.pop("product", None)

    load(second)

    assert Product.objects.filter(vendor__slug="invoice-mx", is_active=True).count() == 3


# --- refusals


def change(path: str, value: Any) -> dict[str, Any]:
    """Return invoice-mx with one value changed; `...` takes it out."""
    parts = parts_of("invoice-mx")
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = parts
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return parts


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("format", 2, "format", "out_of_range"),
        ("vendor", ..., "vendor", "required"),
        ("desk.slug", "con espacio", "desk.slug", "invalid_slug"),
        ("desk.prefix", "imx", "desk.prefix", "invalid_prefix"),
        ("desk.trato", "vos", "desk.trato", "unknown"),
        ("desk.timezone", "America/Atlantis", "desk.timezone", "unknown_zone"),
        ("desk.email", "ayuda", "desk.email", "invalid_email"),
        ("desk.channels", ["web", "fax"], "desk.channels.1", "unknown"),
        ("desk.channels", "web", "desk.channels", "not_a_list"),
        ("desk.join_minutes", -1, "desk.join_minutes", "out_of_range"),
        ("desk.join_minutes", "una hora", "desk.join_minutes", "not_a_number"),
        ("desk.tell_clients_from", "8", "desk.tell_clients_from", "invalid_time"),
        ("desk.calendar", "no-hay", "desk.calendar", "unknown"),
        ("desk.calendar", ..., "desk.calendar", "required"),
        ("desk.rota", "no-hay", "desk.rota", "unknown"),
        ("desk.color", "rojo", "desk.color", "unknown_name"),
        ("sorpresa", 1, "sorpresa", "unknown_name"),
        ("calendars.0.hours.0.closes", "09:00", "calendars.0.hours.0.closes", "equal_times"),
        ("calendars.0.hours", [], "calendars.0.hours", "never_opens"),
        ("calendars.0.hours.0.opnes", "09:00", "calendars.0.hours.0.opnes", "unknown_name"),
        ("calendars.1.slug", "oficina", "calendars.1.slug", "twice"),
        ("rotas.0.layers.0.members.0", "nadie@invoicemx.example", "rotas.0.layers.0.members.0", "unknown"),
        ("rotas.0.layers.0.rotation", "hourly", "rotas.0.layers.0.rotation", "unknown_rotation"),
        ("rotas.0.outside", "no-hay", "rotas.0.outside", "unknown"),
        ("people.0.email", "marcela", "people.0.email", "invalid_email"),
        ("people.1.email", "marcela@invoicemx.example", "people.1.email", "twice"),
        ("people.0.roles", ["boss"], "people.0.roles.0", "unknown"),
        ("people.0.roles", [], "people.0.roles", "required"),
        ("people.0.phone", "12", "people.0.phone", "phone"),
        ("people.0.reports_to", "nadie@invoicemx.example", "people.0.reports_to", "unknown"),
        ("people.0.reports_to", "karla@invoicemx.example", "people.0.reports_to", "circle"),
        ("people.0.reports_to", "marcela@invoicemx.example", "people.0.reports_to", "circle"),
        ("people.0.password", "secreto", "people.0.password", "unknown_name"),
        ("people.6.products", ["no-hay"], "people.6.products.0", "unknown"),
        ("sla_policies.0.targets.low", ..., "sla_policies.0.targets.low", "required"),
        (
            "sla_policies.0.targets.low.resolution.minutes",
            0,
            "sla_policies.0.targets.low.resolution.minutes",
            "out_of_range",
        ),
        (
            "sla_policies.0.targets.low.resolution.around_the_clock",
            "no",
            "sla_policies.0.targets.low.resolution.around_the_clock",
            "not_a_flag",
        ),
        ("plans.0.sla_policy", "no-hay", "plans.0.sla_policy", "unknown"),
        ("plans.0.extra_prices", {"remote": "gratis"}, "plans.0.extra_prices.remote", "invalid_price"),
        ("plans.0.extra_prices", {"fax": "1"}, "plans.0.extra_prices.fax", "unknown_name"),
        ("routing.training.affected", "urgente", "routing.training.affected", "unknown"),
        ("routing.party", {"affected": "low"}, "routing.party", "unknown_name"),
        ("escalation.on_call.steps.0.whom", "boss", "escalation.on_call.steps.0.whom", "unknown"),
        ("escalation.on_call.steps.0.whom", "user", "escalation.on_call.steps.0.person", "person"),
        ("escalation.on_call.steps.0.at_percent", 80, "escalation.on_call.steps.0.at_percent", "at_percent"),
        ("escalation.office.steps.0.at_percent", ..., "escalation.office.steps.0.at_percent", "at_percent"),
        ("escalation.on_call.steps.2.repeat_minutes", ..., "escalation.on_call.steps.2.repeat_minutes", "required"),
        ("contacts.0.kind", "fax", "contacts.0.kind", "unknown"),
        ("contacts.0.address", "5550145", "contacts.0.address", "phone"),
        ("contacts.4.address", "ayuda", "contacts.4.address", "invalid_email"),
        ("texts.before_calling.title", ..., "texts.before_calling.title", "required"),
        ("texts.before_calling.items.0", {}, "texts.before_calling.items.0.body", "required"),
        ("wording", {"no.such.key": "Hola"}, "wording.no.such.key", "unknown"),
        ("people", {"ana": 1}, "people", "not_a_list"),
        ("people.0", "Marcela", "people.0", "not_an_object"),
    ],
)
def test_a_fault_is_told_with_its_path(path, value, field, code):
    assert refused(change(path, value))[field] == code


def test_all_faults_are_told_and_nothing_is_saved():
    parts = change("desk.prefix", "imx")
    parts["people"][0]["roles"] = ["boss"]
    parts["calendars"][0]["hours"][0]["closes"] = "09:00"

    faults = refused(parts)

    assert faults.keys() >= {"desk.prefix", "people.0.roles.0", "calendars.0.hours.0.closes"}
    assert not any(model.objects.exists() for model in TABLES)


def test_a_change_that_is_refused_leaves_the_desk_as_it_was():
    load(text_of("invoice-mx"))
    before = deskfile.dump(desk_of("invoice-mx"))
    parts = change("desk.name", "Otro nombre")
    parts["people"][0]["phone"] = "12"

    refused(parts)

    assert deskfile.dump(desk_of("invoice-mx")) == before


def test_another_vendor_cannot_take_a_desk_or_a_prefix():
    load(text_of("invoice-mx"))
    taken = parts_of("facturando")
    taken["desk"]["slug"] = "invoice-mx"
    prefix = parts_of("facturando")
    prefix["desk"]["prefix"] = "IMX"

    assert refused(taken)["desk.slug"] == "taken"
    assert refused(prefix)["desk.prefix"] == "taken"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("desk: [", "not_yaml", id="not YAML"),
        pytest.param("desk: {slug: a, slug: b}", "not_yaml", id="a name twice"),
        pytest.param("[" * 3000, "not_yaml", id="nested for ever"),
        pytest.param("!!python/object:os.system {}", "not_yaml", id="an object"),
        pytest.param("- a\n- b", "not_an_object", id="a list"),
        pytest.param("", "not_an_object", id="nothing"),
    ],
)
def test_what_is_no_desk_is_refused(text, code):
    assert code in refused(text).values()


def test_hours_need_no_quotes():
    text = text_of("facturando").replace('"14:00"', "14:00").replace('"08:00"', "8:00".replace("8", "08"))

    load(text)

    assert queries.open_status(desk_of("facturando"), NOW).is_open


# --- commands


def test_the_command_tells_what_changed(tmp_path):
    out = StringIO()
    call_command("load_desk", str(DATA / "facturando.yaml"), stdout=out)
    assert "desk: +" in out.getvalue()

    again = StringIO()
    call_command("load_desk", str(DATA / "facturando.yaml"), stdout=again)
    assert len(again.getvalue().splitlines()) == 1

    dumped = StringIO()
    call_command("dump_desk", "facturando", stdout=dumped)
    copy = tmp_path / "copia.yaml"
    copy.write_text(dumped.getvalue(), "utf-8")
    third = StringIO()
    call_command("load_desk", str(copy), stdout=third)
    assert len(third.getvalue().splitlines()) == 1


def test_the_command_lists_the_faults_with_their_paths(tmp_path):
    broken = tmp_path / "rota.yaml"
    broken.write_text(text_of("facturando").replace("trato: tu", "trato: vos"), "utf-8")

    with pytest.raises(CommandError) as wrong:
        call_command("load_desk", str(broken))

    assert wrong.value.returncode == 1
    assert "desk.trato: " in str(wrong.value)
    assert not Desk.objects.exists()


def test_the_commands_say_what_they_do_not_find(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("desk: {name: Atención}".encode("latin-1"))

    for name, reason in (("no-hay.yaml", "no existe"), (".", "carpeta"), ("latin.yaml", "UTF-8")):
        with pytest.raises(CommandError, match=reason):
            call_command("load_desk", str(tmp_path / name))
    with pytest.raises(CommandError):
        call_command("dump_desk", "no-hay")
