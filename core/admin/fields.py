"""Form fields of the admin: money as people write it, lists as text or ticks; stored are minor units and JSON."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.money import InvalidAmount, exponent, parse_amount, to_decimal


class MoneyField(forms.CharField):
    """An amount in a currency's own decimals ("12.50", "1250"); its value is minor units, None when left empty."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "class": "pro-amount", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return str(to_decimal(value, self.currency)) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            minor = parse_amount(text, self.currency)
        except InvalidAmount as error:
            example = to_decimal(12 * 10 ** exponent(self.currency), self.currency)
            raise ValidationError(f"Enter an amount in {self.currency}, like {example}.") from error
        if minor < 0:
            raise ValidationError("Enter an amount of zero or more.")
        return minor

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ListField(forms.CharField):
    """A list of words, separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [part.strip() for part in str(value or "").split(",") if part.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != list(initial or []))


class TimesField(ListField):
    """Times of day, separated by commas: 15:00, 17:30."""

    def to_python(self, value: Any) -> Any:
        times = super().to_python(value)
        for each in times:
            if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", each):
                raise ValidationError("Enter times as HH:MM with commas between them, like 15:00, 17:30.")
        return sorted({each.zfill(5) for each in times})

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return super().has_changed(initial, data)
        except ValidationError:
            return True


class NumbersField(forms.TypedMultipleChoiceField):
    """Ticks whose values are integers."""

    def __init__(self, *, choices: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(choices=list(choices), coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(map(str, initial or [])) != sorted(map(str, data or []))
