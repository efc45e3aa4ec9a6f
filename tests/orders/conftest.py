from tests.api_fixtures import api, make_api, other_api

__all__ = ["api", "make_api", "other_api"]
