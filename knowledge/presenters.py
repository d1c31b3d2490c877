"""Articles as people read them: each piece a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clients.cfdi.codes import Code
from core import localtime
from desks.config import Member
from knowledge import comparing, neutral, rendering
from knowledge.models import Article, ArticleHandOver, ArticleVersion, Audience, State

Row = dict[str, Any]
TONES: Final = {State.DRAFT: "warn", State.PUBLISHED: "ok", State.WITHDRAWN: "mute"}
AUDIENCES: Final = {Audience.PUBLIC: gettext_noop("Public"), Audience.INTERNAL: gettext_noop("Internal")}
KINDS: Final = {
    neutral.SECRET: gettext_noop("access data"),
    neutral.RFC: gettext_noop("RFC"),
    neutral.CURP: gettext_noop("CURP"),
    neutral.FOLIO: gettext_noop("folio fiscal"),
    neutral.EMAIL: gettext_noop("e-mail address"),
    neutral.PHONE: gettext_noop("telephone"),
    neutral.NUMBER: gettext_noop("long number"),
    neutral.LINK: gettext_noop("private link"),
    neutral.PERSON: gettext_noop("name"),
    neutral.COMPANY: gettext_noop("company"),
    neutral.TICKET: gettext_noop("ticket number"),
}


def row(article: Article, *, zone: ZoneInfo, now: datetime) -> Row:
    """A line of the list."""
    published = article.published
    return {
        "href": f"/conocimiento/{article.pk}/",
        "title": article.title,
        "sub": about(article),
        "state": str(State(article.state).label),
        "tone": TONES[State(article.state)],
        "audience": _(AUDIENCES[Audience(article.audience)]),
        "is_public": article.audience == Audience.PUBLIC,
        "pending": published is not None and published.number != article.n_versions,
        "owner": article.owner.name,
        "changed": localtime.when(article.changed_at, zone, now),
        "helped": helped(article),
    }


def about(article: Article) -> str:
    """What it is about, for whom: `InvoiceMX Nube 7.2 · InvoiceMX`."""
    versions = ", ".join(article.product_versions)
    product = f"{article.product.name} {versions}".strip() if article.product else _("All products")
    return f"{product} · {article.desk.name if article.desk else _('All desks')}"


def helped(article: Article) -> str:
    """`12 de 14`; empty where nobody has answered."""
    n = article.n_helped + article.n_not_helped
    return _("%(yes)s of %(n)s") % {"yes": article.n_helped, "n": n} if n else ""


def facts(
    article: Article, shown: ArticleVersion, codes: Sequence[Code], *, zone: ZoneInfo, now: datetime
) -> list[Row]:
    """The side of the page."""
    versions = ", ".join(shown.product_versions)
    rows = [
        (_("Product"), f"{shown.product.name} {versions}".strip() if shown.product else _("All products")),
        (_("Desk"), article.desk.name if article.desk else _("All desks")),
        (_("Codes"), ", ".join(code.label for code in codes)),
        (_("Kept right by"), article.owner.name),
        (_("Published"), localtime.when(article.published_at, zone, now) if article.published_at else ""),
        (_("It helped"), helped(article)),
        (_("Reports avoided"), str(article.n_solved) if article.n_solved else ""),
    ]
    return [{"label": label, "text": text} for label, text in rows if text]


def history(
    versions: Iterable[ArticleVersion],
    hand_overs: Iterable[ArticleHandOver],
    article: Article,
    *,
    shown: int,
    zone: ZoneInfo,
    now: datetime,
) -> list[Row]:
    """The versions, and who kept the article right before, the latest first."""
    rows = [(row.made_at, version(row, article, shown=shown, zone=zone, now=now)) for row in versions]
    rows += [(row.at, _handed(row, zone, now)) for row in hand_overs]
    return [row for _at, row in sorted(rows, key=lambda pair: pair[0], reverse=True)]


def _handed(row: ArticleHandOver, zone: ZoneInfo, now: datetime) -> Row:
    said = _("%(after)s keeps it right in place of %(before)s") % {"after": row.after.name, "before": row.before.name}
    return {"handed": said, "who": row.by.name, "when": localtime.when(row.at, zone, now)}


def owners(article: Article, keepers: Iterable[Member]) -> list[Row]:
    """Who may keep it right, with who does, of the desk or not any more."""
    people = {article.owner_id: article.owner.name} | {member.user_id: member.name for member in keepers}
    return [{"value": pk, "text": name, "selected": pk == article.owner_id} for pk, name in people.items()]


def version(row: ArticleVersion, article: Article, *, shown: int, zone: ZoneInfo, now: datetime) -> Row:
    """A line of the history."""
    here = f"/conocimiento/{article.pk}/"
    return {
        "handed": "",
        "number": row.number,
        "href": f"{here}?version={row.number}",
        "who": row.author.name,
        "when": localtime.when(row.made_at, zone, now),
        "note": row.note,
        "current": row.number == shown,
        "is_published": row.pk == article.published_id,
        "is_newest": row.number == article.n_versions,
        "compare_href": f"{here}comparar/?de={row.number}&a={article.n_versions}"
        if row.number != article.n_versions
        else "",
    }


def changed(old: ArticleVersion, new: ArticleVersion) -> list[Row]:
    """The lines of two versions; facts that differ come first, as lines of their own."""
    before, after = (_as_lines(one) for one in (old, new))
    signs = {comparing.SAME: "", comparing.ADDED: _("Added:"), comparing.REMOVED: _("Removed:")}
    return [{"kind": line.kind, "text": line.text, "said": signs[line.kind]} for line in comparing.lines(before, after)]


def _as_lines(version: ArticleVersion) -> str:
    product = version.product.name if version.product else _("All products")
    facts = [
        version.title,
        f"{_(AUDIENCES[Audience(version.audience)])} · {product} {', '.join(version.product_versions)}",
    ]
    return "\n".join([*facts, ", ".join(version.codes), version.body])


def replaced(found: Iterable[neutral.Replaced]) -> list[Row]:
    """What neutral words stand for, one line each."""
    return [{"kind": _(KINDS[one.kind]), "text": one.text, "word": neutral.WORDS[one.kind]} for one in found]


def personal(version: ArticleVersion) -> str:
    """What looks like somebody's in a text that clients are to read: `1 × RFC, 2 × telephone`; empty for none."""
    if version.audience != Audience.PUBLIC:
        return ""
    counted = Counter(one.kind for one in neutral.personal(f"{version.title}\n{version.body}"))
    return ", ".join(f"{n} × {_(KINDS[kind])}" for kind, n in counted.items())


def offer(article: Article, *, href: str) -> Row:
    """An article that is offered, with its published text."""
    body = article.published.body if article.published else ""
    return {
        "pk": article.pk,
        "title": article.title,
        "href": href,
        "excerpt": rendering.excerpt(body),
        "is_public": article.audience == Audience.PUBLIC,
    }
