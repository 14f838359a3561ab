"""Tokens: log in by user name and password, and log out again."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, BaseThrottle

from curation.api.errors import Problem
from curation.api.resource import Guarded
from curation.api.roles import Role

LOGIN = OpenApiExample("Log in", value={"username": "ada", "password": "correct horse"}, request_only=True)


class LoginThrottle(AnonRateThrottle):
    """Attempts from one address. django-axes counts failures for each user besides, over all web processes."""

    scope = "login"
    rate = "20/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        # Logged-in callers count as well: otherwise a viewer could guess an admin's password without limit.
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def get_ident(self, request: Request) -> str:
        """Take the caller's address from the proxies we know of only: DRF believes any X-Forwarded-For."""
        proxies: int = getattr(settings, "AXES_IPWARE_PROXY_COUNT", None) or 0
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-proxies:] if proxies else []
        return forwarded[0].strip() if forwarded and forwarded[0].strip() else str(request.META.get("REMOTE_ADDR", ""))


class LoginSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Send it as `Authorization: Token …`.")


class TokensView(Guarded):
    """`Authorization: Token …` on every other request. A user has one token; deleting it ends all its uses."""

    http_method_names = ["post", "delete"]
    write_role = Role.VIEWER

    def get_permissions(self) -> Sequence[Any]:
        return [AllowAny()] if self.request.method == "POST" else super().get_permissions()

    def get_authenticators(self) -> list[Any]:
        # A stale token or session must not stand in the way of getting a new one.
        request = getattr(self, "request", None)
        return [] if request is not None and request.method == "POST" else super().get_authenticators()

    def get_throttles(self) -> list[BaseThrottle]:
        return [LoginThrottle()] if self.request.method == "POST" else []

    @extend_schema(
        summary="Log in",
        request=LoginSerializer,
        responses={200: TokenSerializer, 429: OpenApiResponse(Problem, description="Too many attempts; wait.")},
        examples=[LOGIN],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        plain = LoginSerializer(data=request.data)
        plain.is_valid(raise_exception=True)
        login = AuthTokenSerializer(data=plain.validated_data, context={"request": request})
        login.is_valid(raise_exception=True)
        token, _ = Token.objects.get_or_create(user=login.validated_data["user"])
        return Response({"token": token.key})

    @extend_schema(summary="Log out everywhere", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        Token.objects.filter(user=request.user.pk).delete()
        return Response(status=HTTPStatus.NO_CONTENT)
