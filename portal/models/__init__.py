from portal.models.link import PortalLink

__all__ = ["PortalLink"]
