"""Staff pages of the shop itself: settings, team, API keys, audit log."""

from merchants.admin import api_keys, audit, settings, team

__all__ = ["api_keys", "audit", "settings", "team"]
