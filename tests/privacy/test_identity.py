"""Telling one person from another in texts that came from elsewhere."""

import json

import pytest

from core.privacy.identity import Identity

ME = Identity(
    emails=frozenset({"zoë.quill@mail.example", "zq@old.example"}),
    names=frozenset({("Zoë", "Quillfeather")}),
    phones=frozenset({"+44 7700 900123"}),
    external_ids=frozenset({"77", "gid-90210-x"}),
    streets=frozenset({"5 Nightjar Close"}),
    ids=frozenset({"cus_9QuillX8", "0198c1d2-0000-7000-8000-000000000001"}),
)


@pytest.mark.parametrize(
    "text",
    [
        "to: ZOË.Quill@Mail.example.",
        json.dumps({"email": "zoë.quill@mail.example"}),  # with \u00eb
        "email=zq%40old.example&x=1",
        "Quillfeather,  Zoë",
        "Zoe\u0308 Quillfeather",  # the accent behind its letter
        "zoë\nquillfeather",
        "call +447700900123",
        "call 44 7700-900 123 now",
        "call 07700 900123",
        '{"customer": "cus_9QuillX8"}',
        "order 0198c1d2-0000-7000-8000-000000000001:1:authorise",
        json.dumps({"order": {"customer": {"external_id": "77"}}}),
        json.dumps([{"customer_external_id": 77}]),
        json.dumps({"customer_id": "gid-90210-x"}),
        json.dumps({"customer": {"first_name": "ZOË", "last_name": "quillfeather "}}),
        "ship to 5 nightjar close",
    ],
)
def test_what_is_about_the_person(text):
    assert ME.is_told_of(text)
    assert ME.is_named_in(text) or "77" in text or "ZOË" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "to: ann.zoë.quill@mail.example",
        "to: zq@old.example.org",
        "Zoë Quillfeathers",
        "zoë sent 77 mails",
        json.dumps({"quantity": 77, "customer": {"external_id": "177"}}),
        "call 44770090012399",
        "ship to 15 Nightjar Close",
        "cus_9QuillX89",
        json.dumps({"first_name": "Zoë", "last_name": "Other"}),
    ],
)
def test_what_is_about_somebody_else(text):
    assert not ME.is_told_of(text)


@pytest.mark.parametrize("text", ["Zoë has no card", "bad surname Quillfeather", "row 3: gid-90210-x"])
def test_an_error_that_names_a_part_of_them_is_taken_for_theirs(text):
    assert ME.is_named_in(text)


def test_what_another_customer_has_too_convicts_nobody():
    shared = ME.with_shared(frozenset({"zq@old.example", "zoë quillfeather", "5 nightjar close", "77"}))
    assert shared.is_told_of("zoë.quill@mail.example")
    for text in (
        "zq@old.example",
        "Zoë Quillfeather",
        "5 Nightjar Close",
        json.dumps({"customer": {"external_id": "77"}}),
        json.dumps({"first_name": "Zoë", "last_name": "Quillfeather"}),
    ):
        assert not shared.is_told_of(text), text
    assert shared.is_named_in("zq@old.example")


def test_who_is_known_by_nothing_is_found_nowhere():
    assert not Identity().is_told_of("anything at all")
    assert not Identity().is_named_in("")


def test_two_rooms_know_more_than_one():
    both = Identity(emails=frozenset({"a@x.example"})) | Identity(ids=frozenset({"cus_12345678"}))
    assert both.is_told_of("a@x.example")
    assert both.is_told_of("cus_12345678")


def test_hostile_depth_is_no_stumbling_block():
    assert not ME.is_told_of("[" * 100_000)
    assert ME.is_told_of("[" * 100_000 + "zq@old.example")
