"""An operator comes in by a command, for there is nobody yet who could let one in."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from merchants.models import User

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("create_operator", *arguments, stdout=out)
    return out.getvalue()


def test_the_link_sets_a_password_and_the_site_opens():
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/\S+)", run("Op@Pro.example")).group(1)
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": "walnut-tray-41", "password2": "walnut-tray-41"})
    answer = client.post("/accounts/login/", {"login": "op@pro.example", "password": "walnut-tray-41"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/platform/"
    assert answer.status_code == 200


def test_a_password_may_be_given_and_the_right_be_taken_away():
    assert "Set a password" not in run("op@pro.example", "--password", "walnut-tray-41")
    assert User.objects.get().is_operator
    run("op@pro.example", "--remove")
    assert not User.objects.get().is_operator


@pytest.mark.parametrize("arguments", [("op",), ("nobody@pro.example", "--remove")])
def test_mistakes_are_told(arguments):
    with pytest.raises(CommandError):
        run(*arguments)
