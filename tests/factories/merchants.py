import factory

from merchants.models import Merchant, User


class MerchantFactory(factory.django.DjangoModelFactory):
    slug = factory.Sequence(lambda n: f"shop-{n}")
    name = factory.LazyAttribute(lambda merchant: merchant.slug.title())
    currency = "USD"
    time_zone = "UTC"

    class Meta:
        model = Merchant


class UserFactory(factory.django.DjangoModelFactory):
    email = factory.Sequence(lambda n: f"person{n}@shop.example")
    name = factory.Faker("name")

    class Meta:
        model = User
