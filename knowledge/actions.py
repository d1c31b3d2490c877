"""What can be done with an article: write, publish, withdraw, restore, hand it over; and what its readers answer.

Whoever works tickets of its desk writes; those who supervise publish and withdraw. Every change is a version;
readers see the published one until another is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clients.cfdi import codes as cfdi
from core import passwords
from core.actor import Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid
from desks import queries as desk_queries
from desks.config import Member
from desks.models import Desk, Product
from knowledge import indexing, neutral
from knowledge.models import Article, ArticleHandOver, ArticleVersion, ArticleVote, Audience, SolvedDay, State

MAX_TITLE: Final = 160
MAX_BODY: Final = 20_000
MAX_NOTE: Final = 200
MAX_CODES: Final = 20
# After this a reader's answer is counted, and who gave it is forgotten.
VOTES_KEPT: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Content:
    """All that a version says. `codes` are labels as people write them: `CFDI40147`, `PAC 302`."""

    title: str
    body: str
    audience: str = Audience.INTERNAL
    product: Product | None = None
    product_versions: Sequence[str] = ()
    codes: Sequence[str] = ()


# ------------------------------------------------------------------ writing


@transaction.atomic
def create(
    desk: Desk, content: Content, *, by: Actor, now: datetime, for_vendor: bool = False, note: str = ""
) -> Article:
    """Begin an article of the desk, or of all desks of its vendor, as a draft of one's own.

    Raises Forbidden for who works no tickets there, Invalid for what is missing, too long or secret.
    """
    if by.user_id is None or not by.works_tickets(desk.pk):
        raise Forbidden
    _check(content, note)
    article = Article(
        vendor_id=desk.vendor_id,
        desk=None if for_vendor else desk,
        owner_id=by.user_id,
        created_at=now,
        changed_at=now,
        n_versions=0,
        audience=content.audience,
        title=content.title.strip(),
    )
    article.save()
    _add(article, content, by=by, now=now, note=note)
    return article


@transaction.atomic
def edit(article: Article, content: Content, *, by: Actor, now: datetime, base: int, note: str = "") -> Article:
    """Add a version, made from version `base`; what is published stays as it is. Return the fresh row.

    Raises Forbidden, Invalid, and Conflict where somebody added one meanwhile.
    """
    fresh = _locked(article)
    _need(may_write(fresh, by))
    _check(content, note)
    _need_newest(fresh, base)
    _add(fresh, content, by=by, now=now, note=note)
    return fresh


@transaction.atomic
def restore(article: Article, *, by: Actor, now: datetime, number: int, base: int) -> Article:
    """Add a version that says what an old one said. Raises Forbidden, Invalid for no such version, Conflict."""
    fresh = _locked(article)
    _need(may_write(fresh, by))
    _need_newest(fresh, base)
    old = ArticleVersion.objects.filter(article=fresh, number=number).select_related("product").first()
    if old is None:
        raise Invalid.field("number", "unknown", _("There is no such version."))
    content = Content(old.title, old.body, old.audience, old.product, old.product_versions, old.codes)
    _add(fresh, content, by=by, now=now, note=str(_("As version %s")) % number)
    return fresh


def _add(article: Article, content: Content, *, by: Actor, now: datetime, note: str) -> None:
    product_versions = [version for version in content.product_versions if content.product is not None]
    newest = ArticleVersion.objects.create(
        article=article,
        number=article.n_versions + 1,
        title=content.title.strip(),
        body=content.body.strip(),
        audience=content.audience,
        product=content.product,
        product_versions=product_versions,
        codes=[code.label for label in content.codes if (code := cfdi.parse(label)) is not None],
        note=note.strip(),
        author_id=by.user_id or 0,  # a person: checked above
        made_at=now,
    )
    article.n_versions = newest.number
    article.changed_at = now
    if article.published is None:
        _show(article, newest)
    article.save()
    indexing.index(article, newest)


def _show(article: Article, version: ArticleVersion) -> None:
    """Let the article's own columns say what the version says."""
    article.title, article.audience = version.title, version.audience
    article.product_id, article.product_versions = version.product_id, version.product_versions


def _check(content: Content, note: str) -> None:
    """Raise Invalid with every mistake by its field."""
    wrong = []
    for name, text, most in (("title", content.title, MAX_TITLE), ("body", content.body, MAX_BODY)):
        if not text.strip():
            wrong.append(FieldError(name, "required", _("Write it, please.")))
        elif len(text.strip()) > most:
            wrong.append(FieldError(name, "too_long", str(_("At most %s characters.")) % f"{most:,}"))
        elif passwords.find(neutral.bare(text)):
            wrong.append(
                FieldError(name, "secret", _("There is a password or key in it. Take it out: an article is for many."))
            )
    if len(note.strip()) > MAX_NOTE or passwords.find(note):
        wrong.append(FieldError("note", "invalid", _("Write a short note, without access data.")))
    parsed = [cfdi.parse(label) for label in content.codes]
    if any(code is None or code.kind == cfdi.FOLIO for code in parsed) or len(parsed) > MAX_CODES:
        wrong.append(FieldError("codes", "invalid", _("Write codes such as CFDI40147, CRP20201 or PAC 302.")))
    if content.audience not in Audience.values:
        wrong.append(FieldError("audience", "invalid", _("Say whether clients read it.")))
    if wrong:
        raise Invalid(errors=wrong)


# ------------------------------------------------------------------ publishing


@transaction.atomic
def publish(article: Article, *, by: Actor, now: datetime, number: int) -> Article:
    """Let readers see version `number`, the newest, as it was read. Two at once are one.

    Raises Forbidden for who does not supervise, Conflict where it was changed since.
    """
    fresh = _locked(article)
    _need(may_publish(fresh, by))
    _need_newest(fresh, number)
    newest = ArticleVersion.objects.select_for_update().get(article=fresh, number=number)
    if fresh.published_id == newest.pk:
        return fresh
    if newest.published_at is None:
        newest.published_at, newest.published_by_id = now, by.user_id
        newest.save(update_fields=["published_at", "published_by"])
    fresh.published, fresh.state, fresh.published_at, fresh.changed_at = newest, State.PUBLISHED, now, now
    _show(fresh, newest)
    fresh.save()
    indexing.index(fresh, newest)
    _tell_desks(fresh)
    return fresh


@transaction.atomic
def withdraw(article: Article, *, by: Actor, now: datetime) -> Article:
    """Take it from its readers at once; its versions stay. Raises Forbidden; twice is once."""
    fresh = _locked(article)
    _need(may_publish(fresh, by))
    if fresh.state == State.WITHDRAWN:
        return fresh
    fresh.published, fresh.published_at, fresh.state, fresh.changed_at = None, None, State.WITHDRAWN, now
    newest = ArticleVersion.objects.get(article=fresh, number=fresh.n_versions)
    _show(fresh, newest)
    fresh.save()
    indexing.index(fresh, newest)
    _tell_desks(fresh)
    return fresh


@transaction.atomic
def hand_over(article: Article, *, by: Actor, now: datetime, owner: int) -> Article:
    """Let another person keep the article right; its versions and readers stay as they are. Return the fresh row.

    Raises Forbidden for who does not supervise there, Invalid at `owner` for who works no tickets there. To who has it
    already changes nothing.
    """
    fresh = _locked(article)
    _need(may_publish(fresh, by))
    if owner == fresh.owner_id:
        return fresh
    if owner not in {member.user_id for member in keepers(fresh)}:
        raise Invalid.field("owner", "unknown_person", _("Choose a person of this desk."))
    ArticleHandOver.objects.create(
        article=fresh, before_id=fresh.owner_id, after_id=owner, by_id=by.user_id or 0, at=now
    )
    fresh.owner_id = owner
    fresh.save(update_fields=["owner"])
    return fresh


def keepers(article: Article) -> list[Member]:
    """Who may keep it right: whoever works tickets of its desk, or of one of its vendor, by name. 1 query."""
    wanted = Q(pk=article.desk_id) if article.desk_id is not None else Q(vendor_id=article.vendor_id)
    found = {
        member.user_id: member
        for desk in Desk.objects.select_related("vendor").filter(wanted).order_by("pk")
        for member in desk_queries.config(desk).attending
    }
    return sorted(found.values(), key=lambda member: member.name.casefold())


def _tell_desks(article: Article) -> None:
    """Keep whether the desks have something that clients may read. 2 queries.

    The rows are held before it is counted: who withdraws the last one while another is published must see that one.
    """
    desks = Desk.objects.filter(vendor_id=article.vendor_id)
    list(desks.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    readable = Article.objects.public().filter(vendor_id=OuterRef("vendor_id"))
    desks.update(has_help=Exists(readable.filter(Q(desk=OuterRef("pk")) | Q(desk__isnull=True))))


# ------------------------------------------------------------------ who may


def may_write(article: Article, actor: Actor) -> bool:
    """Whether a person works tickets of the article's desk, or of one of its vendor. 0 or 1 query."""
    return actor.user_id is not None and any(actor.works_tickets(desk_id) for desk_id in _desk_ids(article))


def may_publish(article: Article, actor: Actor) -> bool:
    """Whether a person supervises there. 0 or 1 query."""
    return actor.user_id is not None and any(actor.supervises(desk_id) for desk_id in _desk_ids(article))


def _desk_ids(article: Article) -> list[int]:
    if article.desk_id is not None:
        return [article.desk_id]
    return list(Desk.objects.filter(vendor_id=article.vendor_id).order_by("pk").values_list("pk", flat=True))


def _need(allowed: bool) -> None:
    if not allowed:
        raise Forbidden


def _need_newest(article: Article, number: int) -> None:
    if article.n_versions != number:
        raise Conflict(
            _("Somebody changed the article meanwhile. Look at the newest version first."),
            code="changed_meanwhile",
            extra={"version": article.n_versions},
        )


def _locked(article: Article) -> Article:
    """The row, held until the transaction ends, with what is published. 1 or 2 queries."""
    return Article.objects.select_for_update(of=("self",)).get(pk=article.pk)


# ------------------------------------------------------------------ readers


@transaction.atomic
def vote(article: Article, *, voter: str, helped: bool, now: datetime) -> None:
    """Count what a reader answers, once; who thinks again is moved over. 3 queries, 4 for who does."""
    _vote(article, voter=voter, helped=helped, now=now)


@transaction.atomic
def solve(article: Article, desk: Desk, *, voter: str, now: datetime, day: date) -> None:
    """Count that a report was not sent because of the article, once a reader and day. At most 8 queries."""
    answer = _vote(article, voter=voter, helped=True, now=now)
    if answer.solved_on == day:
        return
    answer.solved_on = day
    answer.save(update_fields=["solved_on"])
    Article.objects.filter(pk=article.pk).update(n_solved=F("n_solved") + 1)
    kept, _made = SolvedDay.objects.get_or_create(article=article, desk=desk, day=day)
    SolvedDay.objects.filter(pk=kept.pk).update(n=F("n") + 1)


def _vote(article: Article, *, voter: str, helped: bool, now: datetime) -> ArticleVote:
    """The reader's answer, held until the transaction ends."""
    counts = {True: "n_helped", False: "n_not_helped"}
    answer, is_new = ArticleVote.objects.select_for_update().get_or_create(
        article=article, voter=voter, defaults={"helped": helped, "voted_at": now}
    )
    if not is_new and answer.helped == helped:
        return answer
    moved = {counts[helped]: F(counts[helped]) + 1}
    if not is_new:
        moved[counts[not helped]] = F(counts[not helped]) - 1
        answer.helped, answer.voted_at = helped, now
        answer.save(update_fields=["helped", "voted_at"])
    Article.objects.filter(pk=article.pk).update(**moved)
    return answer


def forget_votes(*, now: datetime) -> int:
    """Forget who answered long ago; what they answered stays counted. Return how many."""
    old = ArticleVote.objects.filter(voted_at__lt=now - VOTES_KEPT).order_by("voted_at")
    return ArticleVote.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:1000])).delete()[0]
