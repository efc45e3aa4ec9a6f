"""No API route answers with, or changes, another shop's rows."""

import uuid

from tests.order_bodies import order_body, product_body
from tests.tenancy.conftest import Shop
from tests.tenancy.enumeration import platform_routes

# How each route is tried with their key. {id} stands for our row of that model.
READS = {"orders": "/orders", "products": "/products", "customers": "/customers"}
OBJECTS = {
    "order": ("orders.Order", "/orders/{id}", "GET"),
    "product": ("orders.Product", "/products/{id}", "GET"),
    "customer": ("orders.Customer", "/customers/{id}", "GET"),
    "customer-data": ("orders.Customer", "/customers/{id}/export", "GET"),
    "customer-erase": ("orders.Customer", "/customers/{id}/erase", "POST"),
    "order-cancel": ("orders.Order", "/orders/{id}/cancel", "POST"),
    "order-fulfilment": ("orders.Order", "/orders/{id}/fulfilment", "POST"),
    "portal-links": ("orders.Order", "/orders/{id}/portal-links", "POST"),
}
BODIES = {"fulfilment": {"fulfilled_at": "2026-03-10T12:00:00Z"}, "erase": {"reason": "requested"}}
FILES = {f"{name}-export": f"{path}/export" for name, path in READS.items()}
FIGURES = {"metrics-summary": "/metrics/summary", "metrics-daily": "/metrics/daily"}
BATCHES = {f"{name}-batch": f"{path}/batch" for name, path in READS.items()}
PUBLIC = {"api-docs", "api-schema"}


def test_every_api_address_is_covered() -> None:
    names = {name for name, pattern in platform_routes().items() if pattern.startswith("api/")}
    covered = set(READS) | set(FILES) | set(OBJECTS) | set(FIGURES) | set(BATCHES) | PUBLIC
    assert names <= covered, f"cover these in the isolation test: {names - covered}"


def test_lists_hold_own_rows_only(ours: Shop, theirs: Shop) -> None:
    for path in READS.values():
        response = theirs.api.get(path)
        assert response.status_code == 200
        assert response.json()["results"]
        assert not any(pk in response.content.decode() for pk in ours.ids()), path


def test_files_hold_own_rows_only(ours: Shop, theirs: Shop) -> None:
    """Their pieces are read after the request's scope is closed. Both shops' rows differ in nothing but their ids."""
    for name, path in FILES.items():
        label = {"orders-export": "Order", "products-export": "Product", "customers-export": "Customer"}[name]
        file = b"".join(theirs.api.get(path).streaming_content).decode()
        assert f"{theirs.rows[f'orders.{label}'].external_id}," in file
        assert f"{ours.rows[f'orders.{label}'].external_id}," not in file


def test_objects_of_another_shop_are_not_there(ours: Shop, theirs: Shop, untouched: None) -> None:
    for label, path, method in OBJECTS.values():
        address = path.format(id=ours.rows[label].pk)
        if method == "GET":
            response = theirs.api.get(address)
        else:
            body = BODIES.get(address.rpartition("/")[2], {})
            response = theirs.api.post(address, body, Idempotency_Key=str(uuid.uuid4()))
        assert response.status_code == 404, (address, response.content)


def test_filters_do_not_look_over_the_wall(ours: Shop, theirs: Shop) -> None:
    customer = ours.rows["orders.Customer"]
    for path, name, value in (
        ("/orders", "customer", customer.pk),
        ("/orders", "external_id", ours.rows["orders.Order"].external_id),
        ("/customers", "email", customer.email),
    ):
        response = theirs.api.get(path, **{name: str(value)})
        assert response.status_code in (200, 422)
        assert not any(pk in response.content.decode() for pk in ours.ids())


def test_the_same_external_ids_make_rows_of_their_own(ours: Shop, theirs: Shop, untouched: None) -> None:
    order = ours.rows["orders.Order"]
    made = theirs.api.post("/orders", order_body(source=order.source, external_id=order.external_id, currency="GBP"))
    assert made.status_code == 201, made.content
    product = ours.rows["orders.Product"]
    sent = theirs.api.post("/products", product_body(external_id=product.external_id))
    assert sent.status_code in (200, 201), sent.content


def test_figures_are_their_own(ours: Shop, theirs: Shop) -> None:
    for path in FIGURES.values():
        response = theirs.api.get(path)
        assert response.status_code == 200
        assert "USD" not in response.content.decode()


def test_batches_make_and_change_own_rows_only(ours: Shop, theirs: Shop, untouched: None) -> None:
    order, product, customer = (ours.rows[f"orders.{name}"] for name in ("Order", "Product", "Customer"))
    sent = {
        "orders": order_body(source=order.source, external_id=order.external_id, currency="GBP", version=99),
        "products": product_body(source=product.source, external_id=product.external_id),
        "customers": {"source": customer.source, "external_id": customer.external_id, "first_name": "Eve"},
    }
    for name, path in BATCHES.items():
        kind = name.removesuffix("-batch")
        answer = theirs.api.post(path, {kind: [sent[kind]]})
        assert answer.status_code == 200, answer.content
        assert answer.json()["refused"] == 0, answer.content
        assert not any(pk in answer.content.decode() for pk in ours.ids())
