import pytest
from django.db import IntegrityError, connection, transaction
from django.template import TemplateDoesNotExist

from core.tenancy import tenant_scope
from merchants.services.merchants import merchant_create
from messaging.models import Message
from tests.messaging.conftest import NOTICE


def test_it_is_rendered_once_and_waits(enqueue, merchant):
    message = enqueue()
    assert (message.state, message.locale, message.attempts) == ("queued", merchant.locale, 0)
    assert message.subject == "Your order now has a tray"
    assert message.text.startswith("1 Kiln tray & more added\n")
    assert "Kiln tray (1 × $24.00): $24.00\n" in message.text
    assert "See your order: https://shop.example/o/1/?a=1&b=2" in message.text
    assert message.text.rstrip().endswith("Questions? Write to help@harrow.example.")
    assert "Harrow & Pine, 18 Kiln Lane, Portland, OR" in message.text


def test_the_html_is_the_shops_and_escapes(enqueue):
    html = enqueue(context={**NOTICE, "heading": "<script>alert(1)</script>"}).html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "Harrow &amp; Pine" in html
    assert "background:#f6c445" in html
    assert "color:#000000" in html
    assert "prefers-color-scheme: dark" in html
    assert 'href="https://shop.example/o/1/?a=1&amp;b=2"' in html


def test_a_plain_notice_has_neither_lines_nor_button(enqueue):
    message = enqueue(context={"subject": "S", "heading": "H", "paragraphs": ["P"]})
    assert "<a " not in message.html
    assert "H\n\nP\n" in message.text


def test_the_same_key_is_the_same_message(enqueue):
    assert enqueue() == enqueue(context={**NOTICE, "heading": "Other"})
    assert Message.objects.get().text.startswith("1 Kiln tray")
    assert enqueue(dedupe_key="edit:2") != enqueue()


def test_another_merchant_may_use_the_same_key(enqueue):
    first = enqueue()
    stranger = merchant_create(slug="stranger", name="Stranger", currency="USD")
    assert enqueue(merchant_id=stranger.pk) != first
    with tenant_scope(stranger.pk):
        assert Message.objects.count() == 1
    assert Message.objects.count() == 1


def test_it_is_gone_with_the_change_that_it_tells_about(enqueue):
    @transaction.atomic
    def change():
        enqueue()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert not Message.objects.exists()


def test_a_worker_is_told_after_commit(enqueue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue()
        enqueue()
    assert len(callbacks) == 1


def test_a_template_that_is_not_there_stops_the_change(enqueue):
    with pytest.raises(TemplateDoesNotExist):
        enqueue(template="nothing")


@pytest.mark.parametrize("locale", ["de-DE", "zz-ZZ", "en-GB", "!"])
def test_any_locale_renders(enqueue, locale):
    assert enqueue(locale=locale).locale == locale


def test_an_order_of_another_merchant_cannot_be_referred_to(enqueue):
    @transaction.atomic
    def refer():
        enqueue(order_id="01900000-0000-7000-8000-000000000009")
        connection.check_constraints()

    with pytest.raises(IntegrityError):
        refer()
