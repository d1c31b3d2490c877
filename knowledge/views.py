"""*Conocimiento*: the list, one article with its versions, writing, publishing, withdrawing. For the desk's people."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.cfdi import codes as cfdi
from core import localtime
from core.errors import Conflict, Invalid
from desks.models import Desk, Product
from knowledge import actions, backing, indexing, queries, rendering
from knowledge import presenters as present
from knowledge.doors import HOME, Request, draw, staff_door, worked
from knowledge.forms import ArticleForm
from knowledge.models import Article, ArticleVersion, Audience, State
from knowledge.queries import Filters

NEW_DRAFT: Final = "conocimiento/nuevo"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """The articles of one's desks, the newest first, or what answers to the words. 3 statements of its own."""
    asked = request.GET
    products = _products([desk.vendor_id for desk in request.desks])
    chosen = next((product for product in products if str(product.pk) == asked.get("producto")), None)
    filters = Filters(
        q=asked.get("buscar", "")[:200],
        product_id=chosen.pk if chosen else None,
        state=asked["estado"] if asked.get("estado") in State.values else "",
        code=cfdi.parse(asked.get("codigo", "")),
    )
    articles = Article.objects.worked_by(request.actor)
    page = queries.listed(articles, filters, cursor=asked.get("cursor") or None)
    zone = localtime.zone(request.desks[0].timezone)
    kept = {name: asked[name] for name in ("buscar", "producto", "estado", "codigo") if asked.get(name)}
    context = {
        "page_title": _("Knowledge"),
        "rows": [present.row(article, zone=zone, now=request.moment) for article in page.items],
        "typed": filters.q,
        "code": filters.code.label if filters.code else "",
        "products": [_option(str(p.pk), p.name, chosen is not None and p.pk == chosen.pk) for p in products],
        "states": [_option(value, str(label), value == filters.state) for value, label in State.choices],
        "is_narrowed": bool(kept),
        "new_href": f"{HOME}nuevo/",
        "previous_href": _page(kept, page.previous),
        "next_href": _page(kept, page.next),
    }
    return draw(request, "knowledge/list.html", context)


def _option(value: str, text: str, selected: bool) -> dict[str, Any]:
    return {"value": value, "text": text, "selected": selected}


def _page(kept: dict[str, str], cursor: str | None) -> str:
    return f"{HOME}?{urlencode({**kept, 'cursor': cursor})}" if cursor else ""


def _products(vendor_ids: list[int], *, kept: int | None = None) -> list[Product]:
    """What may be chosen: what is sold, and what an article is about already. 1 query."""
    wanted = Q(is_active=True) | Q(pk=kept)
    return list(Product.objects.filter(wanted, vendor_id__in=vendor_ids).order_by("name", "pk"))


# ------------------------------------------------------------------ writing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """An empty article; 422 with the form on error."""
    slug = request.POST.get("mesa") or request.GET.get("mesa") or ""
    desk = next((desk for desk in request.desks if desk.slug == slug), request.desks[0])
    request.desks = [desk, *(other for other in request.desks if other.pk != desk.pk)]
    data = request.POST if request.method == "POST" else None
    products = _products([desk.vendor_id])
    form = ArticleForm(data, products=products, initial={"audience": Audience.INTERNAL, "base": 0})
    if form.is_valid():
        for_vendor = request.POST.get("para") == "empresa"
        try:
            article = actions.create(
                desk, form.content(), by=request.actor, now=request.moment, for_vendor=for_vendor,
                note=form.cleaned_data["note"],
            )  # fmt: skip
        except Invalid as refusal:
            _add_errors(form, refusal)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect(f"{HOME}{article.pk}/?nuevo=1")
    return _editor(request, form, desk=desk, article=None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def edit(request: Request, pk: int) -> HttpResponse:
    """Another version from the newest one; 422 with the form on error, 409 where somebody was faster."""
    article = worked(request, pk)
    newest = _version(article, 0)
    data = request.POST if request.method == "POST" else None
    products = _products([article.vendor_id], kept=newest.product_id)
    form = ArticleForm(data, products=products, initial=ArticleForm.values(newest))
    status = 200
    if form.is_valid():
        try:
            actions.edit(
                article, form.content(), by=request.actor, now=request.moment, note=form.cleaned_data["note"],
                base=form.cleaned_data["base"] or 0,
            )  # fmt: skip
        except Invalid as refusal:
            _add_errors(form, refusal)
        except Conflict as refusal:
            newest = _version(article, refusal.extra["version"])  # it may be newer than the one read above
            form.add_error(None, _overtaken(newest))
            form.data = {**request.POST.dict(), "base": str(newest.number)}
            status = 409
        else:
            messages.success(request, _("The new version is saved."))
            return redirect(f"{HOME}{article.pk}/?version={newest.number + 1}")
    return _editor(request, form, desk=request.desks[0], article=article, status=status)


def _overtaken(newest: ArticleVersion) -> str:
    said = _(
        "%(name)s saved version %(n)s while you were writing. What you typed is here; saving again puts it on top."
    )
    return said % {"name": newest.author.name, "n": newest.number}


def _add_errors(form: ArticleForm, refusal: Invalid) -> None:
    for error in refusal.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))


def _editor(
    request: Request, form: ArticleForm, *, desk: Desk, article: Article | None, status: int = 200
) -> HttpResponse:
    number = request.GET.get("de", "")
    taken = backing.replaced(article, number, request.actor) if article else []
    several = article is None and sum(other.vendor_id == desk.vendor_id for other in request.desks) > 1
    context = {
        "page_title": _("Edit: %s") % article.title if article else _("New article"),
        "form": form,
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [{"slug": one.slug, "name": one.name, "current": one.pk == desk.pk} for one in request.desks]
        if article is None and len(request.desks) > 1
        else [],
        "for_vendor": several,
        "back_href": f"{HOME}{article.pk}/" if article else HOME,
        "back_text": article.title if article else _("Knowledge"),
        "ticket": {"number": number, "href": f"/tickets/{number}/"} if taken else None,
        "replaced": present.replaced(taken),
        # What is typed is kept for the version that it is made from: an older draft never covers a newer text.
        "draft_key": f"conocimiento/{article.pk}/{article.n_versions}" if article else NEW_DRAFT,
    }
    if form.is_bound and status == 200:
        status = 422
    return draw(request, "knowledge/edit.html", context, status=status)


# ------------------------------------------------------------------ one article


@require_safe
@staff_door
def page(request: Request, pk: int) -> HttpResponse:
    """What is published, else the newest version; `?version=2` shows another. 5 statements of its own.

    1 more for who may give it to somebody else.
    """
    article = worked(request, pk)
    rows = queries.versions(article)
    shown = _chosen(request, article, rows)
    newest = rows[0]
    zone = localtime.zone(request.desks[0].timezone)
    now = request.moment
    may_publish = actions.may_publish(article, request.actor)
    is_public = article.state == State.PUBLISHED and article.audience == Audience.PUBLIC
    context = {
        "page_title": shown.title,
        "article": {
            **present.row(article, zone=zone, now=now),
            "title": shown.title,
            "audience": _(present.AUDIENCES[Audience(shown.audience)]),
            "html": rendering.html(shown.body),
        },
        "facts": present.facts(article, shown, indexing.codes_of(shown), zone=zone, now=now),
        "versions": present.history(rows, queries.hand_overs(article), article, shown=shown.number, zone=zone, now=now),
        "owners": present.owners(article, actions.keepers(article)) if may_publish else [],
        "owner_href": f"{HOME}{pk}/responsable/",
        "shown": present.version(shown, article, shown=shown.number, zone=zone, now=now),
        "newest": newest.number,
        "personal": present.personal(newest) if newest.pk != article.published_id else "",
        "tickets": backing.tickets(article, request.actor),
        "public_href": f"/{request.desks[0].slug}/ayuda/{article.pk}/" if is_public else "",
        "edit_href": f"{HOME}{pk}/editar/",
        "publish_href": f"{HOME}{pk}/publicar/" if may_publish and newest.pk != article.published_id else "",
        "withdraw_href": f"{HOME}{pk}/retirar/" if may_publish and article.state == State.PUBLISHED else "",
        "restore_href": f"{HOME}{pk}/restaurar/" if shown.number != newest.number else "",
        "draft_done": NEW_DRAFT if request.GET.get("nuevo") else "",
        "waits": newest.pk != article.published_id and not may_publish,
    }
    return draw(request, "knowledge/article.html", context)


def _chosen(request: Request, article: Article, rows: list[ArticleVersion]) -> ArticleVersion:
    wanted = request.GET.get("version", "")
    if wanted.isdecimal():
        return next((row for row in rows if str(row.number) == wanted), None) or _version(article, int(wanted[:9]))
    published = next((row for row in rows if row.pk == article.published_id), None)
    if published is None and article.published is not None:  # older than the newest versions that are listed
        published = _version(article, article.published.number)
    return published or rows[0]


def _version(article: Article, number: int) -> ArticleVersion:
    """A version, the newest where `number` is 0. Raises Http404."""
    found = queries.version(article, number)
    if found is None:
        raise Http404
    return found


@require_safe
@staff_door
def compare(request: Request, pk: int) -> HttpResponse:
    """Two versions, line by line (`?de=1&a=3`)."""
    article = worked(request, pk)
    numbers = [request.GET.get(name, "") for name in ("de", "a")]
    if not all(number.isdecimal() and len(number) < 9 and int(number) for number in numbers):
        raise Http404
    old, new = (_version(article, int(number)) for number in numbers)
    zone = localtime.zone(request.desks[0].timezone)
    sides = [present.version(side, article, shown=0, zone=zone, now=request.moment) for side in (old, new)]
    context = {
        "page_title": _("Versions %(old)s and %(new)s") % {"old": old.number, "new": new.number},
        "article": {"href": f"{HOME}{pk}/", "title": article.title},
        "old": sides[0],
        "new": sides[1],
        "lines": present.changed(old, new),
    }
    return draw(request, "knowledge/compare.html", context)


@require_POST
@staff_door
def publish(request: Request, pk: int) -> HttpResponse:
    """Let readers see the newest version, as it was read."""
    article = worked(request, pk)
    actions.publish(article, by=request.actor, now=request.moment, number=_number(request))
    messages.success(request, _("Published: readers see it from now on."))
    return redirect(f"{HOME}{pk}/")


@require_POST
@staff_door
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take it from its readers."""
    actions.withdraw(worked(request, pk), by=request.actor, now=request.moment)
    messages.success(request, _("Withdrawn: nobody is offered it any more."))
    return redirect(f"{HOME}{pk}/")


@require_POST
@staff_door
def hand_over(request: Request, pk: int) -> HttpResponse:
    """Let somebody else keep it right."""
    owner = request.POST.get("owner", "")
    chosen = int(owner) if owner.isdecimal() and len(owner) < 19 else 0
    try:
        article = actions.hand_over(worked(request, pk), by=request.actor, now=request.moment, owner=chosen)
    except Invalid as refusal:
        messages.error(request, " ".join(str(error.message) for error in refusal.errors))
    else:
        messages.success(request, _("%s keeps it right from now on.") % article.owner.name)
    return redirect(f"{HOME}{pk}/")


@require_POST
@staff_door
def restore(request: Request, pk: int) -> HttpResponse:
    """Make an old version the newest one."""
    base = request.POST.get("base", "")
    article = actions.restore(
        worked(request, pk),
        by=request.actor,
        now=request.moment,
        number=_number(request),
        base=int(base) if base.isdecimal() and len(base) < 9 else 0,
    )
    messages.success(request, _("The old text is the newest version again."))
    return redirect(f"{HOME}{pk}/?version={article.n_versions}")


def _number(request: Request) -> int:
    number = request.POST.get("number", "")
    return int(number) if number.isdecimal() and len(number) < 9 else 0
