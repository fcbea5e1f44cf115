"""Secrets are made once and each container gets its own; what they open is tried on a real PostgreSQL."""

import io
import json
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr

from deploy.compose import setup
from deploy.compose.migrate import migrate
from deploy.compose.secrets import FILE, GENERATED, Secrets
from deploy.compose.setup import handed_out
from deploy.local.databases import url_of
from deploy.local.embedded import configured, from_environment
from deploy.local.postgres import Postgres
from shared.settings import SERVICES, Settings
from tests.support.servers import server_folder


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the volumes are mounted."""
    for name in ("kept", "handed"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(setup, name.upper(), tmp_path / name)
    for container in handed_out(Secrets(tmp_path / "kept")):
        (tmp_path / "handed" / container).mkdir()
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_secrets_stay_the_same_however_often_they_are_handed_out(places: Path) -> None:
    assert setup.main([]) is None
    first = contents(places)
    assert setup.main([]) is None
    assert contents(places) == first


def test_a_secret_that_a_newer_version_wants_is_added_and_the_others_stay(places: Path) -> None:
    file = places / "kept" / FILE
    kept = json.loads(file.read_text())
    missing = kept.pop("grafana")
    file.chmod(0o600)
    file.write_text(json.dumps(kept))
    now = Secrets(places / "kept")
    assert now["grafana"] != missing
    assert {name: now[name] for name in kept} == kept


def test_what_is_secret_can_be_read_by_its_container_only(places: Path) -> None:
    setup.main([])
    secrets = Secrets(places / "kept")
    for file in places.rglob("*"):
        if file.is_file() and any(secrets[name] in file.read_text() for name in GENERATED):
            assert stat.S_IMODE(file.stat().st_mode) in (0o400, 0o440), file


@pytest.mark.parametrize(
    ("name", "theirs"), [("master_key", {"members", "operator"}), ("checkpoint_key", {"operator"})]
)
def test_a_key_is_handed_to_those_who_need_it_only(places: Path, name: str, theirs: set[str]) -> None:
    setup.main([])
    secrets = Secrets(places / "kept")
    have = {
        file.relative_to(places / "handed").parts[0]
        for file in (places / "handed").rglob("*")
        if file.is_file() and secrets[name] in file.read_text()
    }
    assert have == theirs


def test_the_operator_signs_checkpoints_of_every_service_with_one_key(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.main([])
    monkeypatch.setenv("CHIBO_SECRETS", str(places / "handed" / "operator"))
    keys = [from_environment(service).checkpoint_key for service in SERVICES]
    assert {key and key.get_secret_value() for key in keys} == {Secrets(places / "kept")["checkpoint_key"]}


def test_what_is_not_handed_out_any_more_is_taken_away(places: Path) -> None:
    outdated = places / "handed" / "members" / "chibo_old"
    outdated.write_text("x")
    setup.main([])
    assert not outdated.exists()


def test_a_mail_servers_address_reaches_notifications_and_nobody_else(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("smtp://u:p@mail.example.vn:587\n"))
    assert setup.main(["set", "smtp_url"]) is None
    having = {path for path, content in contents(places / "handed").items() if "mail.example.vn" in content}
    assert having == {"notifications/chibo_smtp_url", "operator/notifications/chibo_smtp_url"}


def test_a_secret_is_shown_on_request(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["show", "grafana"]) is None
    assert capsys.readouterr().out.strip() == Secrets(places / "kept")["grafana"]


def test_an_unknown_secret_is_refused_with_what_there_is(places: Path) -> None:
    said = setup.main(["show", "everything"])
    assert said is not None
    assert "master_key" in said


def test_a_service_writes_the_streams_of_its_own_events_only(tmp_path: Path) -> None:
    anybody, *users = setup.redis_users(Secrets(tmp_path))
    assert anybody == "user default on nopass nocommands +ping"
    for service, user in zip(SERVICES, users, strict=True):
        assert user.startswith(f"user {service} on #")
        assert re.findall(r" (~\S+)", user) == [f"~{service}.events.*"]
        assert "@all" not in user


async def test_databases_and_roles_are_made_for_what_was_handed_out(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the first start does it; then once more, as every later start does."""
    setup.main([])
    monkeypatch.setenv("CHIBO_SECRETS", str(places / "handed" / "migrate"))
    assert configured() == SERVICES
    with server_folder() as folder, Postgres(folder, durable=False) as server:
        here = [_on(server, from_environment(service)) for service in SERVICES]
        for _ in range(2):
            await migrate(server.url(), here)
        for settings in here:
            connection = await asyncpg.connect(settings.database_url.get_secret_value())
            try:
                assert await connection.fetchval("SELECT current_user") == settings.service
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute("INSERT INTO event SELECT * FROM event")
            finally:
                await connection.close()


def _on(server: Postgres, settings: Settings) -> Settings:
    """The same settings, with the test's server in the place of the container's."""

    def moved(url: SecretStr) -> SecretStr:
        told = urlsplit(url.get_secret_value())
        return SecretStr(url_of(server.url(), told.path[1:], told.username or "", told.password or ""))

    assert settings.migration_url is not None
    return settings.model_copy(
        update={"database_url": moved(settings.database_url), "migration_url": moved(settings.migration_url)}
    )
