"""What an operator types, in the container of one service: its settings come from the environment."""

import pytest

from deploy.local.embedded import bring_up_to_date, from_environment
from deploy.local.tests.conftest import Run


@pytest.fixture
async def members(chibo: Run, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`chibo` where members runs, its database made."""
    with monkeypatch.context() as terminal:
        for name, value in environment.items():
            terminal.setenv(name, value)
        await bring_up_to_date(from_environment("members"))
    return lambda *arguments: chibo(*arguments, **environment)


def test_a_database_is_brought_up_to_date(chibo: Run, environment: dict[str, str]) -> None:
    for _ in range(2):  # again is as good as once
        made = chibo("migrate", "members", **environment)
        assert (made.returncode, made.stdout, made.stderr) == (0, "Up to date: members\n", "")


def test_the_first_organisation_and_account_are_begun_once(members: Run) -> None:
    begun = members("begin", "Đảng bộ xã", "--login", "quantri")
    assert (begun.returncode, begun.stderr) == (0, "")
    assert begun.stdout.startswith("Đảng bộ xã is established. Log in as quantri with the password ")
    again = members("begin", "Đảng bộ khác")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("chibo: There are accounts already")


def test_nothing_is_parked_at_first(members: Run) -> None:
    assert members("parked", "list").stdout == "No event is parked.\n"
    unknown = members("parked", "retry", "wall/meetings.2.4711")
    assert unknown.stderr == "chibo: No event wall/meetings.2.4711 is parked: see `chibo parked list`.\n"


def test_a_rule_that_refuses_says_so_in_its_own_words(members: Run) -> None:
    refused = members("erase", "nobody", "--reason", "asked for", "--yes")
    assert refused.returncode == 1
    assert refused.stderr.startswith("chibo: This was refused: ")
    assert "member.known" not in refused.stderr


def test_a_view_there_is_not_is_answered_with_those_there_are(members: Run) -> None:
    unknown = members("rebuild", "kitchen")
    assert unknown.stderr.startswith("chibo: There is no view 'kitchen': name one of ")
    assert "organisations" in unknown.stderr


def test_a_service_that_cannot_be_reached_is_one_clear_line(members: Run) -> None:
    unreachable = members("lag")
    assert unreachable.returncode == 1
    assert unreachable.stderr.startswith("chibo: A server that is needed cannot be reached")
