"""The `chibo` command: clear lines, exit codes, and an example for everything."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from deploy.local.cli import app
from deploy.local.tests.conftest import Run


def commands(group: typer.Typer) -> Iterator[tuple[str, str]]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield command.name or command.callback.__name__, command.epilog or ""
    for below in group.registered_groups:
        assert below.typer_instance is not None
        yield from commands(below.typer_instance)


@pytest.mark.parametrize(("name", "epilog"), sorted(commands(app)))
def test_every_command_shows_an_example(name: str, epilog: str) -> None:
    assert epilog.startswith("Example: ")
    assert name in epilog


def test_the_help_names_the_commands(chibo: Run) -> None:
    said = chibo("--help")
    assert said.returncode == 0
    shown = [name for command in app.registered_commands if (name := command.callback and command.callback.__name__)]
    assert [name for name in (*shown, "parked", "import") if name not in said.stdout] == []


def test_a_busy_port_is_one_clear_line_before_anything_is_started(chibo: Run, folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = chibo("up", "--port", str(port))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.splitlines() == [
        f"chibo: Port {port} is busy: stop what holds it, or choose another,"
        f" for example PORT={port + 1} (--port {port + 1})."
    ]
    assert list(folder.iterdir()) == []


def test_a_port_that_only_root_or_nobody_may_open_is_named(chibo: Run) -> None:
    said = chibo("up", "--port", "99999")
    assert said.returncode == 1
    assert said.stderr.startswith("chibo: Port 99999 on 127.0.0.1 cannot be opened")


def test_settings_that_are_missing_are_named(chibo: Run) -> None:
    said = chibo("serve", "members", CHIBO_DATABASE_URL="postgresql://nobody@localhost/x")
    assert said.returncode == 1
    assert "set CHIBO_REDIS_URL, CHIBO_SERVICE_SECRET (" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("arguments", [("serve", "kitchen"), ("migrate", "kitchen")])
def test_a_service_there_is_not_is_refused_by_name(arguments: tuple[str, ...], chibo: Run) -> None:
    said = chibo(*arguments)
    assert said.returncode == 1
    assert "'kitchen': name one of members, meetings, inspection, notifications" in said.stderr


def test_checking_what_was_never_made_says_where_to_begin(chibo: Run, folder: Path) -> None:
    said = chibo("verify")
    assert (said.returncode, said.stderr) == (
        1,
        "chibo: There is no data in .chibo: run `chibo up` first, or say where it is with --data.\n",
    )
    assert list(folder.iterdir()) == []


def test_the_doctor_finds_this_machine_well(chibo: Run) -> None:
    said = chibo("doctor")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "✗" not in said.stdout
    assert "PostgreSQL" in said.stdout


def test_the_doctor_points_at_data_whose_folder_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deploy.local import home
    from deploy.local.cli.check import examine

    monkeypatch.setattr(home, "ELSEWHERE", folder / "var")
    left = folder / "var" / "0123"
    left.mkdir(parents=True)
    (left / "belongs-to").write_text("/nowhere/postgres\n")
    assert [line for ok, line in examine(folder) if not ok and str(left) in line]


def test_practices_are_counted_over_the_numbers_asked_for(chibo: Run) -> None:
    said = chibo("practices", "--range", "12-13").stdout.splitlines()
    assert said[0].startswith("  12 · ")
    assert said[1].startswith("  13 ✓ ")
    assert said[2] == "1/2 work"
    assert chibo("practices", "--range", "some").returncode == 1
