from core.tenancy import require_merchant_id
from orders.inputs import AddressInput, CustomerInput
from orders.models import Address, Customer


def normalise(text: str) -> str:
    """The form in which names, e-mails and order numbers are compared with `=`, so that indexes serve the search."""
    return " ".join(text.casefold().split())


def customer_upsert(*, source: str, data: CustomerInput) -> tuple[Customer, bool]:
    """Create or update the customer of the open scope; blank fields never wipe what is known."""
    known = {
        "email": data.email,
        "first_name": data.first_name,
        "last_name": data.last_name,
        "phone": data.phone,
        "locale": data.locale,
    }
    values: dict[str, object] = {field: value for field, value in known.items() if value}
    if data.email:
        values["email_normalised"] = normalise(data.email)
    if data.accepts_marketing is not None:
        values["accepts_marketing"] = data.accepts_marketing
    customer, created = Customer.objects.update_or_create(
        merchant_id=require_merchant_id(), source=source, external_id=data.external_id, defaults=values
    )
    name = normalise(customer.full_name)  # of what was known and what came together
    if customer.name_normalised != name:
        customer.name_normalised = name
        customer.save(update_fields=["name_normalised"])
    return customer, created


def address_keep(current: Address | None, data: AddressInput | None) -> Address | None:
    """The row for `data`: the current one when nothing changed, else a new one (addresses are never overwritten)."""
    if data is None:
        return current
    values = {
        "name": data.name,
        "line1": data.line1,
        "line2": data.line2,
        "city": data.city,
        "region": data.region,
        "postal_code": data.postal_code,
        "country": data.country,
    }
    if current is not None and all(getattr(current, field) == value for field, value in values.items()):
        return current
    return Address.objects.create(**values)
