from messaging.models.message import Message
from messaging.models.suppression import Channel, Suppression

__all__ = ["Channel", "Message", "Suppression"]
