"""Settings of one service process: from the environment (``CHIBO_*``), from files, or from the embedded deployment.

Files bear the variables' names in lower case and lie in the folder ``CHIBO_SECRETS``: what no environment should show.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("members", "meetings", "inspection", "notifications")

Role = Literal["api", "worker", "all"]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CHIBO_", extra="ignore", frozen=True)

    service: str
    role: Role = "all"
    database_url: SecretStr  # postgresql://role:password@host:port/database, the service's own
    migration_url: SecretStr | None = None  # a role that may create tables; database_url when absent
    redis_url: SecretStr
    partitions: int = 4  # only read when the database is created
    master_key: SecretStr | None = None  # 32 bytes base64url, wraps the persons' keys; members only
    checkpoint_key: SecretStr | None = None  # signs checkpoints of the logs; the operator's commands only
    service_secret: SecretStr  # signs the services' own tokens for /internal
    public_url: str = "http://127.0.0.1:8080"
    service_urls: dict[str, str] = {}  # service -> base address of its internal side
    smtp_url: SecretStr | None = None  # smtp://user:password@host:port; notifications only
    mail_from: str = "chibo@localhost"
    stream_maxlen: int = 100_000  # entries kept per Redis stream; older ones come from the feed
    pool_size: int = 8  # connections to PostgreSQL
    secure_cookies: bool = Field(default_factory=lambda told: told["public_url"].startswith("https://"))
    login_access_minutes: int = 5  # how long an access token lives: offices that ended are noticed after this
    login_idle_hours: int = 12  # a login not used for so long has ended
    login_absolute_days: int = 30  # and every login, however much used, after this
    demo: bool = False  # pages say that people are made up and happenings simulated
    log_json: bool = True
    data_dir: Path | None = None
