"""The drawings: one for every product, all different, and the files served are the ones drawn."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

import devtools
from devtools.demo.pictures import PICTURES
from devtools.demo.shops import SHOPS

FILES = Path(devtools.__file__).parent / "static" / "demo"
SHAPES = {"path", "rect", "ellipse", "circle", "g"}


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.slug)
def test_every_product_has_a_picture(shop):
    assert {product.slug for product in shop.products} <= set(PICTURES)


def test_no_picture_is_drawn_for_nothing():
    assert set(PICTURES) == {product.slug for shop in SHOPS for product in shop.products}


def test_served_files_are_the_drawings():
    served = {file.stem: file.read_text(encoding="utf-8") for file in FILES.glob("*.svg")}
    assert served == PICTURES, "Run python -m devtools.demo.pictures."


def test_pictures_differ_and_are_nothing_but_shapes():
    assert len(set(PICTURES.values())) == len(PICTURES)
    for name, drawing in PICTURES.items():
        root = ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing
        tags = {element.tag.rpartition("}")[2] for element in root.iter()} - {"svg"}
        assert root.get("viewBox") == "0 0 64 64", name
        assert tags <= SHAPES, name
        assert len(list(root.iter())) >= 5, name
