"""Which partition a partition key belongs to.

The first eight octets of the SHA-256 of the key in UTF-8, read as an unsigned big-endian number, modulo the number of
partitions. Fixed for ever: changing it would scatter the events of one cell over two partitions.
"""

from hashlib import sha256


def partition_of(key: str, partitions: int) -> int:
    """The partition of ``key``, 0 to ``partitions - 1``; the same on every machine and for ever."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") % partitions
