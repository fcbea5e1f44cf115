"""Names as people look for them: without marks, so that "phieng loi" finds "bản Phiêng Lơi"."""

import unicodedata


def folded(name: str) -> str:
    """Lower case without tone and vowel marks; ``đ`` becomes ``d``."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
