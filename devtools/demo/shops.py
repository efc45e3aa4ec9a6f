"""The two demo shops. Two, so that it can be seen that they know nothing of each other."""

from devtools.demo import places
from devtools.demo.harrow_corners import GREEN, WALLS
from devtools.demo.harrow_goods import CLOTH, LIGHT, SCENT
from devtools.demo.harrow_table import BATH, DESK, LARDER, TABLE
from devtools.demo.kettle_goods import KETTLE
from devtools.demo.spec import Code, DemoShop, StaffMember

SEED = 2016

HARROW_PINE = DemoShop(
    slug="harrow-pine",
    name="Harrow & Pine",
    prefix="HP",
    currency="USD",
    country="US",
    time_zone="America/Los_Angeles",
    locale="en-US",
    brand_colour="#1f5c4a",
    address_line="18 Kiln Lane, Portland, OR",
    support_email="hello@harrow-pine.example",
    owner=StaffMember("ines@harrow-pine.example", "Ines Harrow", "owner"),
    staff=(
        StaffMember("theo@harrow-pine.example", "Theo Marsh", "manager"),
        StaffMember("bao@harrow-pine.example", "Bao Linden", "support"),
        StaffMember("sunniva@harrow-pine.example", "Sunniva Brook", "analyst"),
    ),
    products=(*LIGHT, *TABLE, *SCENT, *CLOTH, *BATH, *LARDER, *DESK, *GREEN, *WALLS),
    regions=places.AMERICAN,
    is_tax_inclusive=False,
    shipping_price=690,
    express_price=1490,
    free_shipping_from=10000,
    first_number=19650,
    welcome=Code("WELCOME10", percent=10),
    thanks=Code("THANKS5", amount=500),
    sale=Code("HEARTH15", percent=15),
    customers=400,
    days=120,
    edited_days=62,
)

KETTLE_FERN = DemoShop(
    slug="kettle-fern",
    name="Kettle & Fern",
    prefix="KF",
    currency="GBP",
    country="GB",
    time_zone="Europe/London",
    locale="en-GB",
    brand_colour="#7a4b6b",
    address_line="4 Ferry Lane, Bristol",
    support_email="hello@kettle-fern.example",
    owner=StaffMember("isla@kettle-fern.example", "Isla Fern", "owner"),
    staff=(StaffMember("rhodri@kettle-fern.example", "Rhodri Vale", "support"),),
    products=KETTLE,
    regions=places.BRITISH,
    is_tax_inclusive=True,
    shipping_price=395,
    express_price=695,
    free_shipping_from=4000,
    first_number=3001,
    welcome=Code("HELLO10", percent=10),
    thanks=Code("CUPPA2", amount=200),
    sale=Code("KETTLE15", percent=15),
    customers=40,
    days=60,
    edited_days=30,
)

SHOPS = (HARROW_PINE, KETTLE_FERN)
