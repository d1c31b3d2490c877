"""People, whose address is their name."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_an_address_is_one_person_whatever_its_case(ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ADA@Mesa.Example", name="Otra")

    assert User.objects.get(email="Ada@MESA.example") == ada
    assert User.objects.get_by_natural_key("ADA@mesa.example") == ada


def test_the_database_itself_refuses_another_spelling(ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'Ada@mesa.example' WHERE id = %s", [ada.pk])


def test_an_administrator_may_everything_in_the_admin_and_others_nothing(ada: User) -> None:
    root = User.objects.create_superuser("root@mesa.example", None, name="Root")
    gone = User.objects.create_superuser("gone@mesa.example", None, name="Gone", is_active=False)

    assert root.has_perm("accounts.change_user")
    assert root.has_module_perms("accounts")
    assert not ada.has_perm("accounts.view_user")
    assert not gone.has_perm("accounts.view_user")


def test_a_user_needs_an_address() -> None:
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("  ", name="Nadie")
