"""Personal fields sealed under one key per person; destroying the key is how a person is erased.

A reading has three different answers: the text, `ERASED` (the key was destroyed, for ever) and `UNKNOWN` (nobody
holds such a key, or it cannot be asked for now). A ciphertext that its key does not fit is an error: `WrongKey`.
"""

from shared.privacy.cipher import WrongKey, new_key, open_sealed, seal
from shared.privacy.keyring import ERASED, UNKNOWN, Erased, Keyring, Opened, PersonKey, Unknown
from shared.privacy.local import LocalKeyring
from shared.privacy.master import MasterKey
from shared.privacy.remote import RemoteKeyring
from shared.privacy.sealed import Sealed

__all__ = [
    "ERASED",
    "UNKNOWN",
    "Erased",
    "Keyring",
    "LocalKeyring",
    "MasterKey",
    "Opened",
    "PersonKey",
    "RemoteKeyring",
    "Sealed",
    "Unknown",
    "WrongKey",
    "new_key",
    "open_sealed",
    "seal",
]
