"""The sign-ins of the demo, for people and for programs."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import User
from clients.models import Contact
from desks.models import Desk, Membership
from helpdesk.history import loading
from helpdesk.history.companies import PASSWORD
from helpdesk.history.people import ADMINISTRATOR, token_of

ROLES = ("consultant", "supervisor", "manager", "sales")


class Command(BaseCommand):
    help = "Prints the accounts of the demo: desk, role, e-mail, password, token; clients with RFC and name."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--format", choices=["json", "text"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(_("demo_accounts tells passwords: it answers only with DEMO=1."))
        if not loading.is_loaded() or not User.objects.filter(email=ADMINISTRATOR).exists():
            raise CommandError(_("The demo's data is not loaded: run load_demo."))
        accounts = list(_accounts())
        if options["format"] == "json":
            self.stdout.write(json.dumps(accounts, ensure_ascii=False))
            return
        for account in accounts:
            self.stdout.write("  ".join(str(account[name]) for name in ("desk", "role", "email", "password")))


def _accounts() -> Iterator[dict[str, Any]]:
    administrator = User.objects.get(email=ADMINISTRATOR)
    for desk in Desk.objects.filter(slug__in=loading.PLAN).order_by("-slug").select_related("vendor"):
        yield from _clients(desk)
        members = list(Membership.objects.filter(desk=desk, is_active=True).select_related("user").order_by("id"))
        for role in ROLES:
            for member in members:
                # Who has several roles stands under the highest of them.
                if role in member.roles and role == max(member.roles, key=ROLES.index):
                    yield _account(desk, role, member.user)
        yield _account(desk, "administrator", administrator)


def _clients(desk: Desk) -> Iterator[dict[str, Any]]:
    for contact in Contact.objects.filter(vendor=desk.vendor, user__isnull=False).order_by("id"):
        link = contact.links.select_related("client").order_by("id").first()
        rfc = link.client.tax_ids.order_by("id").first() if link else None
        if contact.user is not None and link is not None and rfc is not None:
            yield {
                **_account(desk, "client", contact.user),
                "client_rfc": rfc.rfc,
                "client_name": link.client.name,
            }


def _account(desk: Desk, role: str, user: User) -> dict[str, Any]:
    return {"desk": desk.slug, "role": role, "email": user.email, "password": PASSWORD, "token": token_of(user)}
