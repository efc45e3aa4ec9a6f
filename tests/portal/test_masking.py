from hypothesis import given
from hypothesis import strategies as st

from portal import masking

words = st.text(st.characters(categories=["L", "N"]), min_size=2, max_size=12)


@given(st.lists(words, min_size=1, max_size=4))
def test_of_a_street_only_first_letters_are_left(parts):
    masked = masking.street(" ".join(parts)).split()
    assert [m[0] for m in masked] == [p[0] for p in parts]
    assert {m[1:] for m in masked} == {masking.DOTS}


@given(st.lists(words, min_size=2, max_size=4))
def test_of_a_name_only_the_first_is_left_whole(parts):
    first, *rest = masking.name(" ".join(parts)).split()
    assert first == parts[0]
    assert {m[1:] for m in rest} == {masking.DOTS}


@given(words, words, st.sampled_from(["com", "pt", "uk"]))
def test_of_an_address_one_letter_and_the_top_domain_are_left(local, host, top):
    assert masking.email(f"{local}@{host}.{top}") == f"{local[0]}•••@•••.{top}"


def test_odd_input_is_masked_whole():
    assert masking.name("") == ""
    assert masking.email("no address") == masking.DOTS
    assert masking.email("@host.com") == masking.DOTS


def test_the_mask_does_not_tell_the_length():
    assert masking.name("Mara Li") == masking.name("Mara Lindqvistdottir")
