"""Sign-in by e-mail and password, a second step where it is set up, limits on guessing, a way back in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from core import clock
from merchants.models import MerchantDomain

LOGIN = "/m/harrow/accounts/login/"
PASSWORD = "a-long-password"


@pytest.fixture
def owner(member):
    user = member("owner")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, email="owner@harrow.example", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def test_sign_in_leads_to_the_page_that_was_asked_for(owner):
    client = Client()
    response = client.get("/m/harrow/admin/orders/order/")
    form = client.get(response["Location"]).content.decode()
    assert 'name="next" value="/m/harrow/admin/orders/order/"' in form
    response = sign_in(client, next="/m/harrow/admin/orders/order/")
    assert response["Location"] == "/m/harrow/admin/orders/order/"
    assert client.get("/m/harrow/admin/").status_code == 200


def test_cookies_stay_within_the_shop(owner):
    client = Client()
    sign_in(client)
    assert {cookie["path"] for cookie in client.cookies.values()} == {"/m/harrow/"}


def test_e_mail_is_not_case_sensitive(owner):
    client = Client()
    assert sign_in(client, "OWNER@Harrow.example").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"), [("owner@harrow.example", "wrong"), ("nobody@harrow.example", PASSWORD)]
)
def test_a_wrong_pair_says_nothing_about_which_is_wrong(owner, email, password):
    response = sign_in(Client(), email, password)
    content = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error:" in content
    assert "There is a problem" in content
    assert "email address and/or password you specified are not correct" in content


def test_guessing_is_limited(owner):
    client = Client()
    answers = [sign_in(client, password=f"wrong{n}") for n in range(7)]
    assert "Too many failed login attempts" in answers[-1].content.decode()
    assert sign_in(client).status_code == 200, "the right password does not help until the time is over"


def test_a_second_step_is_asked_for(owner):
    secret = generate_totp_secret()
    TOTP.activate(owner, secret)
    RecoveryCodes.activate(owner)
    client = Client()
    response = sign_in(client)
    assert response["Location"] == "/m/harrow/accounts/2fa/authenticate/"
    assert client.get("/m/harrow/admin/").status_code == 302
    assert "authenticator code" in client.get(response["Location"]).content.decode()
    assert "Error:" in client.post(response["Location"], {"code": "000000"}).content.decode()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(response["Location"], {"code": code})
    assert client.get("/m/harrow/admin/").status_code == 200


def test_setting_up_a_second_step(owner):
    client = Client()
    sign_in(client)
    asked = client.get("/m/harrow/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/m/harrow/accounts/reauthenticate/")
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == "/m/harrow/accounts/2fa/totp/activate/"
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    response = client.post("/m/harrow/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    assert response.status_code == 200
    assert Authenticator.objects.filter(user=owner).exists()
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        assert client.get(f"/m/harrow/accounts/2fa/{path}").status_code == 200, path


def test_a_forgotten_password_is_reset_by_mail(owner):
    client = Client()
    client.post("/m/harrow/accounts/password/reset/", {"email": owner.email})
    link = re.search(r"http://\S+?(/m/harrow/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None, mail.outbox[0].body
    page = client.get(link[1], follow=True)
    form_url = page.redirect_chain[-1][0]
    client.post(form_url, {"password1": "another-long-one-9", "password2": "another-long-one-9"})
    assert sign_in(Client(), password="another-long-one-9").status_code == 302


def test_the_mail_leads_to_our_own_address_whatever_host_was_asked(owner, settings):
    """Whoever asks chooses the Host: another shop's domain in the mail would be handed the key to this account."""
    settings.PUBLIC_URL = "https://pro.example"
    Client().post(
        "/m/harrow/accounts/password/reset/", {"email": owner.email}, headers={"host": "orders.kettle.example"}
    )
    [message] = mail.outbox
    assert "https://pro.example/m/harrow/accounts/password/reset/key/" in message.body
    assert "kettle" not in message.subject + message.body
    assert "Harrow & Pine" in message.body


def test_at_a_domain_of_its_own_the_shop_mails_links_to_it(owner):
    MerchantDomain.objects.create(host="orders.harrow.example", verified_at=clock.now())
    Client().post("/accounts/password/reset/", {"email": owner.email}, headers={"host": "orders.harrow.example"})
    assert "//orders.harrow.example/accounts/password/reset/key/" in mail.outbox[0].body


def test_an_unknown_address_gets_the_same_answer(owner):
    known = Client().post("/m/harrow/accounts/password/reset/", {"email": owner.email})
    unknown = Client().post("/m/harrow/accounts/password/reset/", {"email": "nobody@harrow.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_nobody_signs_up(merchant):
    client = Client()
    assert "Ask an owner" in client.get("/m/harrow/accounts/signup/").content.decode()
    client.post("/m/harrow/accounts/signup/", {"email": "x@y.example", "password1": PASSWORD, "password2": PASSWORD})
    assert client.get("/m/harrow/admin/").status_code == 302


@pytest.mark.parametrize("path", ["email/", "password/set/", "login/code/confirm/", "confirm-email/"])
def test_pages_that_staff_do_not_need_are_off(merchant, path):
    assert Client().get(f"/m/harrow/accounts/{path}").status_code == 404


def test_changing_the_password_needs_the_old_one(owner):
    client = Client()
    sign_in(client)
    url = "/m/harrow/accounts/password/change/"
    new = {"password1": "another-long-one-9", "password2": "another-long-one-9"}
    assert "Error:" in client.post(url, {"oldpassword": "wrong", **new}).content.decode()
    assert client.post(url, {"oldpassword": PASSWORD, **new}).status_code == 302
