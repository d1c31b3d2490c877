"""Addresses of stamps. `/timbres/{number}/` itself is the portal's, which knows both readers."""

from __future__ import annotations

from django.urls import path, re_path

from stamps.links import NUMBER
from stamps.views import account, accounts, advance, board, client, figures, orders, usage, vault

SEALED = "(?P<secret>[0-9a-f-]{36})"

ORDERS = [
    path("timbres/", board.index, name="stamp-orders"),
    path("tickets/<str:number>/anticipo/", advance.index, name="stamp-advance"),
    re_path(rf"^timbres/{NUMBER}/cotizacion\.pdf$", orders.quote, name="stamp-order-quote"),
    re_path(rf"^timbres/{NUMBER}/archivos/(?P<file_id>[0-9a-f-]{{36}})/$", orders.paper, name="stamp-order-file"),
    re_path(rf"^timbres/{NUMBER}/boveda/{SEALED}/ver/$", vault.look, name="stamp-order-look"),
    re_path(rf"^timbres/{NUMBER}/boveda/{SEALED}/destruir/$", vault.destroy, name="stamp-order-destroy"),
    re_path(rf"^timbres/{NUMBER}/(?P<slug>[a-z-]+)/$", orders.verb, name="stamp-order-verb"),
]
ACCOUNTS = [
    path("timbres/cuentas/", accounts.index, name="stamp-accounts"),
    path("timbres/cuentas/<int:pk>/", account.index, name="stamp-account"),
    path("timbres/cuentas/<int:pk>/llamada/", account.called, name="stamp-warning-called"),
    path("timbres/cuentas/<int:pk>/<slug:verb>/", account.act, name="stamp-account-verb"),
    path("timbres/consumo/", usage.index, name="stamp-usage"),
    path("timbres/consumo/formato.csv", usage.template, name="stamp-usage-template"),
    path("timbres/consumo/<int:pk>/", usage.detail, name="stamp-usage-file"),
    path("timbres/consumo/<int:pk>/registrar/", usage.confirm, name="stamp-usage-confirm"),
    path("timbres/cifras/", figures.index, name="stamp-figures"),
    path("timbres/cifras/<slug:table>.<slug:form>", figures.export, name="stamp-figures-file"),
    path("timbres/avisos/<str:token>/", client.by_link, name="stamp-notice-choice"),
    path("inicio/timbres/<int:pk>/", client.index, name="client-stamp-account"),
    path("inicio/timbres/<int:pk>/avisos/", client.choose, name="client-stamp-notices"),
]

urlpatterns = [*ORDERS, *ACCOUNTS]
