from tests.api_fixtures import api, make_api, other_api
from tests.devtools.stripe_fixtures import stripe_client, stripe_server, stripe_server_session
from tests.portal.conftest import tray
from tests.privacy.person import life, log

__all__ = [
    "api",
    "life",
    "log",
    "make_api",
    "other_api",
    "stripe_client",
    "stripe_server",
    "stripe_server_session",
    "tray",
]
