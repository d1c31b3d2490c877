from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from clients import actors
from core.actor import VISITOR, Actor
from tests.desks.cast import join, link, make_client, make_contact, make_desk, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 17)


def test_a_person_of_a_desk_has_their_roles_there_and_nowhere_else(django_assert_num_queries):
    desk, other = make_desk("norte"), make_desk("sur")
    ada = make_user()
    join(desk, ada, "consultant", "sales")

    with django_assert_num_queries(1):
        actor = actors.actor_for(ada, today=TODAY)

    assert actor.has_role(desk.pk, "consultant")
    assert actor.desk_slugs == {"norte"}
    assert actor.vendor_ids == {desk.vendor_id}
    assert actor.is_staff
    assert not actor.has_role(other.pk)
    assert not actor.contact_ids


def test_a_membership_that_ended_gives_nothing():
    desk = make_desk()
    ada = make_user()
    membership = join(desk, ada, "manager")
    membership.is_active = False
    membership.save()

    assert not actors.actor_for(ada, today=TODAY).is_staff


def test_a_contact_sees_companies_by_link_and_scope():
    desk = make_desk()
    rosa = make_user("Rosa Medina", email="rosa@cliente.example")
    contact = make_contact(desk.vendor, user=rosa)
    whole = make_client(desk.vendor)
    own = make_client(desk.vendor, "Transportes Ánimas", rfc="TAN200101AB1")
    link(contact, whole)
    link(contact, own, "own")

    actor = actors.actor_for(rosa, today=TODAY)

    assert actor.client_ids == {whole.pk}
    assert actor.contact_ids == {contact.pk}
    assert actor.vendor_ids == {desk.vendor_id}
    assert actor.is_client
    assert not actor.is_staff


@pytest.mark.parametrize(
    ("valid", "seen"),
    [
        pytest.param({"valid_until": date(2026, 11, 17)}, True, id="last day"),
        pytest.param({"valid_until": date(2026, 11, 16)}, False, id="over"),
        pytest.param({"valid_from": date(2026, 11, 17)}, True, id="first day"),
        pytest.param({"valid_from": date(2026, 11, 18)}, False, id="not yet"),
    ],
)
def test_a_link_holds_between_its_dates(valid, seen):
    desk = make_desk()
    rosa = make_user("Rosa Medina")
    client = make_client(desk.vendor)
    link(make_contact(desk.vendor, user=rosa), client, **valid)

    assert (client.pk in actors.actor_for(rosa, today=TODAY).client_ids) is seen


def test_a_contact_of_several_companies_counts_once(django_assert_num_queries):
    desk = make_desk()
    rosa = make_user("Rosa Medina")
    contact = make_contact(desk.vendor, user=rosa)
    for number in range(4):
        link(contact, make_client(desk.vendor, f"Cliente {number}", rfc=f"CLI00010100{number}"))

    with django_assert_num_queries(1):
        actor = actors.actor_for(rosa, today=TODAY)

    assert actor.contact_ids == {contact.pk}
    assert len(actor.client_ids) == 4


def test_nobody_and_the_deactivated_are_visitors():
    gone = make_user("Eva Ruiz", is_active=False)

    assert actors.actor_for(None) == VISITOR
    assert actors.actor_for(AnonymousUser()) == VISITOR
    assert actors.actor_for(gone) == VISITOR


def test_the_middleware_finds_the_actor_only_when_asked(django_assert_num_queries):
    ada = make_user()
    join(make_desk(), ada, "consultant")
    request = RequestFactory().get("/")
    request.user = ada

    with django_assert_num_queries(0):
        actors.middleware(lambda _: HttpResponse())(request)
    with django_assert_num_queries(1):
        actor: Actor = request.actor  # type: ignore[attr-defined]
        assert (actor.is_staff, actor.id) == (True, ada.pk)


def test_the_actor_follows_who_the_api_authenticates():
    ada = make_user()
    join(make_desk(), ada, "consultant")
    page = RequestFactory().get("/")
    page.user = AnonymousUser()
    assert actors.of(page) == VISITOR

    api = Request(page)
    api.user = ada

    assert actors.of(api).id == ada.pk
    assert actors.of(page).id == ada.pk
