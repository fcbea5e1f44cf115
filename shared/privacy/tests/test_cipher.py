"""What is sealed opens only with the person's own key, for that person and that field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.privacy import ERASED, UNKNOWN, Keyring, Sealed, WrongKey, new_key, open_sealed, seal
from shared.privacy.keyring import PersonKey

KEY = new_key()


class Held(Keyring):
    def __init__(self, held: dict[str, PersonKey]) -> None:
        self.held = held

    async def keys(self, people: object) -> dict[str, PersonKey]:
        return self.held


@given(
    text=st.text(max_size=300), person=st.text(min_size=1, max_size=40), field=st.sampled_from(["full_name", "email"])
)
def test_what_is_sealed_opens_again(text: str, person: str, field: str) -> None:
    sealed = TypeAdapter(Sealed).validate_python(seal(KEY, person, field, text))
    assert open_sealed(KEY, person, field, sealed) == text


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert seal(KEY, "an", "full_name", "Lò Thị Mẫu") != seal(KEY, "an", "full_name", "Lò Thị Mẫu")


@given(position=st.integers(min_value=3, max_value=30))
def test_an_altered_ciphertext_does_not_open(position: int) -> None:
    sealed = seal(KEY, "an", "full_name", "Lò Thị Mẫu")
    altered = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
    with pytest.raises(WrongKey):
        open_sealed(KEY, "an", "full_name", altered)


@pytest.mark.parametrize(
    ("key", "person", "field"),
    [(new_key(), "an", "phone"), (KEY, "binh", "phone"), (KEY, "an", "email")],
    ids=["another key", "another person", "another field"],
)
def test_another_key_person_or_field_does_not_open_it(key: bytes, person: str, field: str) -> None:
    with pytest.raises(WrongKey):
        open_sealed(key, person, field, seal(KEY, "an", "phone", "0900 000 001"))


async def test_opened_erased_and_unknown_are_three_answers_and_a_wrong_key_is_an_error() -> None:
    sealed = seal(KEY, "an", "full_name", "Lò Thị Mẫu")
    held: dict[str, PersonKey] = {"an": KEY, "binh": ERASED, "chi": UNKNOWN, "dung": new_key()}
    keyring = Held(held)
    assert await keyring.open_many([("an", sealed), ("binh", sealed), ("chi", sealed), ("binh", None)]) == [
        "Lò Thị Mẫu",
        ERASED,
        UNKNOWN,
        ERASED,
    ]
    with pytest.raises(WrongKey):
        await keyring.open_many([("dung", sealed)])


async def test_a_field_that_was_never_given_is_not_an_erased_one() -> None:
    opened = await Held({"an": KEY}).open_fields(
        "an", {"phone": seal(KEY, "an", "phone", "0900 000 001"), "email": None}
    )
    assert opened == {"phone": "0900 000 001", "email": None}
    gone = await Held({"an": ERASED}).open_fields("an", {"phone": seal(KEY, "an", "phone", "0900 000 001")})
    assert gone == {"phone": ERASED}
