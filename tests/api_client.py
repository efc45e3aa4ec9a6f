"""A small client for tests of the API: JSON in, JSON out, one key."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client


class ApiClient:
    def __init__(self, key: str | None) -> None:
        self.client = Client()
        self.headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send(path, json.dumps(body) if body is not None else "", **headers)

    def send(self, path: str, raw: str | bytes, content_type: str = "application/json", **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        # Not `post`, which would encode the body again by the charset of the content type.
        return self.client.generic(
            "POST", f"/api/v1{path}", raw, content_type=content_type, headers={**self.headers, **named}
        )

    def request(self, method: str, path: str) -> HttpResponse:
        return self.client.generic(method, f"/api/v1{path}", headers=self.headers)
