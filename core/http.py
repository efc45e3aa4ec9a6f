"""The way out: the only module that speaks HTTP to others. What an outsider can choose (URL, answer) is bounded.

The guard sits where the connection is made: the name is resolved once, the addresses are checked, and the checked
address is the one that is connected to, so a second DNS answer cannot smuggle in an internal one. Redirects are not
followed: a 3xx is an answer like any other.
"""

import ipaddress
import json as json_module
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore
import httpx
from django.conf import settings

USER_AGENT = "PRO-Platform/0.1"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# getaddrinfo has no time-out of its own. A stuck resolver blocks these threads, not the callers.
_resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")


class HttpFailure(Exception):
    """No usable answer came. The request may or may not have been carried out."""


class AddressRefused(HttpFailure):
    """The URL leads to a place that this server must not call. Nothing was sent."""


class HttpTimeout(HttpFailure):
    pass


class AnswerTooLarge(HttpFailure):
    pass


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json_module.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """Time-outs in seconds. `total` bounds the whole exchange, also against a server that drips byte by byte."""

    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    total_timeout: float = 30.0
    max_answer_bytes: int = 1_000_000

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: Any = None,
    ) -> Reply:
        _check_url(url)
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
        timeout = httpx.Timeout(self.read_timeout, connect=self.connect_timeout)
        transport = _GuardedTransport(deadline=time.monotonic() + self.total_timeout)
        try:
            with (
                httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False) as client,
                client.stream(method, url, headers=sent, content=content, json=json) as response,
            ):
                body = self._read(response)
                return Reply(response.status_code, dict(response.headers), body)
        except httpx.TimeoutException as error:
            raise HttpTimeout(f"{method} {_origin(url)} took too long.") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise HttpFailure(f"{method} {_origin(url)} failed: {type(error).__name__}.") from error

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        return self.request("GET", url, headers=headers)

    def post(
        self, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None, json: Any = None
    ) -> Reply:
        return self.request("POST", url, headers=headers, content=content, json=json)

    def _read(self, response: httpx.Response) -> bytes:
        # Read raw: a small compressed body may unpack to any size, and none was asked for.
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise HttpFailure("The answer is compressed although that was not asked for.")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self.max_answer_bytes:
                raise AnswerTooLarge(f"The answer is larger than {self.max_answer_bytes} bytes.")
        return bytes(body)


def _check_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressRefused("This is not a URL.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressRefused("Only http and https URLs with a host are called.")
    if parsed.userinfo:
        raise AddressRefused("A URL must not carry a user name or password.")


def _origin(url: str) -> str:
    """Scheme and host only: paths and queries may hold secrets."""
    parsed = httpx.URL(url)
    return f"{parsed.scheme}://{parsed.host}"


def is_public_address(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet, seen through IPv4-in-IPv6 wrappings."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(inner)
        return address.is_global and address in _GLOBAL_UNICAST
    return address.is_global and not address.is_multicast


def resolve_public(host: str, port: int, timeout: float) -> list[str]:
    """The addresses of a host, all of them public, or AddressRefused. One bad address refuses the host."""
    future = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = future.result(timeout)
    except FutureTimeoutError:
        future.cancel()
        raise httpcore.ConnectTimeout(f"No address for {host} in time.") from None
    except (OSError, UnicodeError):
        raise httpcore.ConnectError(f"No address for {host}.") from None
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    if not _is_allowed_private(host, port):
        for address in addresses:
            if not is_public_address(ipaddress.ip_address(address)):
                raise AddressRefused(f"{host} leads to a private address.")
    return addresses


def _is_allowed_private(host: str, port: int) -> bool:
    allowed: list[str] = settings.HTTP_ALLOWED_PRIVATE_HOSTS
    return host.lower() in allowed or f"{host.lower()}:{port}" in allowed


class _GuardedBackend(httpcore.SyncBackend):
    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        limit = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
        failure: Exception = httpcore.ConnectError(f"No address for {host}.")
        for address in resolve_public(host, port, limit):
            limit = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
            try:
                stream = super().connect_tcp(address, port, limit, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _DeadlineStream(stream, self._deadline)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation also ends at the deadline of the whole exchange."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _remaining(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, limit), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _remaining(deadline: float, timeout: float | None, expired: type[httpcore.TimeoutException]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise expired("The exchange took too long as a whole.")
    return left if timeout is None else min(left, timeout)


class _GuardedTransport(httpx.HTTPTransport):
    """One exchange, one connection. httpx offers no argument for a network backend, hence the pool is replaced."""

    def __init__(self, deadline: float) -> None:
        super().__init__(verify=_tls_context(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_tls_context(), max_connections=1, network_backend=_GuardedBackend(deadline)
        )


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
