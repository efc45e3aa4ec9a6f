"""Who comes back: the BG/NBD story.

Each shopper buys at their own rate (gamma over shoppers) and after every purchase may be gone for good
(their own chance, beta over shoppers).
"""

import random
from datetime import datetime, timedelta

RATE_SHAPE, RATE_DAYS = 1.25, 46.0
GONE_A, GONE_B = 1.1, 2.6
LOOK_BACK_DAYS = 240
LONGEST_WAIT_DAYS = 36_500


def purchases(joined_at: datetime, until: datetime, rng: random.Random) -> list[datetime]:
    per_day = rng.gammavariate(RATE_SHAPE, 1 / RATE_DAYS)
    chance_gone = rng.betavariate(GONE_A, GONE_B)
    at, bought = joined_at, []
    while at <= until:
        bought.append(at)
        if rng.random() < chance_gone:
            break
        # Some buy so rarely that the wait is beyond any calendar.
        at += timedelta(days=min(1 + rng.expovariate(per_day), LONGEST_WAIT_DAYS))
    return bought


def lives(count: int, start: datetime, until: datetime, rng: random.Random) -> list[list[datetime]]:
    """The purchases of `count` shoppers who each bought at least once between the two moments.

    A life may begin before `start`; its earlier purchases are kept, so that a return is known as one.
    """
    span = (until - start).total_seconds() / 86400
    found: list[list[datetime]] = []
    while len(found) < count:
        # A shop that grows a little: later joining days are likelier.
        days = (span + LOOK_BACK_DAYS) * rng.random() ** 0.8
        life = purchases(start - timedelta(days=LOOK_BACK_DAYS - days), until, rng)
        if any(start <= at <= until for at in life):
            found.append(life)
    return found
