"""Telling client and team of an order, by notices in the desk's words.

Each is whole in its row, and its key names the order and the step: a step told twice is told once. A
client without e-mail is told by sales, who read what to say and which number to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from clients.models import ContactLink
from core import localtime, wording
from core.actor import MANAGER, SALES, Actor
from desks import queries as desk_queries
from desks.config import DeskConfig, Member
from notifications import outbox
from stamps import links, quotes
from stamps.actions import order_record
from stamps.models import StampAccount, StampOrder, StampRefund

CLIENT_TEMPLATE: Final = "stamps/client"
# The same mail with a link into the vault, which is forgotten once it was delivered.
VAULT_TEMPLATE: Final = "stamps/vault"
TEAM_TEMPLATE: Final = "stamps/team"


def requested(order: StampOrder, *, now: datetime) -> None:
    """The order came in; an urgent one says what that means."""
    urgent = "_urgent" if order.urgent else ""
    told = "_urgent" if order.says_urgent else ""
    _client(order, f"order_requested{told}", key=f"order-requested/{order.pk}", now=now)
    _team(order, _sellers(order), f"order_requested{urgent}", key=f"order-requested/{order.pk}", now=now)


def quoted(order: StampOrder, *, key: str, now: datetime) -> None:
    """What it costs; nothing where the price was agreed outside."""
    price = order.price
    if price is None:
        return
    until = order.valid_until
    code = "order_quoted_until" if until else "order_quoted"
    _client(
        order,
        code,
        key=key,
        now=now,
        files=quotes.attachment(order),
        total=_money(price.total),
        subtotal=_money(price.subtotal),
        tax=_money(price.tax),
        until=localtime.long_day(until) if until else "",
    )


def paid_in_part(order: StampOrder, owing: Decimal, *, key: str, now: datetime) -> None:
    """A payment came that does not cover the total."""
    _client(order, "order_paid_in_part", key=key, now=now, owing=_money(owing))


def receipt_received(order: StampOrder, *, key: str, now: datetime) -> None:
    """The client handed in a receipt: sales looks at the bank."""
    _team(order, _sellers(order), "order_receipt", key=key, now=now)


def invoiced(order: StampOrder, *, key: str, now: datetime) -> None:
    """The invoice of the sale can be downloaded."""
    _client(order, "order_invoiced", key=key, now=now)


def paid(order: StampOrder, *, now: datetime, surplus: Decimal = Decimal(0)) -> None:
    """It is paid: the client reads who goes on and what is in their favour, the consultant what to do."""
    config = desk_queries.config(order.desk)
    person = config.member(order.assignee_id)
    key = f"order-paid/{order.pk}"
    code = "order_paid" if person else "order_paid_nobody"
    more = ["order_surplus"] if surplus else []
    who = person.name if person else ""
    _client(order, code, key=key, now=now, more=more, who=who, surplus=_money(surplus))
    if person:
        _team(order, [person], "order_assigned", key=key, now=now)
    else:
        _team(order, _sellers(order), "order_nobody", key=key, now=now)


def access_requested(order: StampOrder, *, key: str, url: str, now: datetime) -> None:
    """The consultant needs what gives access: a link that serves once; a client without e-mail is called."""
    config = desk_queries.config(order.desk)
    person = config.member(order.assignee_id)
    who = person.name if person else order.desk.name
    if not (url and order.contact_email):
        _client(order, "order_access_requested", key=key, now=now, who=who)
        return
    _client(order, "order_access_link", key=key, now=now, who=who, link=url)


def access_given(order: StampOrder, *, key: str, now: datetime) -> None:
    """Access data lie in the vault for the consultant."""
    person = desk_queries.config(order.desk).member(order.assignee_id)
    people = [person] if person else _sellers(order)
    _team(order, people, "order_access_received", key=key, now=now)


def access_seen(order: StampOrder, *, key: str, now: datetime, who: str, at: datetime) -> None:
    """Somebody looked at what the client gave."""
    zone = desk_queries.config(order.desk).zone
    _client(order, "order_access_seen", key=key, now=now, who=who, at=localtime.exact(at, zone))


def access_received(order: StampOrder, *, by: Actor, now: datetime) -> None:
    """Somebody else than the consultant says that access was given."""
    person = desk_queries.config(order.desk).member(order.assignee_id)
    if person and person.user_id != by.user_id:
        _team(order, [person], "order_access_received", key=f"order-access-received/{order.pk}", now=now)


def credited(order: StampOrder, account: StampAccount, *, now: datetime) -> None:
    """The stamps are in the account. Who typed the RFC of somebody else's reads nothing of what else is in it."""
    key, balance = f"order-credited/{order.pk}", f"{account.balance:,}"
    code = "order_credited" if _knows(order, account, now) else "order_credited_elsewhere"
    _client(order, code, key=key, now=now, balance=balance)
    _team(order, _sellers(order), "order_credited", key=key, now=now, balance=balance)


def _knows(order: StampOrder, account: StampAccount, now: datetime) -> bool:
    """Whether the balance is theirs to know: all of it was just bought, or their company's. 0 or 1 query."""
    if account.balance == order.quantity or order.client_id == account.client_id:
        return True
    if order.contact_id is None:
        return False
    theirs = ContactLink.objects.valid_on(order_record.today(order, now))
    return theirs.filter(contact_id=order.contact_id, client_id=account.client_id).exists()


def corrected(order: StampOrder, *, key: str, now: datetime) -> None:
    """What was ordered is another now: the client reads it on the order's page."""
    _client(order, "order_corrected", key=key, now=now)


def refunded(order: StampOrder, refund: StampRefund, *, key: str, now: datetime) -> None:
    """Stamps were taken back, money given back, or both."""
    code = "order_refunded" if refund.stamps else "order_refunded_money"
    more = ["order_refunded_amount"] if refund.stamps and refund.amount else []
    amount, stamps = _money(refund.amount), f"{refund.stamps:,}"
    _client(order, code, key=key, now=now, more=more, amount=amount, stamps=stamps)


def advanced(order: StampOrder, stamps: int, *, key: str, now: datetime) -> None:
    """Stamps came before the money: client and sales read how many."""
    _client(order, "order_advanced", key=key, now=now, stamps=f"{stamps:,}")
    _team(order, _sellers(order), "order_advanced", key=key, now=now, stamps=f"{stamps:,}")


def cancelled(order: StampOrder, *, by: Actor, now: datetime) -> None:
    """It is over without stamps; whoever cancelled it knows."""
    key = f"order-cancelled/{order.pk}"
    _client(order, "order_cancelled", key=key, now=now)
    config = desk_queries.config(order.desk)
    assigned = config.member(order.assignee_id)
    people = {person.user_id: person for person in [*_sellers(order), *([assigned] if assigned else [])]}
    told = [person for user_id, person in people.items() if user_id != by.user_id]
    _team(order, told, "order_cancelled", key=key, now=now)


# ------------------------------------------------------------------ the rows


def _client(
    order: StampOrder,
    code: str,
    *,
    key: str,
    now: datetime,
    files: Sequence[dict[str, Any]] = (),
    more: Sequence[str] = (),
    link: str = "",
    **params: Any,
) -> None:
    """Tell the client by mail, or sales what to tell them where they have none. `more`: codes of further lines."""
    config = desk_queries.config(order.desk)
    filled = {**_facts(order), "name": order.contact_name, **params}
    said = {part: _say(config, f"mail.{code}.{part}", filled) for part in ("subject", "heading", "lines")}
    lines = [line for line in said["lines"].split("\n") if line.strip()]
    lines += [_say(config, f"mail.{extra}.line", filled) for extra in more]
    if not order.contact_email:
        task = {
            "contact": order.contact_name,
            "phone": order.contact_phone,
            "words": " ".join([said["heading"], *lines]),
        }
        _team(order, _sellers(order), "order_tell", key=f"{key}/tell", now=now, **task)
        return
    outbox.put(
        key=f"{key}/client",
        topic=f"order/{order.pk}",
        recipient=order.contact_email,
        template=VAULT_TEMPLATE if link else CLIENT_TEMPLATE,
        now=now,
        desk_id=order.desk_id,
        from_name=order.desk.name,
        thread=f"order/{order.pk}",
        params={
            "subject": said["subject"],
            "heading": said["heading"],
            "lines": lines,
            "number": order.number,
            "order": f"{order.quantity:,} timbres · {order.trade_name}",
            "desk": order.desk.name,
            "footer": _footer(config),
            "url": link or links.url(order),
            "button": config.say("mail.order_link_button" if link else "mail.order_button"),
            "files": list(files),
        },
    )


def _team(order: StampOrder, people: Iterable[Member], code: str, *, key: str, now: datetime, **params: str) -> None:
    config = desk_queries.config(order.desk)
    for person in people:
        filled = {**_facts(order), "name": person.first_name, **params}
        lines = _say(config, f"team.{code}.lines", filled).split("\n")
        outbox.put(
            key=f"{key}/team/{person.user_id}",
            topic=f"order/{order.pk}",
            recipient=person.email,
            template=TEAM_TEMPLATE,
            now=now,
            desk_id=order.desk_id,
            from_name=order.desk.name,
            thread=f"order/{order.pk}",
            params={
                "subject": _say(config, f"team.{code}.subject", filled),
                "lines": [line for line in lines if line.strip()],
                "number": order.number,
                "desk": order.desk.name,
                "url": links.staff_url(order),
                "button": config.say("team.order_button"),
            },
        )


def _say(config: DeskConfig, key: str, filled: dict[str, Any]) -> str:
    return wording.say(key, trato=config.trato, overrides=config.wording, **filled).strip()


def _facts(order: StampOrder) -> dict[str, str]:
    """What every sentence may name; never an RFC (architecture, section 6)."""
    return {
        "number": order.number,
        "quantity": f"{order.quantity:,}",
        "trade_name": order.trade_name,
        "desk": order.desk.name,
    }


def _sellers(order: StampOrder) -> list[Member]:
    """Who sells at the desk; its managers where nobody does."""
    config = desk_queries.config(order.desk)
    return list(config.with_role(SALES) or config.with_role(MANAGER))


def _footer(config: DeskConfig) -> list[dict[str, str]]:
    """Whom to call about an order: sales first, then the desk."""
    reached = [contact for contact in config.contacts if contact.kind in ("phone", "email")]
    reached.sort(key=lambda contact: contact.purpose != "sales")
    return [{"label": c.label, "address": c.address, "kind": c.kind} for c in reached]


def _money(amount: Decimal) -> str:
    return f"${amount:,.2f}"
