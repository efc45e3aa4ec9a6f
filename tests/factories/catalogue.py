import factory

from orders.models import Product, Variant


class ProductFactory(factory.django.DjangoModelFactory):
    source = "custom"
    external_id = factory.Sequence(lambda n: f"p{n}")
    title = "Kiln tray"
    type = "Tableware"

    class Meta:
        model = Product


class VariantFactory(factory.django.DjangoModelFactory):
    product = factory.SubFactory(ProductFactory)
    external_id = factory.Sequence(lambda n: f"v{n}")
    sku = factory.LazyAttribute(lambda variant: variant.external_id.upper())
    title = "Oat"
    currency = "USD"
    price_minor = 2400

    class Meta:
        model = Variant
