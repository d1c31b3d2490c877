"""Addresses of the desk's people. `/tickets/{number}/` itself is the portal's, which knows both readers."""

from __future__ import annotations

from django.urls import path

from tickets import urls_replies, urls_sharing
from tickets.verbs import VERBS
from tickets.views import (
    agenda,
    attentions,
    bulk,
    calls,
    cfdi,
    composing,
    escalations,
    handover,
    outages,
    parked,
    payroll,
    queue,
    savedviews,
    search,
    simulator,
    tags,
    tell,
    thirdparties,
    ticket,
    vault,
    verbs,
)

urlpatterns = [
    path("cola/", queue.index, name="queue"),
    path("cola/novedades/", queue.news, name="queue-news"),
    path("cola/buscar/", search.options, name="search-options"),
    path("cola/lote/", bulk.use, name="queue-bulk"),
    path("cola/lote/<int:pk>/", bulk.result, name="queue-bulk-result"),
    path("cola/lote/<int:pk>/deshacer/", bulk.undo, name="queue-bulk-undo"),
    path("cola/vistas/nueva/", savedviews.new, name="saved-view-new"),
    path("cola/vistas/<int:pk>/", savedviews.edit, name="saved-view"),
    path("cola/vistas/<int:pk>/borrar/", savedviews.delete, name="saved-view-delete"),
    path("avisar/", tell.index, name="to-tell"),
    path("llamadas/nueva/", calls.new, name="log-call"),
    path("llamadas/recibida/", calls.received, name="call-received"),
    path("llamadas/recibida/<int:pk>/descartar/", calls.dropped, name="call-dropped"),
    path("escalamientos/", escalations.index, name="escalations"),
    path("caidas/", outages.index, name="outages"),
    path("caidas/nueva/", outages.declare, name="outage-new"),
    path("caidas/<int:pk>/", outages.page, name="outage"),
    path("caidas/<int:pk>/terminar/", outages.end, name="outage-end"),
    path("guardias/nomina.csv", payroll.export, name="rota-payroll"),
    path("agenda/", agenda.week, name="agenda"),
    path("agenda/mi-calendario/", agenda.feed, name="agenda-feed"),
    path("agenda/citas/<str:secret>.ics", agenda.ics, name="agenda-ics"),
    path("entrega/", handover.index, name="handover"),
    path("entrega/recibir/", handover.receive, name="handover-receive"),
    path("entrega/nota/", handover.note, name="handover-note"),
    path("entrega/casos/<int:pk>/", handover.answer, name="handover-answer"),
    path("simulador/", simulator.index, name="simulator"),
    path("simulador/descartar/", simulator.discard, name="simulator-discard"),
    *urls_sharing.urlpatterns,
    *urls_replies.urlpatterns,
    path("ajustes/temporizadores/", parked.index, name="parked-timers"),
    path("ajustes/temporizadores/<int:pk>/reintentar/", parked.retry, name="parked-retry"),
    path("tickets/<str:number>/panel/", ticket.panel, name="ticket-panel"),
    path("tickets/<str:number>/responder/", composing.reply, name="ticket-reply"),
    path("tickets/<str:number>/proveedores/", thirdparties.index, name="ticket-third-parties"),
    path("tickets/<str:number>/proveedores/<int:pk>/<slug:verb>/", thirdparties.act, name="ticket-third-party"),
    path("tickets/<str:number>/empresa/", ticket.identify, name="ticket-identify"),
    path("tickets/<str:number>/avisado/<int:task_id>/", ticket.told, name="ticket-told"),
    path("tickets/<str:number>/archivos/<uuid:file_id>/", ticket.download, name="ticket-file"),
    path("tickets/<str:number>/etiquetas/", tags.index, name="ticket-tags"),
    path("tickets/<str:number>/cfdi/", cfdi.index, name="ticket-cfdi"),
    path("tickets/<str:number>/boveda/", vault.index, name="ticket-vault"),
    path("tickets/<str:number>/boveda/pedir/", vault.ask, name="ticket-vault-ask"),
    path("tickets/<str:number>/boveda/<uuid:secret_id>/ver/", vault.look, name="ticket-vault-look"),
    path("tickets/<str:number>/boveda/<uuid:secret_id>/destruir/", vault.destroy, name="ticket-vault-destroy"),
    path("tickets/<str:number>/relevar/", escalations.take_over, name="ticket-take-over"),
    path("tickets/<str:number>/atenciones/", attentions.index, name="ticket-attentions"),
    path("tickets/<str:number>/cita/<slug:step>/", attentions.step, name="ticket-appointment"),
    path("tickets/<str:number>/costos/", attentions.ask_price, name="ticket-prices"),
    path("tickets/<str:number>/costos/<int:pk>/", attentions.told_price, name="ticket-price"),
    path("tickets/<str:number>/schedule/", attentions.schedule, name="ticket-schedule"),  # proposes hours first
    *(
        path(f"tickets/<str:number>/{slug}/", verbs.verb, {"verb": slug}, name=f"ticket-{slug}")
        for slug in VERBS
        if slug != "schedule"
    ),
]
