"""The one-shot `setup` container: every other container gets the secrets and the configuration it needs, and no more.

    docker-compose run --rm setup show grafana       print a secret
    docker-compose run --rm -T setup set smtp_url    keep one that only you know, read from standard input

Each container has a volume of its own, mounted at /run/chibo. A volume rather than files of the checkout: they can be
read by whoever the server runs as, whatever umask the checkout was made under, and on an engine on another machine.
"""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from deploy.compose.secrets import GENERATED, GIVEN, Secrets, write
from deploy.local.credentials import owner_of
from shared.settings import SERVICES

KEPT: Final = Path("/kept")
HANDED: Final = Path("/handed")
CONFIGURATION: Final = Path(__file__).parent

SECRET, FOR_GROUP, OPEN = 0o400, 0o440, 0o444
Files = dict[str, tuple[str, int]]
"""By path below a container's volume: content and mode."""


def handed_out(secrets: Secrets) -> dict[str, Files]:
    """By container: the files it gets."""
    services = {service: _settings(secrets, service) for service in SERVICES}
    owners = {
        service: _connections(secrets, service)
        | _secret(chibo_migration_url=_database_url(secrets, service, owner_of(service)))
        for service in SERVICES
    }
    return {
        **services,
        "operator": _folders(services) | _secret(chibo_checkpoint_key=secrets["checkpoint_key"]),
        "migrate": _folders(owners)
        | _secret(admin_url=f"postgresql://postgres:{secrets['postgres']}@postgres:5432/postgres"),
        "postgres": _secret(password=secrets["postgres"]),
        "redis": {"users.acl": ("\n".join(redis_users(secrets)) + "\n", SECRET)},
        "caddy": _configuration("Caddyfile"),
        "prometheus": _configuration("prometheus.yml") | _configuration("alerts.yml"),
        # Grafana runs as a user of its image that is given our group
        "grafana": {"password": (secrets["grafana"], FOR_GROUP)} | _configuration("grafana"),
    }


def redis_users(secrets: Secrets) -> list[str]:
    """Redis ACL: a service writes the streams of its own events and reads all; nobody else does anything."""
    commands = "+xread +xadd +xinfo|stream +del +@transaction +ping +hello +auth +select"
    return ["user default on nopass nocommands +ping"] + [
        f"user {service} on #{sha256(secrets[f'redis.{service}'].encode()).hexdigest()}"
        f" resetkeys ~{service}.events.* %R~*.events.* resetchannels nocommands {commands}"
        for service in SERVICES
    ]


def _settings(secrets: Secrets, service: str) -> Files:
    files = _connections(secrets, service)
    if service == "members":
        files |= _secret(chibo_master_key=secrets["master_key"])
    if service == "notifications" and (smtp := secrets.get("smtp_url")):
        files |= _secret(chibo_smtp_url=smtp)
    return files


def _connections(secrets: Secrets, service: str) -> Files:
    """What `Settings` reads from files, named as the environment variables would be."""
    return _secret(
        chibo_database_url=_database_url(secrets, service, service),
        chibo_redis_url=f"redis://{service}:{secrets[f'redis.{service}']}@redis:6379/0",
        chibo_service_secret=secrets["service_secret"],
    )


def _database_url(secrets: Secrets, service: str, role: str) -> str:
    return f"postgresql://{role}:{secrets[f'database.{role}']}@postgres:5432/{service}"


def _secret(**contents: str) -> Files:
    return {name: (content, SECRET) for name, content in contents.items()}


def _folders(by_service: dict[str, Files]) -> Files:
    return {f"{service}/{name}": file for service, files in by_service.items() for name, file in files.items()}


def _configuration(name: str) -> Files:
    """A file of this room, or all below a folder of it."""
    source = CONFIGURATION / name
    if source.is_file():
        return {name: (source.read_text(), OPEN)}
    return {
        str(file.relative_to(source)): (file.read_text(), OPEN) for file in sorted(source.rglob("*")) if file.is_file()
    }


def hand_out(folder: Path, files: Files) -> None:
    """Make ``folder`` hold ``files`` and nothing else."""
    for file in [path for path in folder.rglob("*") if path.is_file()]:
        if str(file.relative_to(folder)) not in files:
            file.unlink()
    for name, (content, mode) in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, content, mode)


def main(arguments: list[str]) -> str | None:
    """Returns what is wrong with ``arguments``."""
    secrets = Secrets(KEPT)
    match arguments:
        case []:
            pass
        case ["show", name] if value := secrets.get(name):
            print(value)
            return None
        case ["set", name] if name in GIVEN:
            secrets.keep(name, sys.stdin.readline().strip())
        case _:
            return f"setup: nothing, or show {'|'.join([*GENERATED, *GIVEN])}, or set {'|'.join(GIVEN)}"
    for container, files in handed_out(secrets).items():
        hand_out(HANDED / container, files)
    print("Secrets and configuration are handed out.")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
