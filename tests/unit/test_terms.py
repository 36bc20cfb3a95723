"""Words as numbers: the same for the same word, and none for what is no word."""

from __future__ import annotations

from maquette.domain.terms import alike, packed, term, terms, unpacked, words


def test_a_word_has_one_number_however_it_is_written() -> None:
    assert list(terms("Café CAFE café, cafe")) == [term("cafe")]
    assert list(terms("Größe groesse")) == sorted([term("große"), term("groesse")])


def test_numbers_hashes_and_the_rest_of_addresses_are_no_words() -> None:
    assert words("p1 v2 12 3.4 a1b2c3d4 I see https://shop.example/x/y?z=1 now") == [
        "p1",
        "v2",
        "see",
        "shop",
        "example",
        "now",
    ]
    assert alike(terms("Build #12 of till passed in 3 min").tobytes()) == alike(
        terms("Build #977 of till passed in 8 min").tobytes()
    )
    assert (alike(b""), alike(terms("a 1 !").tobytes())) == (0, 0)


def test_scripts_without_spaces_are_taken_by_pairs() -> None:
    assert set(terms("請求書")) == {term("請求"), term("求書")}


def test_numbers_are_packed_and_unpacked() -> None:
    assert list(unpacked(packed([3, 1, 2]))) == [3, 1, 2]
    assert list(unpacked(terms("b2 aa bb").tobytes())) == sorted([term("b2"), term("aa"), term("bb")])
