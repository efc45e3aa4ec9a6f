from tests.admin.conftest import member, staff
from tests.api_fixtures import api, keep_connection, make_api, other_api

__all__ = ["api", "keep_connection", "make_api", "member", "other_api", "staff"]
