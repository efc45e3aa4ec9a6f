"""Django's generic classes under names that take type arguments at run time too, where only the stubs know them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core import paginator
from django.forms import models as form_models

if TYPE_CHECKING:
    BaseInlineFormSet = form_models.BaseInlineFormSet
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm
    Paginator = paginator.Paginator
    TabularInline = admin.TabularInline
else:

    class _Generic:
        def __class_getitem__(cls, item: Any) -> type:
            return cls

    class BaseInlineFormSet(_Generic, form_models.BaseInlineFormSet): ...

    class ModelAdmin(_Generic, admin.ModelAdmin): ...

    class ModelForm(_Generic, forms.ModelForm): ...

    class Paginator(_Generic, paginator.Paginator): ...

    class TabularInline(_Generic, admin.TabularInline): ...


__all__ = ["BaseInlineFormSet", "ModelAdmin", "ModelForm", "Paginator", "TabularInline"]
