"""Addresses of the desk's people. `/timbres/{number}/` itself is the portal's, which knows both readers."""

from __future__ import annotations

from django.urls import path, re_path

from stamps.links import NUMBER
from stamps.views import board, orders, vault

SEALED = "(?P<secret>[0-9a-f-]{36})"

ORDERS = [
    path("timbres/", board.index, name="stamp-orders"),
    re_path(rf"^timbres/{NUMBER}/cotizacion\.pdf$", orders.quote, name="stamp-order-quote"),
    re_path(rf"^timbres/{NUMBER}/archivos/(?P<file_id>[0-9a-f-]{{36}})/$", orders.paper, name="stamp-order-file"),
    re_path(rf"^timbres/{NUMBER}/boveda/{SEALED}/ver/$", vault.look, name="stamp-order-look"),
    re_path(rf"^timbres/{NUMBER}/boveda/{SEALED}/destruir/$", vault.destroy, name="stamp-order-destroy"),
    re_path(rf"^timbres/{NUMBER}/(?P<slug>[a-z-]+)/$", orders.verb, name="stamp-order-verb"),
]

urlpatterns = [*ORDERS]
