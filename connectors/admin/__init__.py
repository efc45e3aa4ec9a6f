"""Staff pages of files in and out."""

from connectors.admin import exports

__all__ = ["exports"]
