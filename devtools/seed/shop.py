"""The merchant itself: settings, people who sign in, catalogue, shoppers."""

from django.conf import settings

from core.tenancy import tenant_scope
from devtools.demo.orders import SOURCE, customer_payload, product_payload
from devtools.demo.spec import DemoShop, History
from devtools.seed.inputs import customer_input, product_input
from merchants.models import AuditEntry, Merchant
from merchants.services.audit import audit_record
from merchants.services.merchants import member_add, merchant_create
from orders.services.catalogue import product_upsert
from orders.services.customers import customer_upsert
from payments.services.accounts import webhook_endpoint_register

PASSWORD = "golden-window"
SEEDED = "demo.seeded"
PICTURES = f"{settings.STATIC_URL}demo/"


def is_seeded(shop: DemoShop) -> bool:
    merchant = Merchant.objects.filter(slug=shop.slug).first()
    if merchant is None:
        return False
    with tenant_scope(merchant.pk):
        return AuditEntry.objects.filter(merchant=merchant, action=SEEDED).exists()


def mark_seeded(merchant: Merchant) -> None:
    audit_record(
        actor_type="system", actor_id="", action=SEEDED, object_type="merchant", object_id=merchant.pk, after={}
    )


def merchant_for(shop: DemoShop) -> Merchant:
    """The shop's merchant, made with its staff when it is not there yet."""
    known = Merchant.objects.filter(slug=shop.slug).first()
    merchant = known or merchant_create(
        slug=shop.slug,
        name=shop.name,
        currency=shop.currency,
        time_zone=shop.time_zone,
        locale=shop.locale,
        brand_colour=shop.brand_colour,
        address_line=shop.address_line,
        support_email=shop.support_email,
        owner_email=shop.owner.email,
        owner_password=PASSWORD,
    )
    with tenant_scope(merchant.pk):
        for member in (shop.owner, *shop.staff):
            member_add(merchant=merchant, email=member.email, role=member.role, name=member.name, password=PASSWORD)
    return merchant


def webhooks_register(merchant: Merchant) -> None:
    """Only at our own Stripe server: the real one cannot call this machine."""
    if not settings.STRIPE_API_BASE:
        return
    webhook_endpoint_register(merchant_id=merchant.pk, url=f"{settings.PUBLIC_URL}/m/{merchant.slug}/webhooks/stripe")


def catalogue_seed(shop: DemoShop, history: History) -> None:
    """Complements are known only once all products are: those are sent again. Stock: what is left, and what the
    edits of the history will still take.
    """
    stock = dict(history.stock)
    for plan in history.orders:
        if plan.edit and plan.edit.card == "ok":
            for pick in plan.edit.additions:
                if pick.variant.external_id in stock:
                    stock[pick.variant.external_id] += pick.quantity
    inputs = [product_input(product_payload(shop, product, stock, PICTURES)) for product in shop.products]
    for data in inputs:
        product_upsert(data=data)
    for data in inputs:
        if data.complements:
            product_upsert(data=data)


def shoppers_seed(shop: DemoShop, history: History) -> None:
    """Those who never bought; the others come with their orders."""
    buyers = {plan.person.external_id for plan in history.orders}
    for person in history.people:
        if person.external_id not in buyers:
            customer_upsert(source=SOURCE, data=customer_input(customer_payload(shop, person)))
