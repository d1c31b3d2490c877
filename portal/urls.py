"""Addresses of the client's pages, and of those that mix apps. Included last: `/{desk}/` takes what is left."""

from __future__ import annotations

from django.urls import path, re_path

from portal.views import (
    appointment,
    clock,
    desk,
    home,
    order,
    report,
    shelf,
    stamps,
    thirdparty,
    ticket,
    uploads,
    vault,
)
from stamps.links import NUMBER

app_name = "portal"

FILE = "(?P<file_id>[0-9a-f-]{36})"
ORDER_VERB = r"(?P<verb>[a-z-]+)"
VERBS = r"(?P<verb>confirmar|separar|responder|reabrir|urge|escalar|cancelar)"

urlpatterns = [
    path("", desk.choose, name="choose"),
    path("inicio/", home.index, name="home"),
    path("inicio/sellos/", home.seals, name="seals"),
    path("t/<str:token>/", ticket.link, name="link"),
    path("t/<str:token>/subidas/", uploads.link_add, name="link-uploads"),
    path("t/<str:token>/subidas/<int:pk>/quitar/", uploads.link_remove, name="link-upload-remove"),
    path("tickets/<str:number>/cliente/subidas/", uploads.add, name="client-uploads"),
    path("tickets/<str:number>/cliente/subidas/<int:pk>/quitar/", uploads.remove, name="client-upload-remove"),
    path("t/<str:token>/archivos/<uuid:file_id>/", ticket.link_file, name="link-file"),
    re_path(rf"^t/(?P<token>[^/]+)/{VERBS}/$", ticket.link_verb, name="link-verb"),
    path("datos/<str:token>/", vault.enter, name="vault"),
    path("t/<str:token>/cita/", appointment.link, name="link-appointment"),
    path("t/<str:token>/cita/calendario.ics", appointment.link_ics, name="link-appointment-ics"),
    path("t/<str:token>/cita/<slug:step>/", appointment.link_step, name="link-appointment-step"),
    path("tickets/<str:number>/cliente/cita/", appointment.index, name="appointment"),
    path("tickets/<str:number>/cliente/cita/calendario.ics", appointment.ics, name="appointment-ics"),
    path("tickets/<str:number>/cliente/cita/<slug:step>/", appointment.step, name="appointment-step"),
    path("t/<str:token>/ejecutivo/", ticket.link_verb, {"verb": "ejecutivo"}, name="link-executive"),
    path("tickets/<str:number>/cliente/ejecutivo/", ticket.verb, {"verb": "ejecutivo"}, name="ticket-executive"),
    path("t/<str:token>/reloj/<slug:kind>/", clock.link, name="link-clock"),
    path("t/<str:token>/proveedor/<int:pk>/<slug:answer>/", thirdparty.link_consent, name="link-consent"),
    path("tercero/<str:token>/", thirdparty.page, name="third-party"),
    path("tercero/<str:token>/responder/", thirdparty.reply, name="third-party-reply"),
    path("tercero/<str:token>/archivos/<uuid:file_id>/", thirdparty.file, name="third-party-file"),
    path("tickets/<str:number>/", ticket.ticket, name="ticket"),
    path("tickets/<str:number>/cliente/proveedor/<int:pk>/<slug:answer>/", thirdparty.consent, name="ticket-consent"),
    path("tickets/<str:number>/reloj/<slug:kind>/", clock.ticket, name="ticket-clock"),
    re_path(rf"^tickets/(?P<number>[^/]+)/cliente/{VERBS}/$", ticket.verb, name="ticket-verb"),
    re_path(rf"^timbres/{NUMBER}/$", order.order, name="order"),
    re_path(rf"^timbres/{NUMBER}/cliente/{ORDER_VERB}/$", order.order_verb, name="order-verb"),
    re_path(rf"^timbres/{NUMBER}/cliente/cotizacion\.pdf$", order.paper, name="order-quote"),
    re_path(rf"^timbres/{NUMBER}/cliente/archivos/{FILE}/$", order.paper, name="order-file"),
    path("o/<str:token>/cotizacion.pdf", order.link_quote, name="order-link-quote"),
    re_path(rf"^o/(?P<token>[^/]+)/archivos/{FILE}/$", order.link_file, name="order-link-file"),
    path("o/<str:token>/", order.link, name="order-link"),
    re_path(rf"^o/(?P<token>[^/]+)/{ORDER_VERB}/$", order.link_verb, name="order-link-verb"),
    path("<slug:slug>/", desk.page, name="desk"),
    path("<slug:slug>/timbres/", stamps.form, name="stamps"),
    path("<slug:slug>/reportar/", report.form, name="report"),
    path("<slug:slug>/reportar/prioridad/", report.preview, name="outlook"),
    path("<slug:slug>/reportar/ayuda/", shelf.beside_report, name="report-help"),
    path("<slug:slug>/ayuda/", shelf.index, name="help"),
    path("<slug:slug>/ayuda/<int:pk>/", shelf.article, name="help-article"),
    path("<slug:slug>/ayuda/<int:pk>/voto/", shelf.vote, name="help-vote"),
    path("<slug:slug>/reportar/claridad/", report.judged, name="clarity"),
]
