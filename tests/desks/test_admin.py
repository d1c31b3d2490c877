"""What the administrator of the installation does by hand."""

from datetime import UTC, datetime

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, Contact, TaxId
from desks.models import Desk, Membership
from tests.desks.cast import join, make_client, make_contact, make_desk, make_user, make_vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    browser = Browser()
    browser.force_login(make_user("Root", is_staff=True))
    return browser


@pytest.mark.parametrize("page", ["clients/client", "clients/contact", "desks/membership", "desks/desk"])
def test_pages_open_for_the_administrator_only(browser, page):
    desk = make_desk()
    ada = make_user()
    membership = join(desk, ada, "manager")
    rows = {
        "clients/client": make_client(desk.vendor).pk,
        "clients/contact": make_contact(desk.vendor).pk,
        "desks/membership": membership.pk,
        "desks/desk": desk.pk,
    }

    assert browser.get(f"/admin/{page}/").status_code == 200
    assert browser.get(f"/admin/{page}/{rows[page]}/change/").status_code == 200
    browser.force_login(ada)
    assert browser.get(f"/admin/{page}/").status_code == 302


def test_hours_are_those_of_central_mexico(browser):
    contact = make_contact(make_desk().vendor)
    Contact.objects.filter(pk=contact.pk).update(created_at=datetime(2026, 11, 27, 21, 51, tzinfo=UTC))

    form = browser.get(f"/admin/clients/contact/{contact.pk}/change/").content.decode()
    index = browser.get("/admin/").content.decode()

    assert 'value="15:51:00"' in form
    assert "Mesa de Ayuda" in index
    assert "Administración de la instalación" in index
    assert timezone.get_current_timezone_name() == "UTC"


def inline(prefix: str, total: int = 0, **fields: str) -> dict[str, str]:
    management = {f"{prefix}-TOTAL_FORMS": str(total), f"{prefix}-INITIAL_FORMS": "0"}
    return management | {f"{prefix}-0-{name}": value for name, value in fields.items()}


@pytest.mark.parametrize(("typed", "status"), [("fno-180312-kx1", 302), ("FNO18312KX1", 200)])
def test_a_client_is_made_with_an_rfc_as_people_write_it(browser, typed, status):
    vendor = make_vendor()
    form = {
        "vendor": vendor.pk,
        "name": "Ferretería La Norteña",
        "is_active": "on",
        **inline("tax_ids", 1, rfc=typed, legal_name="Ferretería La Norteña SA de CV"),
        **inline("branches"),
        **inline("contracts"),
    }

    response = browser.post("/admin/clients/client/add/", form)

    assert response.status_code == status
    assert list(TaxId.objects.values_list("rfc", "vendor_id")) == (
        [("FNO180312KX1", vendor.pk)] if status == 302 else []
    )
    assert Client.objects.count() == (status == 302)


def test_a_change_of_people_reaches_every_process(browser):
    desk = make_desk()
    boss = join(desk, make_user("Elena Robles"), "supervisor")
    ada = join(desk, make_user(), "consultant", reports_to=boss)
    form = {"desk": desk.pk, "user": ada.user_id, "roles": ["consultant", "supervisor"], "max_open": 10}
    form |= {"availability": "available", "is_active": "on", "reports_to": boss.pk}

    assert browser.post(f"/admin/desks/membership/{ada.pk}/change/", form).status_code == 302

    assert Membership.objects.get(pk=ada.pk).roles == ["consultant", "supervisor"]
    assert Desk.objects.get(pk=desk.pk).config_version == desk.config_version + 1


def test_nobody_is_put_above_themselves_nor_under_another_desk(browser):
    desk = make_desk()
    boss = join(desk, make_user("Elena Robles"), "supervisor")
    ada = join(desk, make_user(), "consultant", reports_to=boss)
    stranger = join(make_desk("sur"), make_user("Eva Ruiz"), "manager")
    form = {"desk": desk.pk, "user": boss.user_id, "roles": ["supervisor"], "max_open": 10, "availability": "available"}

    for above in (ada, stranger):
        answer = browser.post(f"/admin/desks/membership/{boss.pk}/change/", {**form, "reports_to": above.pk})
        assert answer.status_code == 200
    assert Membership.objects.get(pk=boss.pk).reports_to is None
