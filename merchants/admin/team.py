"""Who may sign in at this shop, and as what."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin.bases import ModelForm
from core.admin.model_admin import ScopedModelAdmin
from core.admin.registry import Action, Column, add_action, add_column, register
from core.admin.words import words_of
from core.errors import DomainError
from merchants.middleware import merchant_of
from merchants.models import Membership
from merchants.services.members import member_remove, member_role_change
from merchants.services.merchants import member_add

PAGE = "merchants.Membership"


class AddMemberForm(ModelForm[Membership]):
    email = forms.EmailField(
        label="Email", help_text="They sign in with it and set a password by “Forgot your password?”."
    )
    name = forms.CharField(label="Name", max_length=150, required=False)

    class Meta:
        model = Membership
        fields: ClassVar[list[str]] = ["role"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if Membership.objects.filter(user__email=email).exists():
            raise ValidationError("This person is on the team already. Change the role on their page.")
        return email


class RoleForm(ModelForm[Membership]):
    class Meta:
        model = Membership
        fields: ClassVar[list[str]] = ["role"]

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        try:
            member_role_change(membership=self.instance, role=role, check_only=True)
        except DomainError as error:
            raise ValidationError(str(error)) from error
        return role


@register(Membership)
class TeamAdmin(ScopedModelAdmin[Membership]):
    menu_name = "Team"
    add_label = "Add a person"
    add_button = "Add to the team"
    list_select_related = ("user",)
    list_intro = "Owners do everything. Managers change settings. Support works on orders. Analysts see numbers only."
    ordering = ("created_at",)
    personal_fields = frozenset({"email", "name"})
    form = RoleForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")

    def get_form(
        self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Membership]]:
        return super().get_form(request, obj, change, form=RoleForm if change else AddMemberForm, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[Any]:
        return ["role"] if obj else ["email", "name", "role"]

    def object_title(self, obj: Membership) -> str:
        return str(obj.user)

    def save_model(self, request: HttpRequest, obj: Membership, form: ModelForm[Membership], change: bool) -> None:
        if change:
            before = {"role": form.initial["role"]}
            member_role_change(membership=obj, role=obj.role)
        else:
            before = {}
            data = form.cleaned_data
            added = member_add(merchant=merchant_of(request), email=data["email"], role=obj.role, name=data["name"])
            obj.pk, obj.user = added.pk, added.user
            obj.merchant_id = added.merchant_id
        after: dict[str, object] = {"role": obj.role, "user_id": obj.user_id}
        self.admin_site.record(request, obj, "changed" if change else "added", before, after)


def _names(request: HttpRequest, members: Sequence[Membership]) -> Mapping[UUID, str]:
    return {member.pk: str(member.user) for member in members}


def _roles(request: HttpRequest, members: Sequence[Membership]) -> Mapping[UUID, str]:
    return {member.pk: member.get_role_display() for member in members}


def _since(request: HttpRequest, members: Sequence[Membership]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {member.pk: words.moment(member.created_at) for member in members}


def _emails(request: HttpRequest, members: Sequence[Membership]) -> Mapping[UUID, str]:
    return {member.pk: member.user.email for member in members}


def _remove(request: HttpRequest, member: Membership) -> str:
    member_remove(membership=member)
    return f"{member.user} can no longer sign in here."


add_column(PAGE, Column("name", "Name", _names, rank=5))
add_column(PAGE, Column("email", "Email", _emails, rank=10))
add_column(PAGE, Column("role", "Role", _roles, rank=20))
add_column(PAGE, Column("since", "Since", _since, rank=30))
add_action(
    PAGE,
    Action(
        "remove",
        "removed",
        "Remove from the team",
        (PAGE, "change"),
        _remove,
        snapshot=lambda member: {"is_member": Membership.objects.filter(pk=member.pk).exists()},
    ),
)
