"""Canned answers to choose from, and what a ticket puts into their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject

from core import localtime, names
from core.actor import Actor
from desks import queries as desk_queries
from desks import weekwords
from desks.config import DeskConfig
from desks.models import Desk
from tickets import links
from tickets.models import CannedAnswer, CannedFile, Ticket
from tickets.queries import case

MOST_SHOWN: Final = 12
_GREETINGS: Final = ((5, "Buenas noches"), (12, "Buenos días"), (19, "Buenas tardes"), (24, "Buenas noches"))


# ------------------------------------------------------------------ which there are


def with_files(answers: QuerySet[CannedAnswer]) -> QuerySet[CannedAnswer]:
    """With `attached`: a list of `{"id", "name", "size"}`, in order."""
    files = (
        CannedFile.objects.filter(answer=OuterRef("pk"))
        .order_by("position")
        .values(json=JSONObject(id=F("pk"), name=F("attachment__filename"), size=F("attachment__size")))
    )
    return answers.annotate(attached=ArraySubquery(files))


def of_desk(desk: Desk, actor: Actor) -> list[CannedAnswer]:
    """All of a desk that the actor may see, with their files; the most used first, in number bounded. 1 query."""
    found = CannedAnswer.objects.of_reader(actor).filter(desk=desk).select_related("product")
    return list(with_files(found).order_by("-is_active", "-n_used", "title", "id"))


def one(actor: Actor, pk: int) -> CannedAnswer | None:
    """The canned answer with its desk and files, None where the actor may not see it. 1 query."""
    found = CannedAnswer.objects.of_reader(actor).select_related("desk__vendor", "product")
    return with_files(found.filter(pk=pk)).first()


def usable(ticket: Ticket, actor: Actor, *, like: str = "", by_shortcut: bool = False) -> list[CannedAnswer]:
    """Those that fit a ticket, at most MOST_SHOWN: by shortcut, then those of its product, then by use. 1 query.

    `like` is what was typed: the beginning of a shortcut, or (unless only `by_shortcut`) words of title or text,
    accents aside.
    """
    found = CannedAnswer.objects.of_reader(actor).active().filter(desk_id=ticket.desk_id)
    found = found.filter(Q(product__isnull=True) | Q(product_id=ticket.product_id))
    words = like.split()[:6]
    if by_shortcut:
        found = found.filter(shortcut__startswith=like.casefold())
    for word in words if not by_shortcut else []:
        found = found.filter(
            Q(shortcut__istartswith=word) | Q(title__unaccent__icontains=word) | Q(body__unaccent__icontains=word)
        )
    rank: Case | Value = Value(0)
    if words:
        starts = When(shortcut__istartswith=words[0], then=Value(0))
        titled = When(title__unaccent__icontains=words[0], then=Value(1))
        rank = Case(starts, titled, default=Value(2), output_field=IntegerField())
    ordered = found.annotate(rank=rank).order_by("rank", F("product_id").asc(nulls_last=True), "-n_used", "id")
    return list(ordered.select_related("product")[:MOST_SHOWN])


# ------------------------------------------------------------------ what a ticket says


def values(ticket: Ticket, config: DeskConfig, by: Actor, *, now: datetime) -> Mapping[str, str]:
    """What the ticket puts into each place; "" where it has nothing to say. At most 1 query, for the appointment.

    The link asks to sign in: a signed one would make whoever reads the text the requester.
    """
    writer = config.member(by.user_id)
    name = writer.name if writer else by.label
    return {
        "saludo": greeting(now, config),
        "cliente.nombre": ticket.requester_name,
        "cliente.primer_nombre": names.first(ticket.requester_name),
        "empresa": ticket.client.name if ticket.client else "",
        "ticket.numero": ticket.number,
        "ticket.asunto": ticket.subject,
        "ticket.enlace": links.staff_url(ticket),
        "producto": ticket.product.name if ticket.product else "",
        "version": ticket.product_version,
        "cita": _appointment(ticket, config),
        "consultor": writer.first_name if writer else names.first(name),
        "consultor.nombre": name,
        "mesa": config.name,
        "mesa.horario": _hours(ticket.desk, now),
        "mesa.telefono": _address(config, "phone"),
        "mesa.correo": config.email,
    }


def greeting(now: datetime, config: DeskConfig) -> str:
    """*Buenos días* from 5 to 12, *buenas tardes* until 19, else *buenas noches*, by the desk's clock."""
    hour = now.astimezone(config.zone).hour
    return next(words for until, words in _GREETINGS if hour < until)


def _appointment(ticket: Ticket, config: DeskConfig) -> str:
    booked = case.appointment(ticket)
    return localtime.exact(booked.starts_at, config.zone) if booked else ""


def _hours(desk: Desk, now: datetime) -> str:
    if desk.calendar_id is None:
        return ""
    eras = desk_queries.hours(desk, now).eras
    spec = next((era.spec for era in reversed(eras) if now.timestamp() >= era.seconds[0]), eras[0].spec)
    return weekwords.sentence(spec)


def _address(config: DeskConfig, kind: str) -> str:
    """The first number of the desk that clients call in office hours, else any."""
    known: Sequence[str] = [c.address for c in config.contacts if c.kind == kind and c.purpose in desk_queries.TO_CALL]
    return next(iter(known), "")
