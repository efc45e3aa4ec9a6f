"""The catalogue: products come from the shop's own system; staff correct what offers and portal show."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin.bases import BaseInlineFormSet, ModelForm, TabularInline
from core.admin.fields import ListField, MoneyField
from core.admin.filters import ChoiceFilter
from core.admin.model_admin import ScopedModelAdmin
from core.admin.registry import Column, add_column, register
from core.admin.search import MOST, only_first
from core.admin.site import ScopedAdminSite
from core.admin.tags import tag
from core.admin.words import words_of
from orders.models import Product, Variant

PAGE = "orders.Product"


class StatusFilter(ChoiceFilter):
    title = "status"
    parameter_name = "status"
    field = "status"


class ProductForm(ModelForm[Product]):
    collections = ListField(required=False, help_text="Separated by commas.")
    tags = ListField(required=False, help_text="Separated by commas.")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = [
            "title",
            "type",
            "collections",
            "tags",
            "picture_url",
            "is_consumable",
            "status",
        ]
        labels: ClassVar[dict[str, str]] = {"is_consumable": "Used up and bought again", "picture_url": "Picture"}
        help_texts: ClassVar[dict[str, str]] = {
            "status": "Archived products are not offered to shoppers; orders keep them.",
            "is_consumable": "",
            "picture_url": "Address of a square picture, 400 × 400 px or more.",
        }


class VariantForm(ModelForm[Variant]):
    class Meta:
        model = Variant
        fields: ClassVar[list[str]] = ["title", "sku", "price_minor", "cost_minor", "stock_quantity", "is_active"]
        labels: ClassVar[dict[str, str]] = {
            "sku": "SKU",
            "price_minor": "Price",
            "cost_minor": "Cost",
            "stock_quantity": "Stock",
            "is_active": "On sale",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.instance.currency
        if currency and "price_minor" in self.fields:
            self.fields["price_minor"] = MoneyField(currency=currency, label=f"Price, {currency}")
            self.fields["cost_minor"] = MoneyField(currency=currency, label=f"Cost, {currency}", required=False)


class VariantInline(TabularInline[Variant, Product]):
    model = Variant
    form = VariantForm
    extra = 0
    ordering = ("position", "id")
    can_delete = False
    template = "admin/edit_inline/tabular.html"

    def _may(self, request: HttpRequest, action: str) -> bool:
        site = self.admin_site
        return isinstance(site, ScopedAdminSite) and site.allows(request, "orders.Variant", action)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@register(Product)
class ProductAdmin(ScopedModelAdmin[Product]):
    menu_name = "Products"
    list_display = ("title",)
    sortable_by = ("title",)
    list_filter = (StatusFilter,)
    ordering = ("title", "id")
    search_fields = ("title",)
    search_is_cut = True
    list_intro = "Products come in through the API or from files. What comes in again overwrites what is changed here."
    list_empty = "No product yet. Import a file, or send the first one with POST /api/v1/products."
    form = ProductForm
    inlines = (VariantInline,)
    fieldsets = (
        (None, {"fields": ("title", "type", "picture_url", "status", "is_consumable")}),
        ("Groups", {"fields": ("collections", "tags")}),
    )

    def get_search_help_text(self, request: HttpRequest) -> str:
        return "Title or SKU"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        skus = Variant.objects.filter(Q(sku=term) | Q(sku=term.upper()))
        by_sku = Product.objects.filter(pk__in=list(skus.values_list("product_id", flat=True)[:MOST]))
        # A part of the title is looked for in the index of titles: a shop has thousands of products, not millions.
        by_title = Product.objects.filter(title__icontains=term).order_by("title", "id")
        return only_first(queryset, by_sku, by_title), False

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseInlineFormSet[Variant, Product, Any], change: bool
    ) -> None:
        for row in formset.initial_forms:
            if row.has_changed():
                before = {name: row.initial.get(name) for name in row.changed_data}
                variant = row.save()
                after = {name: row.cleaned_data[name] for name in row.changed_data}
                self.admin_site.record(request, variant, "changed", before, after)


def _statuses(request: HttpRequest, products: Sequence[Product]) -> Mapping[UUID, SafeString]:
    return {
        product.pk: tag(product.get_status_display(), "ok" if product.status == Product.Status.ACTIVE else "")
        for product in products
    }


def _types(request: HttpRequest, products: Sequence[Product]) -> Mapping[UUID, str]:
    return {product.pk: product.type for product in products if product.type}


def _stocks(request: HttpRequest, products: Sequence[Product]) -> Mapping[UUID, str]:
    words = words_of(request)
    rows = (
        Variant.objects.filter(product_id__in=[product.pk for product in products], is_active=True)
        .order_by()
        .values_list("product_id")
        .annotate(count=Count("pk"), stock=Sum("stock_quantity"))
    )
    return {
        product_id: f"{words.number(stock)} in {count}" if stock is not None else f"not counted, {count}"
        for product_id, count, stock in rows
    }


add_column(PAGE, Column("type", "Type", _types, rank=10))
add_column(PAGE, Column("status", "Status", _statuses, rank=20))
add_column(PAGE, Column("stock", "Stock in variants", _stocks, rank=30))
