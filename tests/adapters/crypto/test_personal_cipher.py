"""What is sealed with a person's key is opened with that key, in its own place, and with nothing else."""

import pytest

from adapters.crypto.field_cipher import DecryptionFailed
from adapters.crypto.personal_cipher import KEY_BYTES, PersonalCipher, new_personal_key

CIPHER = PersonalCipher(bytes(KEY_BYTES))
PLAIN = b"a laptop"
SEALED = CIPHER.encrypt(PLAIN, context="an entry")

REFUSED = {
    "other key": (PersonalCipher(b"1" * KEY_BYTES), SEALED, "an entry"),
    "other context": (CIPHER, SEALED, "another entry"),
    "changed": (CIPHER, SEALED[:-1] + bytes([SEALED[-1] ^ 1]), "an entry"),
    "cut": (CIPHER, SEALED[:10], "an entry"),
}


def test_sealed_words_are_opened() -> None:
    assert CIPHER.decrypt(SEALED, context="an entry") == PLAIN


@pytest.mark.parametrize(("cipher", "sealed", "context"), REFUSED.values(), ids=REFUSED)
def test_anything_else_is_refused(cipher: PersonalCipher, sealed: bytes, context: str) -> None:
    with pytest.raises(DecryptionFailed):
        cipher.decrypt(sealed, context=context)


def test_same_words_are_never_sealed_alike() -> None:
    assert CIPHER.encrypt(PLAIN, context="an entry") != SEALED


def test_no_two_persons_have_the_same_key() -> None:
    assert new_personal_key() != new_personal_key()
    assert len(new_personal_key()) == KEY_BYTES
