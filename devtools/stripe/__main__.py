"""python -m devtools.stripe --port 12111 --state DIR"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from devtools.stripe.server import NotLoopbackError, Server
from devtools.stripe.webhooks import Pace


def main() -> int:
    parser = argparse.ArgumentParser(prog="devtools.stripe", description="Our own small Stripe, for this machine only.")
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one; the address is printed")
    parser.add_argument("--state", type=Path, required=True, help="directory that keeps everything")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--webhook-backoff", type=float, default=1.0, help="seconds before the first retry")
    options = parser.parse_args()
    try:
        server = Server(options.host, options.port, options.state, Pace(backoff=options.webhook_backoff))
    except (OSError, NotLoopbackError, OverflowError) as problem:
        sys.stderr.write(f"devtools.stripe cannot start on {options.host}:{options.port}: {problem}\n")
        return 1
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    sys.stdout.write(f"devtools.stripe listens at {server.url}\n")
    sys.stdout.flush()
    done.wait()
    server.shut()
    return 0


if __name__ == "__main__":
    sys.exit(main())
