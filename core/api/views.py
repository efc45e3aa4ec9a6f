"""The base of every API view."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class ApiView(APIView):
    """Says in `required_scopes` which scope each method needs. Unknown query parameters are refused."""

    required_scopes: ClassVar[dict[str, str]] = {}

    def allowed_query_parameters(self) -> set[str]:
        return set()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # The whole body (it is bounded already) is kept, for fingerprints and for a second reading.
        _ = request._request.body
        super().initial(request, *args, **kwargs)
        unknown = sorted(set(request.query_params) - self.allowed_query_parameters())
        if unknown:
            raise ValidationError({name: ["There is no such parameter here."] for name in unknown})

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        for name, value in getattr(request._request, "rate_limit_headers", {}).items():
            final.headers[name] = value
        final.headers["Cache-Control"] = "no-store"
        return final


class ApiListView(ApiView, GenericAPIView[Any]):
    """A list with filters and cursor pages. Subclasses give `filterset_class` and `serializer_class`."""

    filterset_class: ClassVar[Any] = None

    def allowed_query_parameters(self) -> set[str]:
        filters = set() if self.filterset_class is None else set(self.filterset_class.base_filters)
        return filters | {"limit", "cursor"}

    def list_response(self, queryset: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
