"""What a key may do: each view says which scope each of its methods needs."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.api.authentication import caller_of
from core.api.errors import ScopeMissing, SecretKeyNeeded


class HasScope(BasePermission):
    """Reads `view.required_scopes`: {"GET": "orders:read"}. A method without an entry is refused."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return False
        caller = caller_of(request)
        if request.method == "OPTIONS":
            return True
        scope = view.required_scopes.get("GET" if request.method == "HEAD" else request.method)
        if scope is None:
            raise MethodNotAllowed(str(request.method))
        if not caller.is_secret:
            raise SecretKeyNeeded
        if scope not in caller.scopes:
            raise ScopeMissing(scope=scope)
        return True
