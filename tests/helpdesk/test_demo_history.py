"""The demo's history: believable, the same each time, and with nothing in it due or undelivered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from stdnum.mx import rfc as stdnum_rfc

from accounts.actions import token_digest
from accounts.models import ApiToken, User
from clients.models import TaxId
from helpdesk.history import companies, loading, shelf, story
from knowledge import neutral
from knowledge.models import Article, ArticleCode, ArticleVersion
from notifications import actions as notice_actions
from notifications.models import Notification
from schedules import actions as schedule_actions
from schedules.models import Timer
from tickets import counts
from tickets.models import Message, Outage, QueueDelta, Ticket, TicketEvent

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
SMALL = {slug: (*plan[:3], 9, plan[4]) for slug, plan in loading.PLAN.items()}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    """Few tickets and few days: all that is told is told, but less often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "PLAN", SMALL)
        patch.setattr(loading, "DAYS", 8)
        patch.setattr(story, "TODAY", ((9, "filed"), (55, "answered"), (520, "solved")))
        yield


@pytest.fixture(scope="module")
def loaded(small: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The history, written once and taken back after the last of these tests: each of them runs in a savepoint."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        for slug in SMALL:
            call_command("load_desk", str(ROOT / "desks" / "data" / f"{slug}.yaml"), stdout=StringIO())
        yield loading.load(now=NOW, seed=7)
        transaction.set_rollback(True)


@pytest.fixture
def history(loaded: int, db: None) -> int:
    return loaded


def fingerprint() -> list[tuple[str, str, str, datetime, int]]:
    return list(Ticket.objects.order_by("number").values_list("number", "subject", "status", "opened_at", "last_seq"))


def test_nothing_in_it_is_due_or_undelivered(history: int) -> None:
    assert history > 18
    assert not Notification.objects.pending().exists()
    assert not Timer.objects.parked().exists()
    assert schedule_actions.fire_due(now=NOW) == 0
    assert notice_actions.send_due(now=NOW) == 0


def test_nothing_in_it_lies_in_the_future(history: int) -> None:
    assert not Message.objects.filter(created_at__gt=NOW).exists()
    assert not TicketEvent.objects.filter(recorded_at__gt=NOW).exists()
    assert not Ticket.objects.filter(last_activity_at__gt=NOW).exists()
    assert not Notification.objects.filter(sent_at__gt=NOW).exists()


def test_texts_have_their_places_filled(history: int) -> None:
    texts = [*Ticket.objects.values_list("subject", flat=True), *Message.objects.values_list("body", flat=True)]

    assert len(texts) > 40
    assert [text for text in texts if "{" in text or "}" in text] == []


def test_one_outage_of_the_past_was_solved_for_four_clients(history: int) -> None:
    outage = Outage.objects.get()

    assert outage.ended_at is not None
    assert set(outage.parent.children.values_list("status", flat=True)) <= {"resolved", "closed"}
    assert outage.parent.children.count() == 4
    assert not Ticket.objects.filter(desk__open_outages__gt=0).exists()


def test_both_desks_have_written_down_what_they_know(history: int) -> None:
    for slug, texts in shelf.SHELVES.items():
        articles = Article.objects.filter(desk__slug=slug)
        assert articles.count() == len(texts)
        assert articles.public().count() >= 4
        assert {code.text for code in ArticleCode.objects.filter(article__in=articles)} >= {"CFDI40147", "CFDI40148"}
    assert not ArticleVersion.objects.filter(made_at__gt=NOW).exists()
    assert [one.title for one in Article.objects.public() if neutral.personal(one.published.body)] == []


def test_numbers_have_no_gap_and_counts_equal_a_recount(history: int) -> None:
    for slug, (*_rest, first) in SMALL.items():
        numbers = sorted(Ticket.objects.filter(desk__slug=slug).values_list("counter", flat=True))
        assert numbers == list(range(first + 1, first + 1 + len(numbers)))
    recount: Counter[tuple[int, str]] = Counter()
    for ticket in Ticket.objects.all():
        for key, n in counts.buckets(ticket).items():
            recount[ticket.desk_id, key] += n
    kept: Counter[tuple[int, str]] = Counter()
    for desk, key, n in QueueDelta.objects.values_list("desk_id", "key", "n"):
        kept[desk, key] += n
    assert {k: n for k, n in kept.items() if n} == dict(recount)


def test_a_second_loading_changes_nothing(history: int) -> None:
    before = fingerprint()
    User.objects.filter(email="karla@invoicemx.example").update(name="Karla J.")
    said = StringIO()

    call_command("load_demo", stdout=said)

    assert fingerprint() == before
    assert User.objects.get(email="karla@invoicemx.example").name == "Karla J."
    assert "ya está cargada" in said.getvalue()


def test_accounts_of_every_role_with_tokens_that_work(history: int) -> None:
    said = StringIO()
    call_command("demo_accounts", format="json", stdout=said)
    accounts = json.loads(said.getvalue())

    for slug in SMALL:
        roles = Counter(account["role"] for account in accounts if account["desk"] == slug)
        assert roles["consultant"] >= 2
        assert roles["client"] >= 2
        assert {"supervisor", "manager", "sales", "administrator"} <= set(roles)
    firms = [account["client_rfc"] for account in accounts if account["role"] == "client"]
    assert len(set(firms)) == len(firms)
    for account in accounts:
        user = User.objects.get(email=account["email"])
        assert user.check_password(account["password"])
        assert ApiToken.objects.filter(user=user, digest=token_digest(account["token"])).exists()


def test_accounts_are_told_in_the_demo_only(history: int, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError):
        call_command("demo_accounts", stdout=StringIO())


def test_every_rfc_of_the_demo_has_its_check_digit() -> None:
    for company in (*companies.INVOICE_MX, *companies.FACTURANDO):
        assert stdnum_rfc.is_valid(company.rfc, validate_check_digits=True), company.name


def test_the_rfcs_are_written_as_they_are_reckoned(history: int) -> None:
    assert set(TaxId.objects.values_list("rfc", flat=True)) == {
        company.rfc for company in (*companies.INVOICE_MX, *companies.FACTURANDO)
    }
