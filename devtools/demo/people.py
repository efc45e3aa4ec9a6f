"""Shoppers: names, mail addresses under reserved domains, made-up house numbers."""

import random
import unicodedata

from devtools.demo import people_names
from devtools.demo.spec import DemoShop, Person

# Reserved for examples by RFC 2606 and RFC 6761: no mail can ever reach anybody.
MAIL_DOMAINS = ("example.com", "example.net", "example.org", "mail.example", "post.example")


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return folded.lower().replace(" ", "")


def _phone(country: str, rng: random.Random) -> str:
    """Numbers kept free for fiction: 555-01xx in America, 020 7946 0xxx in Britain."""
    if country == "GB":
        return f"+44 20 7946 0{rng.randrange(1000):03d}"
    area = rng.choice(("503", "206", "415", "971", "512", "718"))
    return f"+1 {area} 555 01{rng.randrange(100):02d}"


def _mail(first: str, last: str, taken: set[str], rng: random.Random) -> str:
    a, b = _plain(first), _plain(last)
    local = rng.choice((f"{a}.{b}", f"{a}{b[0]}", f"{a[0]}.{b}", f"{b}.{a}"))
    domain = rng.choice(MAIL_DOMAINS)
    address, count = f"{local}@{domain}", 2
    while address in taken:
        address, count = f"{local}{count}@{domain}", count + 1
    taken.add(address)
    return address


def people(shop: DemoShop, seed: int, count: int) -> tuple[Person, ...]:
    rng = random.Random(f"{seed}:{shop.slug}:people")
    is_british = shop.country == "GB"
    pools = people_names.BRITISH if is_british else people_names.AMERICAN
    streets = people_names.BRITISH_STREETS if is_british else people_names.AMERICAN_STREETS
    taken: set[str] = set()
    drawn: list[Person] = []
    for number in range(1, count + 1):
        pool = rng.choices(pools, [p.weight for p in pools])[0]
        region = rng.choices(shop.regions, [r.weight for r in shop.regions])[0]
        first, last = rng.choice(pool.first), rng.choice(pool.last)
        city, postal_code = rng.choice(region.cities)
        drawn.append(
            Person(
                external_id=f"{shop.prefix}-C{number:04d}",
                first_name=first,
                last_name=last,
                email=_mail(first, last, taken, rng),
                phone=_phone(shop.country, rng) if rng.random() < 0.6 else "",
                accepts_marketing=rng.random() < 0.42,
                line1=f"{rng.randrange(2, 240)} {rng.choice(streets)}",
                line2=rng.choice(("Apt 2", "Unit B", "Flat 3")) if rng.random() < 0.12 else "",
                city=city,
                postal_code=postal_code,
                region=region,
            )
        )
    return tuple(drawn)
