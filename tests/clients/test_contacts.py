import threading
from datetime import date

import pytest
from django.db import connection

from clients import actions, queries
from clients.models import Contact, Contract
from core.errors import Invalid
from desks.models import Plan
from tests.desks.cast import NOW, make_client, make_contact, make_desk, make_vendor

PHONE = "+527225550101"


@pytest.mark.django_db
class TestEnsureContact:
    def test_a_new_address_makes_a_contact(self, django_assert_max_num_queries):
        vendor = make_vendor()

        with django_assert_max_num_queries(4):  # find, SAVEPOINT, INSERT, RELEASE
            made = actions.ensure_contact(
                vendor, name=" Rosa Medina ", email=" Rosa@Cliente.example ", phone="", now=NOW
            )

        assert (made.name, made.email, made.created_at) == ("Rosa Medina", "Rosa@Cliente.example", NOW)

    def test_the_same_address_in_other_case_is_the_same_person(self):
        vendor = make_vendor()
        rosa = make_contact(vendor, email="rosa@cliente.example")

        found = actions.ensure_contact(vendor, name="Quien sea", email="ROSA@cliente.example", phone=PHONE, now=NOW)

        assert found.pk == rosa.pk
        rosa.refresh_from_db()
        assert (rosa.name, str(rosa.phone)) == ("Rosa Medina", "")  # who fills in a form has proved nothing

    def test_a_phone_never_joins_a_stranger_to_who_has_an_address(self):
        vendor = make_vendor()
        rosa = make_contact(vendor, phone=PHONE)

        other = actions.ensure_contact(vendor, name="Otra persona", email="", phone=PHONE, now=NOW)

        assert other.pk != rosa.pk
        assert actions.ensure_contact(vendor, name="x", email="", phone=PHONE, now=NOW).pk == other.pk
        assert {c.pk for c in queries.contacts_reached_by(vendor, phone=PHONE)} == {rosa.pk, other.pk}

    def test_each_vendor_knows_its_own_people(self):
        one, two = make_vendor("uno"), make_vendor("dos")
        rosa = make_contact(one)

        assert queries.find_contact(two, rosa.email, None) is None
        assert queries.contacts_reached_by(two, email=rosa.email) == []

    def test_without_any_address_it_is_refused(self):
        with pytest.raises(Invalid) as refused:
            actions.ensure_contact(make_vendor(), name="Rosa", email=" ", phone="", now=NOW)
        assert refused.value.errors[0].code == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_contact():
    vendor = make_vendor()
    start = threading.Barrier(4)
    found: list[int] = []

    def ensure() -> None:
        start.wait()
        contact = actions.ensure_contact(vendor, name="Rosa", email="rosa@cliente.example", phone="", now=NOW)
        found.append(contact.pk)
        connection.close()

    threads = [threading.Thread(target=ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == Contact.objects.count() == 1


@pytest.mark.django_db
def test_an_rfc_finds_the_client_of_that_vendor_only():
    vendor = make_vendor("uno")
    client = make_client(vendor)

    assert queries.client_of_rfc(vendor, "FNO180312KX1") == client
    assert queries.client_of_rfc(make_vendor("dos"), "FNO180312KX1") is None
    client.is_active = False
    client.save()
    assert queries.client_of_rfc(vendor, "FNO180312KX1") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "plan"),
    [
        pytest.param(date(2025, 12, 31), None, id="before"),
        pytest.param(date(2026, 1, 1), "basic", id="first day"),
        pytest.param(date(2026, 6, 30), "plus", id="the newer of two"),
        pytest.param(date(2026, 7, 1), "basic", id="after the newer ended"),
    ],
)
def test_the_plan_of_a_client_is_that_of_the_day(day, plan):
    desk = make_desk()
    client = make_client(desk.vendor)
    basic = Plan.objects.create(desk=desk, slug="basic", name="Básico")
    plus = Plan.objects.create(desk=desk, slug="plus", name="Plus")
    Contract.objects.create(client=client, plan=basic, starts_on=date(2026, 1, 1))
    Contract.objects.create(client=client, plan=plus, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))

    found = queries.plan_of(client, desk, on=day)

    assert (found.slug if found else None) == plan
    assert queries.plan_of(client, make_desk("sur"), on=day) is None
    assert queries.plan_of(None, desk, on=day) is None
