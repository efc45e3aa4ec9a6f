from tests.api_fixtures import api, at_noon, make_api, other_api, other_shop, shop, valkey

__all__ = ["api", "at_noon", "make_api", "other_api", "other_shop", "shop", "valkey"]
