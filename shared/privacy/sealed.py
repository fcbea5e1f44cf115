"""The form a personal field has in events and views: ciphertext under one person's key."""

from typing import Annotated

from pydantic import StringConstraints

Sealed = Annotated[str, StringConstraints(pattern=r"^v1\.[A-Za-z0-9_-]+$", max_length=4096)]
"""``v1.`` + base64url(nonce || AES-256-GCM ciphertext); see `shared.privacy`."""
