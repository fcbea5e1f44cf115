"""Text as people write it: what nobody sees and no database keeps is refused by name before it gets anywhere."""

import re
import unicodedata
from typing import Any, Final

from pydantic import BeforeValidator

from shared.refusal import Refused

_JOINERS: Final = {"\u00ad", "\u200c", "\u200d"}  # soft hyphen, and what holds letters and signs together
_LINE_ENDS: Final = re.compile("\r\n|[\r\u2028\u2029]")  # a browser's form sends the first


def readable(text: str) -> str:
    """The text with every line end as ``\\n``.

    Raises `Refused` (``text.readable``) for control characters other than line end and tab, for signs that show
    nothing or turn the order of letters round, and for halves of a character (lone surrogates).
    """
    text = _LINE_ENDS.sub("\n", text)
    if not _is_plain(text):
        for place, letter in enumerate(text, start=1):
            if _unreadable(letter):
                raise Refused("text.readable", place=place, code=f"U+{ord(letter):04X}")
    return text


def cleared(text: str) -> str:
    """The text without what `readable` refuses, to be shown again and looked over."""
    text = _LINE_ENDS.sub("\n", text)
    return text if _is_plain(text) else "".join(letter for letter in text if not _unreadable(letter))


def _is_plain(text: str) -> bool:
    """Whether there is nothing to look for letter by letter, which takes long."""
    return text.replace("\n", "").replace("\t", "").isprintable()


def _unreadable(letter: str) -> bool:
    if letter.isprintable() or letter in "\n\t":
        return False
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs") and letter not in _JOINERS


def _checked(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value


Readable: Final = BeforeValidator(_checked)
"""For every free text of a body, form or query: ``Annotated[str, StringConstraints(max_length=200), Readable]``."""
