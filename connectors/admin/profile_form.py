"""The settings of a profile as people edit them: a few fields, and a row for each column of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors.columns import COLUMNS
from connectors.imports.fields import FOREIGN
from connectors.imports.profile import DELIMITERS, ENCODINGS, GROUPED, STATUS_MEANINGS, InvalidProfile, Profile
from core.admin.fields import ListField

# Between names of columns, which may hold commas.
_OR = "|"
_DELIMITERS = {"auto": "Found out", ",": "Comma", ";": "Semicolon", "tab": "Tab", "|": "Vertical bar"}
DEFAULTS = {
    each.name: list(each.default) if isinstance(each.default, tuple) else each.default
    for each in fields(Profile)
    if each.default is not MISSING
}
_ROW_SETTINGS = ("columns", "constants", "empty_values", "optional")


class StatusesField(forms.CharField):
    """A line each: what stands in the file = what it means."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{text} = {means}" for text, means in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        statuses: dict[str, str] = {}
        for line in str(value or "").splitlines():
            text, equals, means = (part.strip() for part in line.rpartition("="))
            if line.strip() and not (equals and text and means):
                raise ValidationError(f"Write each line like “Processing = paid”, not “{line.strip()}”.")
            if line.strip():
                statuses[text] = means
        return statuses


class ProfileForm(forms.Form):
    """Names are those of `Profile`; only `title` is not of it."""

    title = forms.CharField(max_length=100, label="Name")
    source = forms.CharField(
        max_length=32, help_text="The system that the ids belong to. Files of one system keep the same name."
    )
    encoding = forms.ChoiceField(
        choices=[(name, "Found out" if name == "auto" else name.upper()) for name in ENCODINGS], label="Characters"
    )
    delimiter = forms.ChoiceField(choices=[(name, _DELIMITERS[name]) for name in DELIMITERS], label="Columns end with")
    decimal = forms.ChoiceField(choices=[(".", "12.50"), (",", "12,50")], label="Amounts are written")
    date_formats = ListField(
        label="Dates are written",
        help_text="iso is 2011-11-23 14:25. Else like %d/%m/%Y %H:%M. Write several with commas: the first that fits.",
    )
    time_zone = forms.CharField(
        required=False, label="Time zone", help_text="Of times without one, like Europe/London. Empty: the shop’s."
    )
    currency = forms.CharField(required=False, max_length=3, help_text="Where no column says it, like GBP.")
    unquotes_formulas = forms.BooleanField(
        required=False,
        label="Take off a leading apostrophe",
        help_text="Our own exports put one before texts that a spreadsheet would take for a formula.",
    )
    group_by = forms.ChoiceField(label="One order has one", help_text="Rows with the same value here belong together.")
    refund_field = forms.ChoiceField(label="Refunds are marked in")
    refund_prefix = forms.CharField(
        required=False, label="Refunds begin with", help_text="Like C. Empty: no row is a refund of its own."
    )
    ignored_prefixes = ListField(
        required=False, label="Left out if it begins with", help_text="Corrections of the books, like A."
    )
    postage_codes = ListField(
        required=False, label="Codes of postage", help_text="SKUs that are shipping and not goods, like POST, DOT."
    )
    non_goods = ListField(
        required=False, label="Codes of other services", help_text="Sold without being products; * stands for anything."
    )
    duplicates = forms.ChoiceField(
        choices=[("keep", "Keep both"), ("report", "Keep one, report the other")], label="The same row twice"
    )
    zero_price = forms.ChoiceField(
        choices=[
            ("keep", "Keep it"),
            ("report", "Report it"),
            ("correction", "Report it where nobody bought anything"),
        ],
        label="A price of zero",
    )
    tax_inclusive = forms.ChoiceField(
        choices=[
            ("false", "Tax comes on top"),
            ("true", "Prices hold their tax"),
            ("infer", "Found out from the sums"),
        ],
        label="Tax",
    )
    statuses = StatusesField(
        required=False,
        label="What statuses mean",
        help_text=f"A line each, like “Processing = paid”. Meanings: {', '.join(STATUS_MEANINGS)}.",
    )
    creates_products = forms.BooleanField(
        required=False, label="Make products", help_text="Of what the lines name, where there is no such product yet."
    )

    SECTIONS = (
        ("Profile", ("title", "source")),
        (
            "How the file is written",
            ("encoding", "delimiter", "decimal", "date_formats", "time_zone", "currency", "unquotes_formulas"),
        ),
    )
    GROUPING = ("group_by",)
    OF_ORDERS = (
        "refund_field",
        "refund_prefix",
        "ignored_prefixes",
        "postage_codes",
        "non_goods",
        "duplicates",
        "zero_price",
        "tax_inclusive",
        "statuses",
        "creates_products",
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind != "orders":
            for name in self.OF_ORDERS:
                del self.fields[name]
        if kind not in GROUPED:
            del self.fields["group_by"]
        elif kind == "products":
            self.fields["group_by"].label = "One product has one"
        for name in {"group_by", "refund_field"} & self.fields.keys():
            self.fields[name].choices = _field_choices(kind)  # type: ignore[attr-defined]

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        shown = list(self.SECTIONS)
        meaning = tuple(name for name in (*self.GROUPING, *self.OF_ORDERS) if name in self.fields)
        if meaning:
            shown.append(("What the rows mean", meaning))
        return [(title, [self[name] for name in names]) for title, names in shown]

    def settings(self) -> dict[str, Any]:
        """As `Profile.parse` takes them, without the columns."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "title"}
        return {**values, "currency": values["currency"].upper()}


class RowForm(forms.Form):
    """One field and where it comes from."""

    field = forms.ChoiceField(required=False)
    columns = forms.CharField(required=False)
    constant = forms.CharField(required=False)
    empty = forms.CharField(required=False)
    optional = forms.BooleanField(required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [("", "Add a field"), *_field_choices(kind)]  # type: ignore[attr-defined]
        for name, label in ROW_LABELS.items():
            self.fields[name].widget.attrs["aria-label"] = label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("field") and (data.get("columns") or data.get("constant")):
            self.add_error("field", "Choose the field that this column is.")
        return data


ROW_LABELS = {
    "field": "Field",
    "columns": "Column in the file",
    "constant": "Always",
    "empty": "Means nothing",
    "optional": "May be missing",
}


def _field_choices(kind: str) -> list[tuple[str, str]]:
    names = [column.name for column in COLUMNS[kind]]
    if kind == "orders":
        names += FOREIGN
    return [(name, field_label(name)) for name in names]


def field_label(name: str) -> str:
    """line_unit_price is Line: unit price."""
    for prefix, words in (
        ("shipping_address_", "Shipping address: "),
        ("billing_address_", "Billing address: "),
        ("customer_", "Customer: "),
        ("line_", "Line: "),
        ("variant_", "Variant: "),
    ):
        if name.startswith(prefix):
            return words + _words(name.removeprefix(prefix))
    return _words(name)[:1].upper() + _words(name)[1:]


def _words(name: str) -> str:
    return name.replace("external_id", "id").replace("_at", " at").replace("_", " ").replace("  ", " ")


class _RowSet(forms.BaseFormSet):  # type: ignore[type-arg]
    def settings(self) -> dict[str, Any]:
        columns: dict[str, list[str]] = {}
        constants: dict[str, str] = {}
        empty: dict[str, list[str]] = {}
        optional: list[str] = []
        for row in (form.cleaned_data for form in self.forms if form.cleaned_data.get("field")):
            name = row["field"]
            if names := _split(row["columns"]):
                columns[name] = names
                if row["optional"]:
                    optional.append(name)
            if row["constant"]:
                constants[name] = row["constant"]
            if texts := _split(row["empty"]):
                empty[name] = texts
        return {"columns": columns, "constants": constants, "empty_values": empty, "optional": sorted(optional)}

    def clean(self) -> None:
        names = [form.cleaned_data.get("field") for form in self.forms if form.is_valid()]
        twice = sorted({field_label(name) for name in names if name and names.count(name) > 1})
        if twice:
            raise ValidationError(f"Each field has one row. Twice: {', '.join(twice)}.")


RowSet = forms.formset_factory(RowForm, formset=_RowSet, extra=3, max_num=200)


def rows_of(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each field that comes from somewhere, in the order of our own files."""
    used = {*settings.get("columns", {}), *settings.get("constants", {})}
    names = [name for name, _ in _field_choices(settings["kind"]) if name in used]
    return [
        {
            "field": name,
            "columns": _join(settings.get("columns", {}).get(name, ())),
            "constant": settings.get("constants", {}).get(name, ""),
            "empty": _join(settings.get("empty_values", {}).get(name, ())),
            "optional": name in settings.get("optional", ()),
        }
        for name in names
    ]


def parse(form: ProfileForm, rows: Any) -> Profile | None:
    """The profile that both say; None with the errors at their fields."""
    if not (form.is_valid() and rows.is_valid()):
        return None
    try:
        return Profile.parse({"kind": form.kind, **form.settings(), **rows.settings()})
    except InvalidProfile as error:
        for name, texts in error.field_errors.items():
            if name in form.fields:
                form.add_error(name, texts)
            elif name in _ROW_SETTINGS:
                rows.non_form_errors().extend(texts)
            else:
                form.add_error(None, texts)
        return None


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(_OR) if part.strip()]


def _join(texts: Sequence[str] | str) -> str:
    return texts if isinstance(texts, str) else f" {_OR} ".join(texts)
