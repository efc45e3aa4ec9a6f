"""Production without a mail server: mails go nowhere, least of all to localhost, and their text is kept nowhere."""

import os
import subprocess
import sys

from django.core.mail import EmailMessage
from structlog.testing import capture_logs

from core.mail import UnsentBackend
from tests.architecture.rooms import ROOT
from tests.architecture.test_configuration import PRODUCTION


def test_it_says_that_a_mail_was_not_sent_and_not_what_stood_in_it():
    mail = EmailMessage("Set a password", "https://shop.example/accounts/password/reset/key/1-abc/", to=["a@b.example"])
    with capture_logs() as lines:
        assert UnsentBackend().send_messages([mail]) == 0
    [line] = lines
    assert (line["event"], line["subject"], line["to"]) == ("mail_not_sent", "Set a password", 1)
    assert "password/reset" not in str(line)
    assert "b.example" not in str(line)


def test_production_uses_it_only_while_no_server_is_named():
    code = "from django.conf import settings; print(settings.EMAIL_BACKEND)"
    found = []
    for url in ("", "smtps://mail.shop.example"):
        environment = {**PRODUCTION, "EMAIL_URL": url, "PATH": os.environ["PATH"]}
        environment["DJANGO_SETTINGS_MODULE"] = "pro_platform.settings"
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
        found.append(run.stdout.strip())
    assert found == ["core.mail.UnsentBackend", "django.core.mail.backends.smtp.EmailBackend"]
