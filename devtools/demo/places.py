"""Where shoppers live. The tax is each state's own base rate in basis points; county and city rates are left out."""

from devtools.demo.spec import Region

AMERICAN: tuple[Region, ...] = (
    Region(
        "OR",
        0,
        False,
        (("Portland", "97214"), ("Portland", "97202"), ("Eugene", "97401"), ("Bend", "97701"), ("Salem", "97301")),
        6.0,
    ),
    Region(
        "WA", 650, True, (("Seattle", "98103"), ("Tacoma", "98406"), ("Spokane", "99203"), ("Olympia", "98501")), 5.0
    ),
    Region(
        "CA",
        725,
        False,
        (("Oakland", "94610"), ("Sacramento", "95816"), ("San Diego", "92104"), ("Eureka", "95501")),
        6.0,
    ),
    Region("NY", 400, True, (("Brooklyn", "11215"), ("Ithaca", "14850"), ("Kingston", "12401")), 2.6),
    Region("CO", 290, False, (("Denver", "80205"), ("Boulder", "80302"), ("Durango", "81301")), 2.0),
    Region("TX", 625, True, (("Austin", "78704"), ("Houston", "77008"), ("San Antonio", "78212")), 2.2),
    Region("ID", 600, False, (("Boise", "83702"), ("Moscow", "83843")), 1.2),
    Region("MT", 0, False, (("Missoula", "59801"), ("Bozeman", "59715")), 1.0),
    Region("AZ", 560, False, (("Tucson", "85719"), ("Flagstaff", "86001")), 1.1),
    Region("IL", 625, True, (("Chicago", "60625"), ("Evanston", "60202")), 1.6),
    Region("MA", 625, False, (("Somerville", "02143"), ("Northampton", "01060")), 1.3),
    Region("PA", 600, True, (("Pittsburgh", "15206"), ("Philadelphia", "19147")), 1.2),
    Region("ME", 550, False, (("Portland", "04101"), ("Brunswick", "04011")), 0.8),
    Region("NC", 475, True, (("Asheville", "28801"), ("Durham", "27701")), 1.2),
    Region("MI", 600, True, (("Ann Arbor", "48104"), ("Traverse City", "49684")), 1.0),
    Region("NH", 0, False, (("Keene", "03431"), ("Portsmouth", "03801")), 0.5),
)

BRITISH: tuple[Region, ...] = (
    Region(
        "ENG",
        2000,
        True,
        (("Bristol", "BS6 5QA"), ("Leeds", "LS6 2AB"), ("Norwich", "NR2 2BJ"), ("London", "SE15 4TW")),
        5.0,
    ),
    Region("SCT", 2000, True, (("Edinburgh", "EH6 7HX"), ("Stirling", "FK8 1EA")), 1.4),
    Region("WLS", 2000, True, (("Cardiff", "CF11 9LJ"), ("Aberystwyth", "SY23 2AZ")), 0.9),
)
