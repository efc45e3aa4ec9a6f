"""When people shop and when the warehouse works, on the shop's own clock."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Monday to Sunday: Sunday evening and Monday are the busy ones for home goods.
WEEKDAY = (1.12, 1.02, 0.98, 0.96, 0.86, 0.88, 1.18)
HOUR = (
    0.5, 0.3, 0.2, 0.1, 0.1, 0.3, 0.9, 1.7, 2.6, 3.4, 4.0, 4.3,
    4.6, 4.2, 3.8, 3.6, 3.5, 3.6, 4.0, 4.9, 5.6, 5.2, 3.6, 1.6,
)  # fmt: skip
OPENS, SHUTS = time(8), time(17)
PACKING_STARTS_AFTER = timedelta(hours=3)


def shopping_time(about: datetime, zone: ZoneInfo, rng: random.Random) -> datetime:
    """Move an arrival to a believable weekday and hour, at most two days later."""
    day = about.astimezone(zone).date()
    for _ in range(2):
        if rng.random() * max(WEEKDAY) <= WEEKDAY[day.weekday()]:
            break
        day += timedelta(days=1)
    hour = rng.choices(range(24), HOUR)[0]
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), zone)
    return local.astimezone(UTC)


def is_daytime(moment: datetime, zone: ZoneInfo) -> bool:
    return time(7) <= moment.astimezone(zone).time() <= time(22)


def _next_working_time(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    day: date = local.date()
    if local.weekday() < 5 and OPENS <= local.time() < SHUTS:
        return moment
    if local.weekday() >= 5 or local.time() >= SHUTS:
        day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, zone).astimezone(UTC)


def packing(placed_at: datetime, zone: ZoneInfo, rng: random.Random) -> tuple[datetime, datetime, datetime]:
    """Packing starts, parcel leaves, parcel arrives."""
    free = placed_at + PACKING_STARTS_AFTER + timedelta(minutes=rng.randrange(10, 180))
    started = _next_working_time(free, zone) + timedelta(minutes=rng.randrange(5, 90))
    left = started + timedelta(minutes=rng.randrange(40, 360))
    arrived = left + timedelta(days=rng.choices((2, 3, 4, 5), (3, 5, 3, 1))[0], minutes=rng.randrange(-240, 240))
    return started, left, arrived
