"""A shop's import profiles: the shipped ones are there from the first look on, and can be changed like any other."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from connectors.errors import ImportProfileNotFound
from connectors.imports.builtins import BUILTINS
from connectors.imports.profile import Profile
from connectors.models import ImportKind, ImportProfile
from core.tenancy import require_merchant_id


def profiles_ensure() -> None:
    """Give the shop of the open scope the shipped profiles that it has not yet."""
    there = set(ImportProfile.objects.filter(name__in=BUILTINS).values_list("name", flat=True))
    ImportProfile.objects.bulk_create(
        [
            ImportProfile(
                merchant_id=require_merchant_id(),
                name=name,
                title=shipped.title,
                kind=shipped.profile.kind,
                settings=_sorted(shipped.profile.dump()),
                shipped_as=name,
            )
            for name, shipped in BUILTINS.items()
            if name not in there
        ],
        ignore_conflicts=True,  # somebody looked at the same time
    )


def profile_named(*, kind: str, name: str) -> ImportProfile:
    """Raises ImportProfileNotFound, which names those that there are."""
    profiles_ensure()
    found = ImportProfile.objects.filter(kind=kind, name=name).first()
    if found is None:
        known = ImportProfile.objects.filter(kind=kind).order_by("name").values_list("name", flat=True)
        raise ImportProfileNotFound(name=name, kind=ImportKind(kind).label.lower(), known=", ".join(known))
    return found


def profile_change(*, profile: ImportProfile, title: str, settings: Mapping[str, Any]) -> ImportProfile:
    """Raises InvalidProfile. Runs that are under way keep the settings that they began with."""
    parsed = Profile.parse({**settings, "kind": profile.kind})
    profile.title, profile.settings = title, _sorted(parsed.dump())
    profile.save(update_fields=["title", "settings"])
    return profile


def profile_reset(*, profile: ImportProfile) -> ImportProfile:
    """Back to what was shipped."""
    shipped = BUILTINS[profile.shipped_as]
    with transaction.atomic():
        profile.title, profile.settings = shipped.title, _sorted(shipped.profile.dump())
        profile.save(update_fields=["title", "settings"])
    return profile


def is_as_shipped(profile: ImportProfile) -> bool:
    shipped = BUILTINS.get(profile.shipped_as)
    if shipped is None:
        return True
    return (profile.title, profile.settings) == (shipped.title, _sorted(shipped.profile.dump()))


def _sorted(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The order of fields that may be missing says nothing."""
    return {**settings, "optional": sorted(settings.get("optional", ()))}
