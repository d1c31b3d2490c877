"""Telling that an account runs out: the client's people by mail, in the manual's words about two business days.

Everybody with the whole company is told who has an address and did not say otherwise. Where nobody has an address sales
is told whom to call and what to say. A warning is a row under the account's lock, unique in its round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q

from clients.models import Contact
from core import localtime, wording
from core.actor import MANAGER, SALES
from desks import queries as desk_queries
from desks.config import DeskConfig
from notifications import actions as notice_actions
from notifications import outbox
from schedules import businesstime
from stamps import doorways, queries
from stamps.forecast import Forecast, Level
from stamps.models import FAR, StampAccount, StampOrder, StampWarning

CLIENT_TEMPLATE: Final = "stamps/warning"
TEAM_TEMPLATE: Final = "stamps/call"


def topic(account: StampAccount) -> str:
    return f"stamp-account/{account.pk}"


def take_back(account: StampAccount, *, now: datetime) -> None:
    """What was not sent yet is not said any more: stamps have come. 1 query."""
    notice_actions.cancel(topic=topic(account), now=now)


def give(account: StampAccount, found: Forecast, *, now: datetime) -> StampWarning:
    """Tell the client that the account has come to a worse level, once in its round."""
    told = contacts_of(account, now)
    reached = [contact for contact in told if contact.email]
    silent = not reached and not _declined(account, now)
    name, phone = _whom_to_call(account, told) if silent else ("", "")
    warning = StampWarning.objects.create(
        account=account,
        round=account.round,
        level=str(found.level),
        at=now,
        balance=account.balance,
        exhausts_on=found.exhausts_on or FAR,
        n_told=len(reached),
        to_call=silent,
        call_name=name,
        call_phone=phone,
    )
    words = _Words(account, found)
    for contact in reached:
        _mail(warning, contact, words, now=now)
    if silent:
        _ask_sales(warning, words, now=now)
    return warning


def contacts_of(account: StampAccount, now: datetime) -> list[Contact]:
    """The people of the company who want to be told, in order. 1 query."""
    return list(queries.people(account, now).exclude(stamp_notices__wanted=False).order_by("pk"))


def _declined(account: StampAccount, now: datetime) -> bool:
    """Whether those who could be told said that they do not want to be. 1 query."""
    return queries.people(account, now).filter(stamp_notices__wanted=False).exists()


def _whom_to_call(account: StampAccount, people: Sequence[Contact]) -> tuple[str, str]:
    """Name and telephone of the first of the people, else of whoever ordered last; empty for nobody."""
    if people:
        return people[0].name, str(people[0].phone)
    orders = StampOrder.objects.filter(Q(account=account) | Q(client_id=account.client_id, desk_id=account.desk_id))
    found = orders.order_by("-pk").values_list("contact_name", "contact_phone").first()
    return found or ("", "")


# ------------------------------------------------------------------ the words


class _Words:
    """What a warning says, in the desk's manner of address. No sentence names an RFC (architecture, section 6)."""

    def __init__(self, account: StampAccount, found: Forecast) -> None:
        self.account, self.found = account, found
        self.config: DeskConfig = desk_queries.config(account.desk)
        code = f"stamps_{found.level}"
        if found.level != Level.EMPTY and found.exhausts_by == "expiry":
            code += "_expiry"
        self.code = code
        self.params = {
            "company": account.client.name,
            "product": account.product.name,
            "balance": f"{account.balance:,}",
            "day": localtime.long_day(found.exhausts_on) if found.exhausts_on else "",
            "until": localtime.exact(found.order_by, self.config.zone) if found.order_by else "",
            "desk": account.desk.name,
        }

    def say(self, key: str, **more: str) -> str:
        filled = {**self.params, **more}
        return wording.say(key, trato=self.config.trato, overrides=self.config.wording, **filled).strip()

    def lines(self, **more: str) -> list[str]:
        return [line for line in self.say(f"mail.{self.code}.lines", **more).split("\n") if line.strip()]


def _mail(warning: StampWarning, contact: Contact, words: _Words, *, now: datetime) -> None:
    account = words.account
    rfcs = queries.rfcs_of(account)
    outbox.put(
        key=f"stamp-warning/{warning.pk}/{contact.pk}",
        topic=topic(account),
        recipient=contact.email,
        template=CLIENT_TEMPLATE,
        now=now,
        not_before=_opening(account, now) if words.found.level == Level.LOW else None,
        desk_id=account.desk_id,
        from_name=account.desk.name,
        thread=f"{topic(account)}/{account.round}",
        params={
            "subject": words.say(f"mail.{words.code}.subject"),
            "heading": words.say(f"mail.{words.code}.heading"),
            "lines": words.lines(name=contact.name),
            "about": words.say("mail.stamps.about"),
            "button": words.say("mail.stamps.button"),
            "url": doorways.absolute(doorways.order_form(account, rfcs[0] if len(rfcs) == 1 else "")),
            "see": words.say("mail.stamps.see") if contact.user_id else "",
            "see_url": doorways.absolute(doorways.of_client(account)) if contact.user_id else "",
            "stop": words.say("mail.stamps.stop"),
            "unsubscribe": doorways.absolute(doorways.choice(contact.pk)),
            "desk": account.desk.name,
            "footer": _footer(words.config),
        },
    )


def _ask_sales(warning: StampWarning, words: _Words, *, now: datetime) -> None:
    """Nobody can be written to: sales calls, and says what the mail would have said."""
    account = words.account
    said = " ".join(
        [words.say(f"mail.{words.code}.heading") + ".", *words.lines(name=warning.call_name or account.client.name)]
    )
    code = "stamps_call" if warning.call_phone else "stamps_call_nobody"
    for person in words.config.with_role(SALES) or words.config.with_role(MANAGER):
        filled = {"name": person.first_name, "contact": warning.call_name, "phone": warning.call_phone, "words": said}
        lines = words.say(f"team.{code}.lines", **filled).split("\n")
        outbox.put(
            key=f"stamp-warning/{warning.pk}/team/{person.user_id}",
            topic=topic(account),
            recipient=person.email,
            template=TEAM_TEMPLATE,
            now=now,
            desk_id=account.desk_id,
            from_name=account.desk.name,
            params={
                "subject": words.say(f"team.{code}.subject"),
                "lines": [line for line in lines if line.strip()],
                "button": words.say("team.stamps.button"),
                "url": doorways.absolute(doorways.of_sales(account)),
                "desk": account.desk.name,
            },
        )


def _opening(account: StampAccount, now: datetime) -> datetime | None:
    """The next opening of the sales desk; None while it is open. What is not urgent does not come at night."""
    hours = queries.sales_hours(account.desk, now)
    return None if businesstime.is_open(now, hours) else businesstime.next_open(now, hours)


def _footer(config: DeskConfig) -> Sequence[dict[str, str]]:
    """Whom to ask about stamps: sales first."""
    reached = [contact for contact in config.contacts if contact.kind in ("phone", "email")]
    reached.sort(key=lambda contact: contact.purpose != "sales")
    return [{"label": c.label, "address": c.address, "kind": c.kind} for c in reached]
