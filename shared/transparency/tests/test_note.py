"""Notes against the vectors of Go's golang.org/x/mod/sumdb/note, where the form comes from, and of c2sp.org."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transparency.checkpoint import Checkpoint, join_notes, split_notes
from shared.transparency.growth import Growth, NotGrown, split_growths
from shared.transparency.note import BadSignature, ForeignKey, Malformed, NoteError, SigningKey, VerifierKey, open_note
from shared.transparency.proof import NotIncluded, Proof
from shared.transparency.tree import consistency_ranges, inclusion_ranges, leaf_hash, root_of, subtree_roots

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_OWN = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
NOTE = f"{TEXT}\n{BY_PETER}"

KEY = VerifierKey.parse(PETER)


def test_the_published_note_is_signed_and_opened() -> None:
    signer = SigningKey.parse(PETERS_OWN)
    assert str(signer) == PETERS_OWN
    assert str(signer.verifier) == PETER
    assert signer.sign(TEXT) == NOTE
    assert open_note(NOTE, KEY) == TEXT
    assert "AYEK" not in repr(signer)


def test_signatures_of_others_do_not_disturb() -> None:
    for note in (f"{TEXT}\n{BY_ENOCH}{BY_PETER}", f"{TEXT}\n{BY_PETER}{BY_PETER}{BY_ENOCH}"):
        assert open_note(note, KEY) == open_note(note, VerifierKey.parse(ENOCH)) == TEXT
    garbled = BY_ENOCH[:60] + "ABCD" + BY_ENOCH[60:]
    assert open_note(f"{NOTE}{garbled}", KEY) == TEXT


def test_a_note_that_only_others_signed_names_them() -> None:
    with pytest.raises(ForeignKey, match=r"EnochRoot\+af0cfe78"):
        open_note(f"{TEXT}\n{BY_ENOCH}", KEY)


def test_a_signature_that_is_not_of_the_text_is_refused() -> None:
    for note in (NOTE.replace("think", "thunk"), f"{TEXT}\n{BY_PETER[:60]}ABCD{BY_PETER[60:]}"):
        with pytest.raises(BadSignature):
            open_note(note, KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        NOTE[:-1],
        f"\x01{NOTE}",
        f"{TEXT}\n{BY_PETER}Unexpected line.\n",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad+Name')}",
        f"{TEXT}\n{BY_PETER.replace('— ', '- ')}",
        f"{TEXT}\n{BY_PETER * 101}",
        f"\n{BY_PETER}",
    ],
)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    with pytest.raises(Malformed):
        open_note(note, KEY)


def test_no_piece_of_a_key_is_a_key_nor_is_one_with_a_letter_changed() -> None:
    for whole, parse in ((PETER, VerifierKey.parse), (PETERS_OWN, SigningKey.parse)):
        pieces = [whole[i:j] for i in range(len(whole)) for j in range(i + 1, len(whole) + 1) if j - i < len(whole)]
        changed = [f"{whole[:i]}{chr(ord(whole[i]) + 1)}{whole[i + 1 :]}" for i in range(len(whole))]
        for wrong in pieces + changed:
            with pytest.raises(Malformed):
                parse(wrong)  # type: ignore[operator]
    for wrong in (
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # of another type
    ):
        with pytest.raises(Malformed):
            VerifierKey.parse(wrong)


def test_every_key_has_a_name_of_its_own() -> None:
    one, other = SigningKey.generate("chibo-"), SigningKey.generate("chibo-")
    assert one.name != other.name
    assert SigningKey.parse(str(one)) == one
    with pytest.raises(ForeignKey):
        open_note(one.sign(TEXT), other.verifier)
    with pytest.raises(Malformed):
        one.sign("no end of line")


def test_the_published_checkpoint_is_read_and_written() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    found = Checkpoint.parse(text)
    assert (found.origin, found.size, len(found.root)) == ("example.com/behind-the-sofa", 20852163, 32)
    assert str(found) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n١\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "a\n1\nCsUYapGG\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


def test_a_file_of_several_notes_comes_apart_as_it_was_put_together() -> None:
    key = SigningKey.generate("chibo-")
    notes = [key.sign(f"{key.name}/meetings/{n}\n{n}\nroot\n") for n in range(3)]
    assert split_notes(join_notes(notes)) == notes
    with pytest.raises(Malformed):
        split_notes(join_notes(notes)[:-150] + "\n\nx")
    with pytest.raises(Malformed):
        split_notes("")


ENTRIES = [f"entry {n}".encode() for n in range(11)]
SIGNER = SigningKey.generate("chibo-")


def proof_of(index: int, size: int) -> Proof:
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    note = SIGNER.sign(str(Checkpoint(f"{SIGNER.name}/meetings/0", size, root_of(leaves))))
    return Proof(ENTRIES[index], index, tuple(subtree_roots(inclusion_ranges(index, size), leaves)), note)


def test_a_proof_has_the_form_that_others_read() -> None:
    assert str(Proof(b"entry", 5, (b"\x01" * 32,), "note\n")).splitlines() == [
        "c2sp.org/tlog-proof@v1",
        "extra ZW50cnk=",
        "index 5",
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
        "",
        "note",
    ]


def test_every_entry_is_proven_by_its_text_and_the_key_alone() -> None:
    for size in range(1, len(ENTRIES) + 1):
        for index in range(size):
            read = Proof.parse(str(proof_of(index, size)))
            assert read == proof_of(index, size)
            assert read.check(SIGNER.verifier).size == size


def test_an_entry_is_not_proven_at_another_place_or_by_another_key() -> None:
    proof = proof_of(3, 11)
    for wrong in (
        Proof(ENTRIES[4], proof.index, proof.path, proof.note),
        Proof(proof.entry, 4, proof.path, proof.note),
        Proof(proof.entry, proof.index, proof.path[1:], proof.note),
        Proof(proof.entry, proof.index, proof.path, proof_of(3, 10).note),
    ):
        with pytest.raises(NotIncluded):
            wrong.check(SIGNER.verifier)
    with pytest.raises(ForeignKey):
        proof.check(KEY)


def growth_of(old: int, size: int) -> Growth:
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    return Growth(old, tuple(subtree_roots(consistency_ranges(old, size), leaves)), proof_of(0, size).note)


def checkpoint_of(size: int) -> Checkpoint:
    return Checkpoint.parse(open_note(proof_of(0, size).note, SIGNER.verifier))


def test_growth_is_shown_by_its_text_the_old_checkpoint_and_the_key() -> None:
    texts = [str(growth_of(old, 11)) for old in range(1, 12)]
    assert split_growths(join_notes(texts)) == [Growth.parse(text) for text in texts]
    for old, text in enumerate(texts, 1):
        assert Growth.parse(text).check(checkpoint_of(old), SIGNER.verifier) == checkpoint_of(11)
        assert Growth.parse(text).origin == checkpoint_of(old).origin


def test_growth_from_another_checkpoint_is_not_shown() -> None:
    for growth, before in (
        (growth_of(5, 11), checkpoint_of(6)),
        (growth_of(5, 11), replace(checkpoint_of(5), root=checkpoint_of(6).root)),
        (growth_of(5, 11), replace(checkpoint_of(5), origin="another")),
        (replace(growth_of(5, 11), note=proof_of(0, 10).note), checkpoint_of(5)),
    ):
        with pytest.raises(NotGrown):
            growth.check(before, SIGNER.verifier)
    with pytest.raises(Malformed):
        split_growths(f"{growth_of(1, 2)}\nmore\n")


@given(old=st.integers(1, 10), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_growth_can_be_changed(old: int, at: int, bit: int) -> None:
    octets = bytearray(str(growth_of(old, 11)).encode())
    octets[at % len(octets)] ^= 1 << bit
    with pytest.raises((NoteError, UnicodeDecodeError)):
        Growth.parse(octets.decode()).check(checkpoint_of(old), SIGNER.verifier)


@given(index=st.integers(0, 10), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_proof_can_be_changed(index: int, at: int, bit: int) -> None:
    octets = bytearray(str(proof_of(index, 11)).encode())
    octets[at % len(octets)] ^= 1 << bit
    with pytest.raises((NoteError, UnicodeDecodeError)):
        Proof.parse(octets.decode()).check(SIGNER.verifier)
