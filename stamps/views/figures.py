"""`/timbres/cifras/`: the figures of sales, and the same as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from core import localtime
from desks.models import Desk
from files import tables
from stamps import figures, queries
from stamps.figures import Month, Pace, RiskDay, Stage
from stamps.views.sales_doors import Request, chosen, sales_door
from tickets.views.doors import draw

Row = dict[str, Any]
DEFAULT: Final = 90
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH, HEIGHT, BASE, TOP, LEFT = 620, 200, 172, 22, 28

ORDERS: Final = (
    gettext_noop("Number"), gettext_noop("State"), gettext_noop("Requested"), gettext_noop("Credited on"),
    gettext_noop("Business hours"), gettext_noop("Trade name"), gettext_noop("RFC invoiced"),
    gettext_noop("RFC credited"), gettext_noop("Stamps"), gettext_noop("Price"), gettext_noop("Subtotal"),
    gettext_noop("IVA"), gettext_noop("Total"), gettext_noop("Paid"),
)  # fmt: skip
RISK: Final = (
    gettext_noop("Company"), gettext_noop("Product"), gettext_noop("RFCs"), gettext_noop("Balance"),
    gettext_noop("A day"), gettext_noop("Runs out"), gettext_noop("Order by"), gettext_noop("Order of stamps"),
    gettext_noop("Client told"),
)  # fmt: skip
INCOME: Final = (gettext_noop("Month"), gettext_noop("Payments"), gettext_noop("Amount"), gettext_noop("Given back"))
PIPELINE: Final = (gettext_noop("State"), gettext_noop("Orders"), gettext_noop("Stamps"), gettext_noop("Amount"))


@require_safe
@sales_door
def index(request: Request) -> HttpResponse:
    """The figures of a desk. 13 statements, with those of the session and the frame, however many orders there are."""
    desk = chosen(request, request.GET.get("mesa"))
    request.desks = [desk, *(other for other in request.sold if other.pk != desk.pk)]
    now, days = request.moment, _days(request)
    hours = queries.sales_hours(desk, now)
    since, today = now - timedelta(days=days), now.astimezone(hours.zone).date()
    won, taken = figures.conversion(desk, since), figures.pace(desk, since, hours)
    risk_days = figures.at_risk(desk, now, hours)
    context = {
        "page_title": _("Figures of sales"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [
            {"href": _href(other, days), "text": other.name, "current": other.pk == desk.pk} for other in request.sold
        ],
        "periods": [{"href": _href(desk, n), "text": _("%d days") % n, "current": n == days} for n in figures.PERIODS],
        "stages": [_stage(stage) for stage in figures.pipeline(desk)],
        "won": {
            "n": f"{won.n:,}",
            "credited": f"{won.credited:,}",
            "cancelled": f"{won.cancelled:,}",
            "open": f"{won.on_their_way:,}",
            "share": "—" if won.share is None else f"{won.share} %",
        },
        "pace": _pace(taken),
        "months": _months(figures.income(desk, today, hours.zone)),
        "risk": _risk(risk_days, today),
        "files": [
            {"text": _(title), "csv": _file(desk, days, table, "csv"), "xlsx": _file(desk, days, table, "xlsx")}
            for table, (title, _make) in TABLES.items()
        ],
        "accounts_href": f"{reverse('stamp-accounts')}?mesa={desk.slug}",
    }
    return draw(request, "stamps/figures.html", context)


def _days(request: Request) -> int:
    wanted = request.GET.get("dias", "")
    return int(wanted) if wanted in {str(n) for n in figures.PERIODS} else DEFAULT


def _href(desk: Desk, days: int) -> str:
    return f"{reverse('stamp-figures')}?{urlencode({'mesa': desk.slug, 'dias': days})}"


def _file(desk: Desk, days: int, table: str, form: str) -> str:
    return f"{reverse('stamp-figures-file', args=[table, form])}?{urlencode({'mesa': desk.slug, 'dias': days})}"


def money(amount: Decimal | None) -> str:
    return "—" if amount is None else f"${amount:,.2f}"


def _stage(stage: Stage) -> Row:
    return {
        "text": stage.status.label.capitalize(),
        "n": f"{stage.n:,}",
        "stamps": f"{stage.stamps:,}",
        "value": money(stage.value),
    }


def _pace(pace: Pace) -> Row:
    def said(minutes: float | None) -> str:
        return "—" if minutes is None else localtime.minutes_label(minutes)

    return {"n": f"{pace.n:,}", "median": said(pace.median), "nine": said(pace.nine_of_ten)}


def _months(months: Sequence[Month]) -> list[Row]:
    most = max([month.amount for month in months] + [Decimal(1)])
    return [
        {
            "text": f"{localtime.MONTHS_SHORT[month.first.month - 1]} {month.first.year}",
            "amount": money(month.amount),
            "back": money(month.given_back) if month.given_back else "",
            "n": f"{month.n:,}",
            "share": round(100 * month.amount / most),
        }
        for month in months
    ]


def _risk(days: Sequence[RiskDay], today: date) -> Row:
    """The chart of the accounts that end, by day, with its conclusion."""
    total, alone = sum(day.ordered + day.alone for day in days), sum(day.alone for day in days)
    most = max([day.ordered + day.alone for day in days] + [4])
    step, scale = (WIDTH - LEFT) / len(days), (BASE - TOP) / most
    bars = []
    for place, day in enumerate(days):
        low, high = day.ordered * scale, day.alone * scale
        bars.append(
            {
                "x": f"{LEFT + place * step + step * 0.2:.1f}",
                "width": f"{step * 0.6:.1f}",
                "middle": f"{LEFT + (place + 0.5) * step:.1f}",
                "ordered": {"y": f"{BASE - low:.1f}", "height": f"{low:.1f}"},
                "alone": {"y": f"{BASE - low - high:.1f}", "height": f"{high:.1f}"},
                "top": f"{BASE - low - high - 5:.1f}",
                "n": day.ordered + day.alone,
                "n_ordered": day.ordered,
                "n_alone": day.alone,
                "text": _("today") if day.on == today else f"{localtime.WEEKDAYS_SHORT[day.on.weekday()]} {day.on.day}",
                "day": localtime.day_label(day.on),
            }
        )
    label = _("%(total)d accounts run out within ten business days; %(alone)d of them have no order.")
    return {
        "label": label % {"total": total, "alone": alone},
        "n": f"{total:,}",
        "alone": f"{alone:,}",
        "bars": bars,
        "most": most,
        "width": WIDTH,
        "height": HEIGHT,
        "base": BASE,
        "top": TOP,
        "left": LEFT,
    }


# ------------------------------------------------------------------ files


Made = tuple[Sequence[str], Iterable[Sequence[Any]]]


def _orders(desk: Desk, since: datetime, now: datetime) -> Made:
    return ORDERS, figures.order_rows(desk, since, now)


def _income(desk: Desk, since: datetime, now: datetime) -> Made:
    zone = queries.sales_hours(desk, now).zone
    months = figures.income(desk, now.astimezone(zone).date(), zone)
    return INCOME, ([month.first, month.n, month.amount, month.given_back] for month in months)


def _at_risk(desk: Desk, since: datetime, now: datetime) -> Made:
    return RISK, figures.risk_rows(desk, now)


def _pipeline(desk: Desk, since: datetime, now: datetime) -> Made:
    rows = ([str(stage.status.label), stage.n, stage.stamps, stage.value] for stage in figures.pipeline(desk))
    return PIPELINE, rows


TABLES: Final[Mapping[str, tuple[str, Callable[[Desk, datetime, datetime], Made]]]] = {
    "pedidos": (gettext_noop("Orders of the period"), _orders),
    "embudo": (gettext_noop("Orders on their way, by state"), _pipeline),
    "ingresos": (gettext_noop("Income by month"), _income),
    "riesgo": (gettext_noop("Accounts at risk"), _at_risk),
}


@require_safe
@sales_door
def export(request: Request, table: str, form: str) -> HttpResponse:
    """A table as CSV or as a workbook; no cell of it is ever a formula."""
    desk = chosen(request, request.GET.get("mesa"))
    if table not in TABLES or form not in ("csv", "xlsx"):
        raise Http404
    now = request.moment
    title, make = TABLES[table]
    headings, rows = make(desk, now - timedelta(days=_days(request)), now)
    names = [_(heading) for heading in headings]
    if form == "csv":
        response = HttpResponse(tables.csv_bytes(names, rows), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(tables.workbook_bytes(_(title), names, rows), content_type=XLSX)
    day = now.astimezone(queries.sales_hours(desk, now).zone).date()
    response["Content-Disposition"] = f'attachment; filename="timbres-{table}-{desk.slug}-{day}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response
