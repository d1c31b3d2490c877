"""Addresses of clients' pages."""

from __future__ import annotations

from django.urls import path

from clients import views

urlpatterns = [
    path("clientes/importar/", views.start, name="client-imports"),
    path("clientes/importar/plantilla.csv", views.template, name="client-import-template"),
    path("clientes/importar/<int:pk>/", views.show, name="client-import"),
    path("clientes/importar/<int:pk>/aplicar/", views.apply, name="client-import-apply"),
    path("clientes/importar/<int:pk>/deshacer/", views.undo, name="client-import-undo"),
    path("clientes/importar/<int:pk>/renglones.csv", views.refused, name="client-import-refused"),
]
