"""Names as people look for them: without marks, so that "phieng loi" finds "bản Phiêng Lơi"."""

import re
import unicodedata


def folded(name: str) -> str:
    """Lower case without tone and vowel marks; ``đ`` becomes ``d``."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def ordered(name: str) -> str:
    """What names are sorted by: folded, and ``thôn 2`` before ``thôn 10``."""
    return re.sub(r"\d+", lambda number: number[0].zfill(6), folded(name))


def short_name(cell: str) -> str:
    """``bản Phiêng Lơi`` of ``Chi bộ bản Phiêng Lơi``: where every row is a cell, the word stands above them once."""
    return cell.removeprefix("Chi bộ ")
