"""The WSGI application itself, as a server calls it."""

import runpy
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from gunicorn.config import Config


@pytest.mark.parametrize("charset", ["bz2", "hex", "zlib", "rot13", "nonsense", ""])
def test_a_charset_that_is_none_does_not_crash(rf: RequestFactory, charset, db, keep_connection):
    from pro_platform.wsgi import application

    environ = rf.get("/healthz?x=1").environ | {"CONTENT_TYPE": f"text/plain; charset={charset}"}
    statuses = []

    def start_response(status, headers, exc_info=None):
        statuses.append(status)
        return lambda data: None

    list(application(environ, start_response))
    assert statuses == ["200 OK"]


@pytest.mark.parametrize("path", ["/m/%00/", "/m/a%00b/x", "/m//", "/m/é/", "/%ff", "/m/" + "x" * 5000 + "/"])
def test_odd_paths_are_404(client, db, path):
    assert client.get(path).status_code == 404


def test_no_header_of_a_caller_moves_a_request_to_another_address():
    """gunicorn takes SCRIPT_NAME and PATH_INFO from headers unless told otherwise."""
    config = Config()
    config.set(
        "forwarder_headers", runpy.run_path(str(Path(settings.BASE_DIR) / "gunicorn.conf.py"))["forwarder_headers"]
    )
    assert config.forwarder_headers == []
