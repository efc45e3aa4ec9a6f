"""The platform's own front page: where to go from here."""

import pytest
from django.test import Client


@pytest.mark.parametrize("query", ["", "?a=%ff"])
def test_it_leads_to_the_api_and_names_no_shop(merchant, query):
    response = Client().get(f"/{query}")
    assert response.status_code == 200
    assert 'href="/api/docs/"' in response.content.decode()
    assert merchant.name not in response.content.decode()
