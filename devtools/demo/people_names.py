"""Invented names, in pools so that first and last names fit together. No pool is a stand-in for a person."""

from typing import NamedTuple


class Pool(NamedTuple):
    weight: float
    first: tuple[str, ...]
    last: tuple[str, ...]


def _pool(weight: float, first: str, last: str) -> Pool:
    return Pool(weight, tuple(first.split()), tuple(last.split("/")))


AMERICAN: tuple[Pool, ...] = (
    _pool(
        5.0,
        "Nora Caleb Hazel Wyatt June Owen Ruth Silas Clara Miles Ivy Jonah Tess Emmett Faye Reid Willa Grant Opal Hugh",
        "Ashby/Bramwell/Calder/Dunmore/Ellery/Fairlie/Garrick/Holloway/Kessler/Lathrop/Merritt/Norwood/Pruitt/Ridley/"
        "Sayer/Thackery/Vance/Whitlock/Yardley",
    ),
    _pool(
        2.6,
        "Mara Diego Lucia Mateo Elena Rafael Camila Joaquin Paloma Andres Ximena Tomas Beatriz Emilio Rosa Hector",
        "Reyes/Aguilar/Barrientos/Cordero/Escalante/Fuentes/Galindo/Ibarra/Montoya/Ortega/Quintero/Salcedo/Villanueva/"
        "de la Cruz",
    ),
    _pool(
        1.8,
        "Imani Darius Keisha Malcolm Nia Terrence Amara Isaiah Zora Andre Simone Marcus Tamika Elijah",
        "Bellamy/Charles/Dupree/Fontaine/Gaines/Hollins/Jefferson/Langston/Mosley/Rollins/Toussaint/Winfield",
    ),
    _pool(
        1.4,
        "Linh Minh Thuy Bao Mai Quan Hoa Tuan Lan Khoa",
        "Nguyen/Tran/Pham/Dang/Vo/Bui/Huynh/Duong",
    ),
    _pool(
        1.4,
        "Wei Mei Jun Xiaoli Hao Lian Ming Yan Kai Shu",
        "Chen/Lin/Zhao/Huang/Liang/Fong/Tsai/Kwan",
    ),
    _pool(
        1.3,
        "Priya Arjun Meera Rohan Anika Vikram Leela Sanjay Kavya Nikhil",
        "Raman/Desai/Banerjee/Kulkarni/Menon/Chaudhry/Sethi/Iyer",
    ),
    _pool(1.0, "Jisoo Minjun Hana Seojun Eunji Taeyang Soyeon Dohyun", "Park/Kang/Yoon/Bae/Moon/Shin/Noh"),
    _pool(1.0, "Yuki Haruto Aiko Ren Naomi Kenji Sora Takumi", "Sato/Mori/Hayashi/Kimura/Okada/Fujii/Nakano"),
    _pool(1.0, "Leila Omar Yasmin Karim Samira Tariq Noor Hassan", "Haddad/Mansour/Karimi/Nasser/Sabbagh/Rahimi/Aziz"),
    _pool(0.9, "Adaeze Kwame Ngozi Kofi Abena Chidi Folake Tunde", "Okafor/Mensah/Adeyemi/Boateng/Eze/Danso/Balogun"),
    _pool(
        1.0, "Agnieszka Piotr Ingrid Lars Katya Anton Freya Nils", "Nowak/Lindqvist/Sokolov/Halvorsen/Wozniak/Berg/Dahl"
    ),
    _pool(0.8, "Marisol Jomar Ligaya Paolo Althea Benjie", "Santos/Dimaculangan/Bautista/Manalo/Pascual/Ocampo"),
    _pool(0.5, "Kimana Takoda Aiyana Elan Winona Chayton", "Blackwater/Yazzie/Whitehorse/Begay/Tallbear"),
)

BRITISH: tuple[Pool, ...] = (
    _pool(
        5.0,
        "Harriet Alfie Poppy Rory Elspeth Callum Bronwen Gethin Maisie Angus Orla Fergus Edith Rupert",
        "Hartley/Pemberton/Sinclair/Macrae/Llewellyn/Pryce/Ashdown/Thorne/Wetherby/Cairns/Penrose/Blackwood",
    ),
    _pool(1.2, "Aisha Imran Zainab Bilal Farah Usman", "Hussain/Malik/Akhtar/Mirza/Qureshi"),
    _pool(1.0, "Anjali Ravi Nisha Kiran Sunita", "Patel/Sandhu/Joshi/Nair/Gill"),
    _pool(0.9, "Temi Kwesi Yewande Femi Efua", "Ogunleye/Asante/Afolabi/Owusu"),
    _pool(0.8, "Zofia Marek Ioana Mihai Oksana", "Kowalczyk/Zielinski/Popescu/Ionescu/Kovalenko"),
)

AMERICAN_STREETS: tuple[str, ...] = (
    "Alder Row", "Birch Street", "Cannery Road", "Dogwood Lane", "Elm Terrace", "Fir Avenue", "Granite Street",
    "Harbor View", "Juniper Court", "Kestrel Drive", "Larch Street", "Mill Pond Road", "Northgate Avenue",
    "Orchard Street", "Poplar Avenue", "Quarry Lane", "Riverside Drive", "Spruce Street", "Tamarack Way",
    "Union Street", "Vine Street", "Willow Bend", "Yarrow Lane",
)  # fmt: skip

BRITISH_STREETS: tuple[str, ...] = (
    "Abbey Road East", "Bridge Street", "Castle Wynd", "Ferry Lane", "Glebe Terrace", "Hawthorn Close", "Kiln Row",
    "Mill Lane", "Priory Walk", "Rowan Crescent", "Station Parade", "Tannery Yard", "Weavers Green",
)  # fmt: skip
