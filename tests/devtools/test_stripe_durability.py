"""What the server promised survives a restart and kill -9; one request applies wholly or not at all."""

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

import pytest
import requests
import stripe

from devtools.stripe.running import StripeServer
from tests.devtools.shopper import charge_params, customer_with
from tests.devtools.stripe_fixtures import client_for


def test_kill_9_keeps_what_was_answered():
    with StripeServer(process=True) as server:
        client = client_for(server)
        params = charge_params(*customer_with(client))
        intent = client.v1.payment_intents.create(params=params, options={"idempotency_key": "k"})
        server.fault("slow", path="/nowhere")
        server.kill()
        server.start()
        assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
        again = client.v1.payment_intents.create(params=params, options={"idempotency_key": "k"})
        assert (again.id, again.last_response.headers["Idempotent-Replayed"]) == (intent.id, "true")
        assert client.v1.payment_intents.capture(intent.id).status == "succeeded"
        assert server.summary()["faults"] == 1


def test_kill_9_under_load_leaves_no_half_payment():
    """Every charge has its intent and its events, and every answered payment is there."""
    with StripeServer(process=True) as server:
        client = client_for(server)
        customer, method = customer_with(client)
        answered: list[str] = []
        stop = threading.Event()

        def pay() -> None:
            while not stop.is_set():
                try:
                    params = charge_params(customer, method, capture_method="automatic")
                    answered.append(client.v1.payment_intents.create(params=params).id)
                except stripe.APIConnectionError:
                    return

        threads = [threading.Thread(target=pay) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(answered) < 40:
            assert any(thread.is_alive() for thread in threads)
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server.start()
        intents = server.payment_intents()
        stored = {intent["id"]: intent for intent in intents["data"]}
        assert set(answered) <= set(stored)
        assert {intent["status"] for intent in stored.values()} == {"succeeded"}
        kinds = server.summary()["accounts"][""]
        assert kinds["charge"] == kinds["payment_intent"] == len(stored)
        assert kinds["event"] == 2 + 3 * len(stored)


def test_an_orderly_stop_and_a_new_start():
    with StripeServer(process=True) as server:
        client = client_for(server)
        made = client.v1.customers.create()
        server.restart()
        assert client.v1.customers.retrieve(made.id).id == made.id


def test_a_restart_in_the_same_process_keeps_the_address_and_the_client():
    with StripeServer() as server:
        client = client_for(server)
        made = client.v1.customers.create()
        url = server.url
        server.restart()
        assert server.url == url
        assert client.v1.customers.retrieve(made.id).id == made.id


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devtools.stripe", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_it_listens_to_this_machine_only(tmp_path):
    for host in ("0.0.0.0", "192.0.2.1"):
        done = run("--host", host, "--port", "0", "--state", str(tmp_path))
        assert done.returncode == 1
        assert "not a loopback address" in done.stderr


def test_a_taken_port_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("--port", str(taken.getsockname()[1]), "--state", str(tmp_path))
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "cannot start" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly(tmp_path, number):
    command = [sys.executable, "-m", "devtools.stripe", "--port", "0", "--state", str(tmp_path)]
    process: Any = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    url = process.stdout.readline().split()[-1]
    assert requests.get(f"{url}/healthz", timeout=10).status_code == 200
    os.kill(process.pid, number)
    assert process.wait(timeout=10) == 0
    process.stdout.close()
