"""A small API that stands on ours: each view does one thing that a test looks at."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.fields import InstantField, query_instant
from accounts.idempotency import Idempotent
from accounts.models import User
from core.errors import AlreadyTaken, Forbidden, Invalid, TooMany, TransitionNotAllowed
from tests.accounts import effects


class Person(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=10)
    email = serializers.EmailField(required=False)


class Order(serializers.Serializer[Any]):
    at = InstantField()
    requester = Person()
    hours = Person(many=True, required=False)


class Whoami(APIView):
    def get(self, request: Request) -> Response:
        return Response({"email": cast(User, request.user).email})

    def post(self, request: Request) -> Response:
        order = Order(data=request.data, context={})
        order.is_valid(raise_exception=True)
        return Response(order.data)


class Public(APIView):
    permission_classes = [AllowAny]
    throttle_scope = "open_ticket"

    def get(self, request: Request) -> Response:
        return Response({"at": query_instant(request.query_params, "at").isoformat()})

    def post(self, request: Request) -> Response:
        return Response({"got": request.data}, status=201)


class Refuse(APIView):
    def get(self, request: Request, what: str) -> NoReturn:
        raise {
            "taken": AlreadyTaken("in_progress", {"id": 7, "name": "Karla", "kind": "user"}),
            "state": TransitionNotAllowed("closed"),
            "invalid": Invalid.field("rfc", "rfc_shape", "No es un RFC."),
            "verb": Forbidden(),
            "often": TooMany(30),
            "gone": Http404(),
            "denied": PermissionDenied(),
            "model": ModelInvalid({"name": ModelInvalid("Falta.", code="required")}),
            "nul": DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
            "bug": ZeroDivisionError("the details stay here"),
            "away": OperationalError("connection refused"),
        }[what]


class Create(Idempotent):
    """Leaves a user behind, then answers as it is told."""

    permission_classes = [AllowAny]
    secret_answer_fields = frozenset({"secret"})

    def post(self, request: Request) -> Response:
        effects.happen(request)
        user = User.objects.create_user(f"{effects.count()}@effect.example", name="effect")
        status = int(cast(dict[str, Any], request.data).get("status", 201))
        if status == 409:
            raise TransitionNotAllowed("closed")
        if status == 500:
            raise ZeroDivisionError
        return Response({"id": user.pk, "secret": "s3cret"}, status=status, headers={"Location": f"/x/{user.pk}/"})


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hola")


urlpatterns = [
    path("api/v1/whoami/", Whoami.as_view()),
    path("api/v1/public/", Public.as_view()),
    path("api/v1/refuse/<str:what>/", Refuse.as_view()),
    path("api/v1/create/", Create.as_view()),
    path("pagina/", plain),
]
