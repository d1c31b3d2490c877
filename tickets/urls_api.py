"""Addresses of tickets under /api/v1/."""

from __future__ import annotations

from django.urls import path

from tickets.api import (
    agenda,
    articles,
    calls,
    conversation,
    order,
    outages,
    routing,
    tags,
    thirdparties,
    tickets,
    vault,
    verbs,
)
from tickets.api.absences import urlpatterns as absence_urls
from tickets.api.whom import urlpatterns as whom_urls

urlpatterns = [
    *absence_urls,
    *whom_urls,
    path("tickets/", tickets.TicketList.as_view(), name="api-tickets"),
    path("tickets/<str:number>/", tickets.TicketDetail.as_view(), name="api-ticket"),
    path("tickets/<str:number>/clocks/", conversation.Clocks.as_view(), name="api-ticket-clocks"),
    path("tickets/<str:number>/third-parties/", thirdparties.ThirdParties.as_view(), name="api-third-parties"),
    *(
        path(f"tickets/<str:number>/third-parties/<int:pk>/{slug}/", view.as_view(), name=f"api-third-party-{slug}")
        for slug, view in thirdparties.VERBS.items()
    ),
    path("tickets/<str:number>/timeline/", conversation.Timeline.as_view(), name="api-ticket-timeline"),
    path("tickets/<str:number>/messages/", conversation.Messages.as_view(), name="api-ticket-messages"),
    path("tickets/<str:number>/files/<uuid:file_id>/", conversation.TicketFile.as_view(), name="api-ticket-file"),
    path("tickets/<str:number>/tags/", tags.Tags.as_view(), name="api-ticket-tags"),
    path("tickets/<str:number>/vault/", vault.Vault.as_view(), name="api-ticket-vault"),
    path("tickets/<str:number>/article/", articles.TicketArticle.as_view(), name="api-ticket-article"),
    path("calls/", calls.Calls.as_view(), name="api-calls"),
    path("calls/<int:pk>/drop/", calls.CallDrop.as_view(), name="api-call-drop"),
    path("calls/<int:pk>/register/", calls.CallRegister.as_view(), name="api-call-register"),
    path("outages/", outages.OutageList.as_view(), name="api-outages"),
    path("outages/<int:pk>/", outages.OutageDetail.as_view(), name="api-outage"),
    path("outages/<int:pk>/end/", outages.OutageEnd.as_view(), name="api-outage-end"),
    path("desks/<slug:slug>/route/", routing.RouteView.as_view(), name="api-desk-route"),
    *agenda.urlpatterns,
    *order.urlpatterns,
    *verbs.urlpatterns,
]
