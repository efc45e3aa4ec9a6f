"""Times, days and amounts in the shop's locale and zone. Pure: the instant "now" is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core import formats

PLUS = "+"


@dataclass(frozen=True, slots=True)
class Words:
    locale: str
    time_zone: str
    currency: str
    now: datetime

    def money(self, minor: int) -> str:
        return formats.money(minor, self.currency, self.locale)

    def signed(self, minor: int) -> str:
        return (PLUS if minor > 0 else "") + self.money(minor)

    def clock(self, at: datetime) -> str:
        """3:42 pm, 15:42"""
        text = formats.time_of_day(at, self.time_zone, self.locale)
        return text.replace("\u202f", "\u00a0").replace("AM", "am").replace("PM", "pm")

    def day(self, at: datetime) -> str:
        """today, tomorrow, yesterday, or the date"""
        zone = ZoneInfo(self.time_zone)
        on = at.astimezone(zone).date()
        distance = on - self.now.astimezone(zone).date()
        near = {
            timedelta(0): _("today"),
            timedelta(1): _("tomorrow"),
            timedelta(-1): _("yesterday"),
        }
        return near.get(distance) or formats.day(on, self.locale)

    def when(self, at: datetime) -> str:
        """today, 12:42 pm"""
        return _("%(day)s, %(time)s") % {"day": self.day(at), "time": self.clock(at)}

    def until(self, at: datetime) -> str:
        """3:42 pm when that is today, else with its day"""
        zone = ZoneInfo(self.time_zone)
        same_day = at.astimezone(zone).date() == self.now.astimezone(zone).date()
        return self.clock(at) if same_day else self.when(at)

    def then(self, at: datetime) -> str:
        """at 3:42 pm when that is today, else tomorrow at 3:42 pm"""
        zone = ZoneInfo(self.time_zone)
        if at.astimezone(zone).date() == self.now.astimezone(zone).date():
            return _("at %(time)s") % {"time": self.clock(at)}
        return _("%(day)s at %(time)s") % {"day": self.day(at), "time": self.clock(at)}


@dataclass(frozen=True, slots=True)
class LeftWords:
    """The remaining time, for the server's first text and for the script that keeps it current."""

    hours: str
    minutes: str
    under: str
    closed: str

    def text(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        if minutes < 1:
            return self.under
        if hours:
            return self.hours.replace("{h}", str(hours)).replace("{m}", f"{rest:02d}")
        return self.minutes.replace("{m}", str(minutes))


def left_words() -> LeftWords:
    return LeftWords(
        hours=_("{h} h {m} min left"),
        minutes=_("{m} min left"),
        under=_("Less than 1 min left"),
        closed=_("Closed"),
    )


def whole_minutes(span: timedelta) -> int:
    return max(0, int(span.total_seconds() // 60))
