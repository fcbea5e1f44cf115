"""The house's manners over HTTP: commands with keys and versions, problems, pages of rows."""

from shared.http.answers import (
    READ_FROM_REQUEST,
    CommandDep,
    Done,
    IfMatch,
    command_by,
    command_of,
    done,
    expected_version,
)
from shared.http.moments import Day, Instant, Month, read_instant
from shared.http.pagination import Cursor, Limit, Malformed, Page, decode_cursor, encode_cursor, page_of
from shared.http.problems import Problem
from shared.http.texts import RuleText, RuleTexts
from shared.http.written import Readable, cleared, readable

__all__ = [
    "READ_FROM_REQUEST",
    "CommandDep",
    "Cursor",
    "Day",
    "Done",
    "IfMatch",
    "Instant",
    "Limit",
    "Malformed",
    "Month",
    "Page",
    "Problem",
    "Readable",
    "RuleText",
    "RuleTexts",
    "cleared",
    "command_by",
    "command_of",
    "decode_cursor",
    "done",
    "encode_cursor",
    "expected_version",
    "page_of",
    "read_instant",
    "readable",
]
