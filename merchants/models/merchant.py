"""The merchant: its address, money, clock, look, and the length of its Golden Window."""

import zoneinfo
from decimal import Decimal
from unicodedata import category

from babel import Locale, UnknownLocaleError
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower

from core.clock import now
from core.ids import uuid7
from core.models import TenantModel
from core.money import InvalidAmount, exponent


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError("Use a name of the IANA time zone database, like Europe/Lisbon.")


def validate_currency(value: str) -> None:
    try:
        exponent(value)
    except InvalidAmount as error:
        raise ValidationError("Use a three-letter currency code, like EUR.") from error


def validate_locale(value: str) -> None:
    try:
        Locale.parse(value, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValidationError("Use a language tag, like en-GB.") from error


def validate_cut_offs(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) and _is_time(item) for item in value):
        raise ValidationError("Give times of day as HH:MM, like 15:00.")


def _is_time(value: str) -> bool:
    hours, colon, minutes = value.partition(":")
    return (
        colon == ":" and len(value) == 5 and value.isascii() and hours.isdigit() and minutes.isdigit()
        and int(hours) < 24 and int(minutes) < 60
    )  # fmt: skip


def validate_weekdays(value: object) -> None:
    if not isinstance(value, list) or not all(type(day) is int and 0 <= day <= 6 for day in value):
        raise ValidationError("Give weekdays as numbers from 0 (Monday) to 6 (Sunday).")
    if len(set(value)) == 7:
        raise ValidationError("Leave at least one weekday on which orders are packed.")


class Merchant(models.Model):
    """A shop and its settings. Not a tenant's row itself: it is what tenants' rows point to."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    slug = models.SlugField(max_length=50, unique=True, help_text="The shop's address is /m/<slug>/.")
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3, validators=[validate_currency])
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    locale = models.CharField(max_length=16, default="en-US", validators=[validate_locale])
    support_email = models.EmailField(blank=True, help_text="Where shoppers write to. Shown in the portal.")
    address_line = models.CharField(max_length=200, blank=True, help_text="Shown at the foot of pages and mails.")
    brand_colour = models.CharField(
        max_length=7,
        default="#1f5c4a",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Give a colour as #rrggbb.")],
        help_text="Buttons and links of the portal. Any colour works: contrast is taken care of.",
    )
    window_minutes = models.PositiveIntegerField(
        "window length",
        default=180,
        validators=[MinValueValidator(60), MaxValueValidator(1440)],
        help_text="How long shoppers may change an order, in minutes: 60 (1 h) to 1440 (24 h).",
    )
    window_cut_offs = models.JSONField(
        "cut-off times",
        default=list,
        blank=True,
        validators=[validate_cut_offs],
        help_text='Times of day in the shop\'s time zone at which open windows close early, like ["15:00"].',
    )
    blackout_weekdays = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_weekdays],
        help_text="Weekdays on which nothing is packed (0 Monday to 6 Sunday): time on them does not count.",
    )
    link_charge_limit_minor = models.PositiveBigIntegerField(
        "limit for links",
        default=10_000,
        help_text="The most that one order's link may charge to the saved card, in minor units of the shop's currency.",
    )
    # Closed: portal and API answer that the shop is suspended. Also while it waits to be deleted.
    is_suspended = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspension_reason = models.CharField(max_length=300, blank=True)
    delete_after = models.DateTimeField(null=True, blank=True)
    deletion_requested_at = models.DateTimeField(null=True, blank=True)
    deletion_requested_by = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_minutes__gte=60, window_minutes__lte=1440),
                name="merchants_merchant_window_1_to_24_hours",
            ),
            models.CheckConstraint(
                condition=models.Q(delete_after=None) | models.Q(is_suspended=True),
                name="merchants_merchant_closed_before_deletion",
            ),
        ]
        indexes = [
            models.Index(
                fields=["delete_after"],
                condition=models.Q(delete_after__isnull=False),
                name="merchants_merchant_to_delete",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The name stands in the subject and sender of mails: a line's end in it would stop every mail of the shop."""
        super().clean()
        if any(category(character) in {"Cc", "Zl", "Zp"} for character in self.name):
            raise ValidationError({"name": "Write the name on one line, without control characters."})

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def link_charge_limit(self) -> Decimal:
        return Decimal(self.link_charge_limit_minor).scaleb(-exponent(self.currency))


class MerchantDomain(TenantModel):
    """A host name at which the merchant's pages live once it is verified."""

    host = models.CharField(max_length=253, unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(host=Lower("host")), name="merchants_merchantdomain_lower_case")
        ]

    def __str__(self) -> str:
        return self.host
