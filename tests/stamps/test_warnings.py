"""An account that runs out: each crossing told once, to whom wants it, and armed again by a credit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clients.models import Contact
from notifications import actions as notice_actions
from notifications.models import Notification
from stamps import actions, doorways, queries
from stamps.actions import judging, sweeping
from stamps.models import StampAccount, StampDay, StampNoticeChoice, StampWarning
from tests import factories
from tests.factories import NIGHT, OFFICE, Cast
from tests.stamps.conftest import open_account

DAY = timedelta(days=1)


def running(cast: Cast, balance: int = 5_000, **fields: Any) -> StampAccount:
    """Forty a day for sixty days, as its days say; Saturdays are business days of this desk."""
    account = open_account(cast, balance=balance, **fields)
    first = OFFICE.date() - 60 * DAY
    StampDay.objects.bulk_create(StampDay(account=account, used_on=first + n * DAY, used=40) for n in range(60))
    return fresh(account)


def fresh(account: StampAccount) -> StampAccount:
    return StampAccount.objects.select_related("desk__vendor", "product", "client").get(pk=account.pk)


def to(account: StampAccount, cast: Cast, balance: int, now: datetime = OFFICE) -> None:
    """Bring it to a balance: down by an adjustment, which teaches the forecast nothing, up by one that was read."""
    by, change = factories.actor(cast.paola), balance - fresh(account).balance
    if change > 0:
        actions.report(account, balance=balance, at=now, reference=f"={balance}@{now}", by=by, now=now)
    elif change:
        actions.adjust(account, amount=change, reason="Conteo", reference="", by=by, now=now)


def told(account: StampAccount) -> list[tuple[int, str]]:
    return list(StampWarning.objects.filter(account=account).order_by("pk").values_list("round", "level"))


def mails() -> list[Notification]:
    return list(Notification.objects.filter(template="stamps/warning").order_by("pk"))


def subjects() -> list[str]:
    return [notice.params["subject"] for notice in mails()]


def test_each_level_is_told_once_on_the_way_down(cast: Cast) -> None:
    account = running(cast)

    for balance in (560, 480, 470, 460, 80, 40, 10, 0):
        to(account, cast, balance)

    assert [level for _, level in told(account)] == ["low", "urgent", "empty"]
    assert [notice.recipient for notice in mails()] == [cast.rosa.email] * 3
    assert "se agotan el sábado 28 de noviembre" in subjects()[0]
    assert subjects()[1].startswith("Urgente: ")
    assert subjects()[2] == "Se agotaron sus timbres"


def test_the_manual_s_two_business_days_and_the_form_one_click_away(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 480)

    params = mails()[0].params

    said = " ".join(params["lines"])
    assert "por lo menos dos días hábiles antes de que se le agoten por completo" in said
    assert "a más tardar el jueves 26 de noviembre a las 19:00" in said
    assert params["url"].endswith("/invoice-mx/timbres/?rfc=FNO180312KX1&cantidad=2500")
    assert params["see_url"].endswith(f"/inicio/timbres/{account.pk}/")
    assert "FNO180312KX1" not in " ".join([params["subject"], params["heading"], params["about"], said])


def test_a_jump_tells_the_worst_only(cast: Cast) -> None:
    account = running(cast)

    to(account, cast, 0)
    to(account, cast, 500)

    assert told(account) == [(2, "empty")], "what gets better without a credit is no crossing"


def test_a_credit_arms_the_warnings_again(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 480)
    actions.grant(account, amount=5_000, reason="Pago", reference="", by=factories.actor(cast.paola), now=OFFICE)

    to(account, cast, 480)

    assert [level for _, level in told(account)] == ["low", "low"]
    assert len({rounds for rounds, _ in told(account)}) == 2


def test_a_credit_that_leaves_few_tells_only_what_gets_worse(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 0)
    actions.grant(account, amount=300, reason="Anticipo", reference="", by=factories.actor(cast.paola), now=OFFICE)

    to(account, cast, 290)
    to(account, cast, 60)

    assert [level for _, level in told(account)] == ["empty", "urgent"]


def test_stamps_that_were_added_outside_arm_again_too(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 480)
    to(account, cast, 500)
    to(account, cast, 480)
    assert len(told(account)) == 1, "twenty more are a correction"

    to(account, cast, 4_000)
    to(account, cast, 480)

    assert len(told(account)) == 2


def test_a_credit_takes_back_what_was_not_sent_yet(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 480, now=NIGHT)
    assert mails()[0].not_before == datetime.fromisoformat("2026-11-18T09:00:00-06:00"), "what is not urgent waits"

    actions.grant(account, amount=5_000, reason="Pago", reference="", by=factories.actor(cast.paola), now=NIGHT)

    assert mails()[0].cancelled_at == NIGHT


def test_what_is_urgent_does_not_wait_for_the_morning(cast: Cast) -> None:
    account = running(cast)

    to(account, cast, 40, now=NIGHT)

    assert mails()[0].not_before is None


@pytest.mark.parametrize("terms", ["postpaid", "unlimited"])
def test_terms_that_never_run_out_tell_nobody(cast: Cast, terms: str) -> None:
    account = running(cast, terms=terms)

    to(account, cast, 0)

    assert told(account) == []


def test_an_account_that_is_opened_empty_has_not_run_out(cast: Cast) -> None:
    assert told(open_account(cast, balance=0)) == []


def test_stamps_that_expire_are_said_to_expire(cast: Cast) -> None:
    account = running(cast, balance=0)
    actions.grant(
        account, amount=4_000, reason="Promoción", reference="", expires_on=date(2026, 11, 25),
        by=factories.actor(cast.paola), now=OFFICE,
    )  # fmt: skip
    sweeping.sweep(now=OFFICE + 7 * DAY)

    account = fresh(account)
    assert (account.exhausts_on, account.level) == (date(2026, 11, 25), "urgent")
    assert "vencen el miércoles 25 de noviembre" in subjects()[-1]


# ------------------------------------------------------------------ who is told


def test_everybody_with_the_whole_company_is_told_unless_they_said_no(cast: Cast) -> None:
    nora = factories.make_contact(cast.desk.vendor, "Nora Paz", client=cast.company)
    factories.make_contact(cast.desk.vendor, "Luis Gil", client=cast.company, scope="own", email="luis@x.example")
    hugo = factories.make_contact(cast.desk.vendor, "Hugo Lara", client=cast.company, email="hugo@x.example")
    actions.choose(hugo, wanted=False, by="link", now=OFFICE)
    account = running(cast)

    to(account, cast, 480)

    assert sorted(notice.recipient for notice in mails()) == sorted([cast.rosa.email, nora.email])
    warning = StampWarning.objects.get(account=account)
    assert (warning.n_told, warning.to_call) == (2, False)


def test_without_an_address_sales_is_told_whom_to_call(cast: Cast) -> None:
    Contact.objects.filter(pk=cast.rosa.pk).update(email="", phone="+527225550198")
    account = running(cast)

    to(account, cast, 480)

    assert mails() == []
    notice = Notification.objects.get(template="stamps/call")
    assert notice.recipient == cast.paola.email
    said = " ".join(notice.params["lines"])
    assert "Llame a Rosa Medina al +527225550198" in said
    assert "dos días hábiles" in said
    warning = StampWarning.objects.get(account=account)
    assert actions.called(warning, by=factories.actor(cast.paola), now=OFFICE)
    assert not actions.called(warning, by=factories.actor(cast.paola), now=OFFICE)


def test_who_declined_is_neither_written_to_nor_called(cast: Cast) -> None:
    actions.choose(cast.rosa, wanted=False, by="account", now=OFFICE)
    account = running(cast)

    to(account, cast, 480)

    warning = StampWarning.objects.get(account=account)
    assert (warning.n_told, warning.to_call, Notification.objects.filter(template__startswith="stamps/").count()) == (
        0,
        False,
        0,
    )


def test_every_mail_can_be_sent_and_carries_its_way_out(cast: Cast, mailoutbox: Any) -> None:
    account = running(cast)
    to(account, cast, 480)

    notice_actions.send_due(now=OFFICE + DAY)

    sent = mailoutbox[-1].message()
    link = mails()[0].params["unsubscribe"]
    assert sent["List-Unsubscribe"] == f"<{link}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mailoutbox[-1].body


# ------------------------------------------------------------------ the link of a mail


def test_only_a_button_makes_the_choice(cast: Cast, client: Client, at: Any) -> None:
    path = doorways.choice(cast.rosa.pk)

    shown = client.get(path)
    assert shown.status_code == 200
    assert "No quiero recibir estos avisos" in shown.content.decode()
    assert not StampNoticeChoice.objects.exists()

    said = client.post(path, {"List-Unsubscribe": "One-Click"})
    assert "Ya no le avisamos" in said.content.decode()
    assert StampNoticeChoice.objects.get().wanted is False

    client.post(path, {"wanted": "1"})
    assert StampNoticeChoice.objects.get().wanted is True


@pytest.mark.parametrize("token", ["x", "1~abc", "zz.1"])
def test_a_link_that_nobody_signed_opens_nothing(client: Client, db: None, token: str) -> None:
    assert client.get(f"/timbres/avisos/{token}/").status_code == 404
    assert client.post(f"/timbres/avisos/{token}/").status_code == 404


# ------------------------------------------------------------------ the sweep


def test_an_account_that_rests_lasts_longer(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 480)
    until = fresh(account).order_by
    assert until is not None
    assert fresh(account).look_at is not None

    sweeping.sweep(now=until + timedelta(seconds=1))

    assert [level for _, level in told(account)] == ["low"], "nothing was used meanwhile: it lasts longer now"


def test_the_sweep_says_the_same_as_the_account_s_own_judgement(cast: Cast) -> None:
    account = running(cast)
    to(account, cast, 700)
    later = OFFICE + 3 * DAY
    StampAccount.objects.update(look_at=later)

    assert sweeping.sweep(now=later) == 1

    seen, alone = fresh(account), queries.foretold(fresh(account), later)
    assert (seen.level, seen.exhausts_on, seen.order_by) == (alone.level, alone.exhausts_on, alone.order_by)
    assert seen.daily_rate == pytest.approx(alone.daily_rate)
    assert seen.judged_at == later
    assert seen.look_at is not None
    assert seen.look_at > later


def test_neither_the_sweep_nor_a_list_reads_movements(cast: Cast) -> None:
    account = running(cast)
    StampAccount.objects.update(look_at=OFFICE)

    with CaptureQueriesContext(
        connection,
    ) as seen:
        sweeping.sweep(now=OFFICE + DAY)

    read = [query["sql"] for query in seen.captured_queries]
    assert not [sql for sql in read if "stamps_stampmovement" in sql]
    assert len(read) <= 12, "a fixed number for a batch that nobody is told of"
    assert fresh(account).judged_at == OFFICE + DAY


def test_one_sweep_at_a_time_and_a_broken_account_stops_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    account, other = running(cast), running(cast, rfcs=("MSC120215JH5",))
    to(account, cast, 480)
    StampWarning.objects.all().delete()
    StampAccount.objects.update(look_at=OFFICE, told="ok")
    real = judging.judge

    def broken(one: StampAccount, **fields: Any) -> Any:
        if one.pk == account.pk:
            raise RuntimeError("broken")
        return real(one, **fields)

    monkeypatch.setattr(judging, "judge", broken)
    sweeping.sweep(now=OFFICE + timedelta(minutes=1))

    assert fresh(account).look_at == OFFICE + timedelta(minutes=1) + sweeping.RETRY
    assert fresh(other).judged_at == OFFICE + timedelta(minutes=1)
    assert told(account) == []


def test_an_account_that_stopped_being_used_is_left_alone(cast: Cast) -> None:
    idle = open_account(cast, balance=100)

    assert idle.look_at is None or fresh(idle).look_at is None
    assert sweeping.sweep(now=OFFICE + 30 * DAY) == 0
