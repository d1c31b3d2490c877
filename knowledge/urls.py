"""Addresses of articles for the desk's people. Clients read theirs under `/{desk}/ayuda/` (portal)."""

from __future__ import annotations

from django.urls import path

from knowledge import views

urlpatterns = [
    path("conocimiento/", views.index, name="knowledge"),
    path("conocimiento/nuevo/", views.new, name="article-new"),
    path("conocimiento/<int:pk>/", views.page, name="article"),
    path("conocimiento/<int:pk>/editar/", views.edit, name="article-edit"),
    path("conocimiento/<int:pk>/comparar/", views.compare, name="article-compare"),
    path("conocimiento/<int:pk>/publicar/", views.publish, name="article-publish"),
    path("conocimiento/<int:pk>/retirar/", views.withdraw, name="article-withdraw"),
    path("conocimiento/<int:pk>/responsable/", views.hand_over, name="article-hand-over"),
    path("conocimiento/<int:pk>/restaurar/", views.restore, name="article-restore"),
]
