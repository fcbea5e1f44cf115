"""The house's manners over HTTP: commands with keys and versions, problems, pages of rows."""

from shared.http.answers import CommandDep, Done, IfMatch, done
from shared.http.pagination import Cursor, Limit, Malformed, Page, decode_cursor, encode_cursor, page_of
from shared.http.problems import PROBLEM_RESPONSES, Problem
from shared.http.texts import RuleText, RuleTexts
from shared.http.written import Readable, cleared, readable

__all__ = [
    "PROBLEM_RESPONSES",
    "CommandDep",
    "Cursor",
    "Done",
    "IfMatch",
    "Limit",
    "Malformed",
    "Page",
    "Problem",
    "Readable",
    "RuleText",
    "RuleTexts",
    "cleared",
    "decode_cursor",
    "done",
    "encode_cursor",
    "page_of",
    "readable",
]
