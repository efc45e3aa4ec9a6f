from giftcards.models.opening import OpeningBalance

__all__ = ["OpeningBalance"]
