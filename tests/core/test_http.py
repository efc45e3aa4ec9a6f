"""The HTTP client against real sockets on loopback: what it refuses, and what it bounds."""

import ipaddress
import socket
import threading
import time

import pytest

from core import http
from core.http import AddressRefused, AnswerTooLarge, Client, HttpFailure, HttpTimeout, is_public_address


class Server:
    """One connection at a time; `script` writes what it likes to the socket."""

    def __init__(self, script, family=socket.AF_INET):
        self.script, self.received = script, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.received += connection.recv(65536)
                try:
                    self.script(connection, self.stopped)
                except OSError:
                    continue

    def close(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(timeout=5)


@pytest.fixture
def serve(settings):
    servers = []

    def start(script):
        server = Server(script)
        servers.append(server)
        settings.HTTP_ALLOWED_PRIVATE_HOSTS = [f"127.0.0.1:{server.port}"]
        return server

    yield start
    for server in servers:
        server.close()


def plain(body=b"hello", head=b""):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), head, body)
    return lambda connection, stopped: connection.sendall(answer)


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "::127.0.0.1",
        ],
    )
    def test_private(self, address):
        assert not is_public_address(ipaddress.ip_address(address))

    @pytest.mark.parametrize(
        "address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
    )
    def test_public(self, address):
        assert is_public_address(ipaddress.ip_address(address))

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:{port}/",
            "http://localhost:{port}/",
            "http://2130706433:{port}/",
            "http://0x7f.1:{port}/",
            "http://0177.0.0.1:{port}/",
            "http://[::ffff:127.0.0.1]:{port}/",
            "http://127.1:{port}/",
            "http://0:{port}/",
        ],
    )
    def test_ways_to_write_loopback_are_all_refused(self, serve, settings, url):
        server = serve(plain())
        settings.HTTP_ALLOWED_PRIVATE_HOSTS = []
        with pytest.raises(HttpFailure):
            Client().get(url.format(port=server.port))
        assert server.received == b""

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com/",
            "//example.com/",
            "example.com",
            "http://",
            "http://user:pw@example.com/",
            "http://[::1",
            "",
        ],
    )
    def test_odd_urls_are_refused_before_anything_is_sent(self, url):
        with pytest.raises(AddressRefused):
            Client().get(url)

    def test_one_private_address_among_public_ones_refuses_the_host(self, monkeypatch, settings):
        settings.HTTP_ALLOWED_PRIVATE_HOSTS = []
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("1.1.1.1", "10.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
        with pytest.raises(AddressRefused):
            http.resolve_public("two-faced.example", 80, 1)

    def test_the_checked_address_is_the_one_connected_to(self, serve, settings, monkeypatch):
        """A name that answers differently the second time gets no second time."""
        server, asked = serve(plain()), []
        settings.HTTP_ALLOWED_PRIVATE_HOSTS = [f"shop.example:{server.port}"]
        real = socket.getaddrinfo

        def resolve(host, *args, **options):
            asked.append(host)
            return real("127.0.0.1", *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert Client().get(f"http://shop.example:{server.port}/").body == b"hello"
        assert asked.count("shop.example") == 1
        assert f"Host: shop.example:{server.port}".encode() in server.received

    def test_an_allowed_host_is_allowed_at_its_port_only(self, serve):
        server = serve(plain())
        other = Server(plain())
        assert Client().get(f"http://127.0.0.1:{server.port}/").status == 200
        with pytest.raises(AddressRefused):
            Client().get(f"http://127.0.0.1:{other.port}/")
        other.close()

    def test_a_proxy_of_the_environment_is_not_used(self, serve, monkeypatch):
        server = serve(plain())
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        assert Client().get(f"http://127.0.0.1:{server.port}/").status == 200


class TestBounds:
    def test_it_says_who_it_is(self, serve):
        server = serve(plain())
        Client().post(f"http://127.0.0.1:{server.port}/hook", json={"a": 1}, headers={"X-Own": "yes"})
        assert b"POST /hook" in server.received
        assert f"User-Agent: {http.USER_AGENT}".encode() in server.received
        assert b"X-Own: yes" in server.received

    def test_redirects_are_answers(self, serve):
        server = serve(
            lambda connection, stopped: connection.sendall(
                b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
            )
        )
        reply = Client().get(f"http://127.0.0.1:{server.port}/")
        assert reply.status == 302
        assert not reply.is_success

    def test_a_large_answer_is_cut(self, serve):
        server = serve(plain(b"x" * 200_000))
        with pytest.raises(AnswerTooLarge):
            Client(max_answer_bytes=100_000).get(f"http://127.0.0.1:{server.port}/")

    def test_a_compressed_answer_is_refused(self, serve):
        server = serve(plain(b"xx", b"Content-Encoding: gzip\r\n"))
        with pytest.raises(HttpFailure, match="compressed"):
            Client().get(f"http://127.0.0.1:{server.port}/")

    def test_silence_ends_in_a_read_time_out(self, serve):
        server = serve(lambda connection, stopped: stopped.wait(10))
        with pytest.raises(HttpTimeout):
            Client(read_timeout=0.2).get(f"http://127.0.0.1:{server.port}/secret-path")

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
    def test_a_drip_of_bytes_ends_at_the_total(self, serve, head):
        def drip(connection, stopped):
            connection.sendall(head)
            while not stopped.wait(0.05):
                connection.sendall(b"x")

        server = serve(drip)
        started = time.monotonic()
        with pytest.raises(HttpTimeout):
            Client(read_timeout=5, total_timeout=0.5).get(f"http://127.0.0.1:{server.port}/")
        assert time.monotonic() - started < 3

    def test_nobody_there(self, settings):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings.HTTP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
        with pytest.raises(HttpFailure) as raised:
            Client().get(f"http://127.0.0.1:{port}/path-with-secret")
        assert "secret" not in str(raised.value)

    def test_json_answers(self, serve):
        server = serve(plain(b'{"ok": true}'))
        assert Client().get(f"http://127.0.0.1:{server.port}/").json() == {"ok": True}
