"""The desks' addresses under the root of the API."""

from django.urls import path

from desks.api import availability, calendars, rotas

urlpatterns = [
    path("calendars/", calendars.CalendarsView.as_view(), name="api-calendars"),
    path("calendars/<slug:slug>/", calendars.CalendarView.as_view(), name="api-calendar"),
    path("calendars/<slug:slug>/status/", calendars.StatusView.as_view(), name="api-calendar-status"),
    path("calendars/<slug:slug>/add/", calendars.AddView.as_view(), name="api-calendar-add"),
    path("calendars/<slug:slug>/elapsed/", calendars.ElapsedView.as_view(), name="api-calendar-elapsed"),
    path(
        "calendars/<slug:slug>/business-days/",
        calendars.BusinessDaysView.as_view(),
        name="api-calendar-business-days",
    ),
    path("availability/", availability.AvailabilityView.as_view(), name="api-availability"),
    path("rotas/<slug:slug>/on-call/", rotas.OnCallView.as_view(), name="api-rota-on-call"),
]
