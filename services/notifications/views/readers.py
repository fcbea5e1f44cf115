"""In which organisation an office is asked: the cell's own offices in the cell, a committee's in the nearest above."""

from typing import Final

_ASKED: Final = """
    case when {office} in ('cell_secretary', 'deputy_secretary', 'minute_taker') then o.id else coalesce(
        (select above.organisation from view_roster.office above
          where above.office = {office} and above.organisation = any (trim_array(o.path, 1))
            and above.from_on <= {day} and (above.until_on is null or above.until_on > {day})
          order by array_position(o.path, above.organisation) desc limit 1), o.parent) end
"""


def asked(office: str, day: str) -> str:
    """The SQL expression, for a row ``o`` of the organisations; ``office`` is a column, ``day`` a parameter.

    Where nobody above holds the office, the organisation directly above is meant, for whoever will.
    """
    return _ASKED.format(office=office, day=day)
