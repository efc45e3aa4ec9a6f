"""A mail server on the loopback that keeps what it gets and can be told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    # What it answers to RCPT TO and after the text; an empty answer hangs up.
    to_recipient: str = "250 OK"
    to_text: str = "250 OK"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        mailbox: Mailbox = self.server.mailbox
        self._say("220 mailbox")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"RCPT":
                    self._say(mailbox.to_recipient)
                case b"DATA":
                    self._say("354 go on")
                    mailbox.mails.append(self._read_mail())
                    if not mailbox.to_text:
                        return
                    self._say(mailbox.to_text)
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 OK")

    def _read_mail(self) -> EmailMessage:
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
        return message_from_bytes(text, policy=policy.default)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        mailbox = Mailbox(port=server.server_address[1])
        server.mailbox = mailbox
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield mailbox
        finally:
            server.shutdown()
