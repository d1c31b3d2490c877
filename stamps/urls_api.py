"""Addresses of stamps under /api/v1/."""

from __future__ import annotations

from django.urls import path

from stamps.api import accounts, orders

urlpatterns = [
    path("stamps/accounts/", accounts.AccountList.as_view(), name="api-stamp-accounts"),
    path("stamps/accounts/<str:rfc>/", accounts.AccountDetail.as_view(), name="api-stamp-account"),
    path("stamps/accounts/<str:rfc>/usage/", accounts.Usage.as_view(), name="api-stamp-usage"),
    path("stamps/orders/", orders.OrderList.as_view(), name="api-stamp-orders"),
    path("stamps/orders/<str:order>/", orders.OrderDetail.as_view(), name="api-stamp-order"),
    *orders.urlpatterns,
]
