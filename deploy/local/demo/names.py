"""Made-up people: names drawn from common parts, birth years and addresses that belong to nobody."""

from datetime import date, timedelta
from random import Random

_FAMILY = ("Lò", "Quàng", "Cà", "Tòng", "Lường", "Vì", "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Bùi", "Đỗ", "Vũ")
_MIDDLE_WOMAN = ("Thị", "Thị Thu", "Thị Kim", "Ngọc", "Thị Minh")
_MIDDLE_MAN = ("Văn", "Đức", "Hữu", "Quang", "Xuân")
_WOMAN = ("Hoa", "Mai", "Phương", "Lan", "Hạnh", "Thảo", "Nhung", "Yến", "Duyên", "Hiền", "Loan", "Thúy")
_MAN = ("Minh", "Sơn", "Thanh", "Hùng", "Dũng", "Tâm", "Hải", "Long", "Bình", "Khánh", "Tuấn", "Phúc")


def full_name(random: Random) -> str:
    woman = random.random() < 0.4
    middle = random.choice(_MIDDLE_WOMAN if woman else _MIDDLE_MAN)
    return f"{random.choice(_FAMILY)} {middle} {random.choice(_WOMAN if woman else _MAN)}"


def birth_date(random: Random, today: date) -> date:
    """Of somebody between 30 and 72."""
    return date(today.year - random.randint(30, 72), random.randint(1, 12), random.randint(1, 28))


def admitted_on(random: Random, born_on: date, today: date, *, official: bool) -> date:
    """At 22 at the earliest; an official member before the story begins, a probationary one within the last year."""
    if not official:
        return today - timedelta(days=random.randint(60, 300))
    first, last = date(born_on.year + 22, 1, 1), date(today.year - 4, 1, 1)
    return first + timedelta(days=random.randint(0, (last - first).days))
