"""Articles and their versions, the codes by which they are found, and what readers say of them."""

from __future__ import annotations

from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.actor import Actor, ActorKind
from desks.models import Desk


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("article", "Draft")
    PUBLISHED = "published", pgettext_lazy("article", "Published")
    WITHDRAWN = "withdrawn", pgettext_lazy("article", "Withdrawn")


class Audience(models.TextChoices):
    PUBLIC = "public", _("Public: clients read it")
    INTERNAL = "internal", _("Internal: the desk's people only")


_PUBLIC: Final = Q(state=State.PUBLISHED, audience=Audience.PUBLIC)


def _worked(actor: Actor) -> Q:
    desk_ids = actor.ticket_desk_ids()
    if not desk_ids:
        return Q(pk__in=[])
    vendors = Desk.objects.filter(pk__in=desk_ids).values("vendor_id")
    return Q(desk_id__in=desk_ids) | Q(desk__isnull=True, vendor_id__in=vendors)


def _readable(actor: Actor) -> Q:
    """Nothing for who is no client: a link opens one ticket and no shelf."""
    if not actor.contact_ids or actor.ticket_id is not None or actor.order_id is not None:
        return Q(pk__in=[])
    return _PUBLIC & Q(vendor_id__in=actor.vendor_ids)


class ArticleQuerySet(models.QuerySet["Article"]):
    def public(self) -> Self:
        """What a client may read of any vendor: published, and for clients."""
        return self.filter(_PUBLIC)

    def visible_to(self, actor: Actor) -> Self:
        """What the actor may read, as one of the desk's people or as a client."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(_worked(actor) | _readable(actor))

    def worked_by(self, actor: Actor) -> Self:
        """Those of the desks whose tickets the actor works, whatever their state."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(_worked(actor))

    def read_by(self, actor: Actor) -> Self:
        """Those that the actor reads as a client: the public ones of their vendors."""
        return self.filter(_readable(actor))

    def at(self, desk: Desk) -> Self:
        """Those of the desk, and those of all desks of its vendor."""
        return self.filter(Q(desk_id=desk.pk) | Q(desk__isnull=True), vendor_id=desk.vendor_id)


class Article(models.Model):
    """What is known about one trouble. What readers see is its published version, whole; an edit changes nothing of it.

    Title, audience, product and versions repeat those of the published version, or of the newest where none is
    published. Without `desk` it is for every desk of the vendor.
    """

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+", db_index=False)
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, null=True, related_name="articles")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT, db_collation="C")
    audience = models.CharField(max_length=8, choices=Audience, db_collation="C")
    title = models.CharField(max_length=160)
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, null=True, related_name="+")
    # Versions of the product that it applies to; none: all.
    product_versions = ArrayField(models.CharField(max_length=30), default=list)
    # Who keeps it right.
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    published = models.ForeignKey("ArticleVersion", on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    n_versions = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # What readers answered, and how often a report was not sent because of it.
    n_helped = models.PositiveIntegerField(default=0)
    n_not_helped = models.PositiveIntegerField(default=0)
    n_solved = models.PositiveIntegerField(default=0)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.PUBLISHED, published__isnull=False, published_at__isnull=False)
                | ~Q(state=State.PUBLISHED) & Q(published__isnull=True, published_at__isnull=True),
                name="a_version_while_published",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "-changed_at", "-id"], name="articles_by_change"),
            models.Index(
                fields=["vendor", "-published_at", "-id"],
                name="articles_for_clients",
                condition=Q(state=State.PUBLISHED, audience=Audience.PUBLIC),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(models.Model):
    """The article as somebody left it. A row is never changed, but for when it was published first."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    body = models.TextField()
    audience = models.CharField(max_length=8, choices=Audience, db_collation="C")
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, null=True, related_name="+")
    product_versions = ArrayField(models.CharField(max_length=30), default=list)
    # Codes that were added by hand; those in the text are recognised.
    codes = ArrayField(models.CharField(max_length=12), default=list)
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once"),
        ]


class ArticleHandOver(models.Model):
    """Who kept an article right until somebody who supervises gave it to another."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="hand_overs", db_index=False)
    before = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    after = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="article_goes_to_another"),
        ]
        indexes = [models.Index(fields=["article", "-id"], name="hand_overs_of_article")]


class ArticleCode(models.Model):
    """An error code of the version that readers see (of the newest where none is published)."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="codes")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, db_collation="C")
    text = models.CharField(max_length=12, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "kind", "text", "article"], name="article_code_once"),
        ]


class ArticleSearch(models.Model):
    """Two vectors: the published version of a public article, and all that the desk's people may find.

    The first is empty for everything else, so that no word of a note or a draft finds a way out.
    Words of the title have weight A, those of the body D.
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="words")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+", db_index=False)
    public_tsv = SearchVectorField()
    staff_tsv = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["vendor", "staff_tsv"], name="article_words_staff"),
            GinIndex(fields=["vendor", "public_tsv"], name="article_words_public"),
        ]


class ArticleVote(models.Model):
    """What one reader answered; kept for a while so that they are counted once. `voter` names nobody."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="votes", db_index=False)
    voter = models.CharField(max_length=40, db_collation="C")
    helped = models.BooleanField()
    voted_at = models.DateTimeField()
    # The desk's local date on which a report was last not sent because of the article.
    solved_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "voter"], name="article_vote_once")]
        indexes = [models.Index(fields=["voted_at"], name="article_votes_by_age")]


class SolvedDay(models.Model):
    """How many reports were not sent on a local date because of an article: one row a day, for the figures."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="solved_days", db_index=False)
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "day", "article"], name="solved_day_once"),
        ]
