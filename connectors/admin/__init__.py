"""Staff pages of files in and out."""

from connectors.admin import exports, profiles, runs

__all__ = ["exports", "profiles", "runs"]
