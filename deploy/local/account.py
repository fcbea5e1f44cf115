"""As whom the servers run: PostgreSQL refuses root, and no folder of others is ever opened for its sake."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from deploy.local.fault import Fault

CANDIDATES = ("chibo", "nobody", "postgres")  # when we are root: the first that this machine has


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def reaches(self, folder: Path) -> bool:
        """Whether this account may pass through ``folder`` (resolved) and every folder above it."""
        return self.is_us or all(self._may(step.stat(), stat.S_IXOTH) for step in (folder, *folder.parents))

    def runs(self, folder: Path) -> bool:
        """Whether it also may read and run what is in it; what is inside was installed under one umask."""
        folder = folder.resolve()
        return self.reaches(folder) and all(self._may(entry.stat(), stat.S_IROTH) for entry in folder.iterdir())

    def _may(self, found: os.stat_result, bit: int) -> bool:
        if self.is_us:
            return True
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return bool(found.st_mode & bit << shift)

    def own(self, folder: Path) -> Path:
        """Make ``folder`` (or take it, if it is this account's already), closed to all others. Raises `Fault`."""
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if found.st_uid == os.geteuid() and not self.is_us:
            os.chown(folder, self.uid, self.gid)
        elif found.st_uid != self.uid or not stat.S_ISDIR(found.st_mode):
            raise Fault("server.not_ours", path=folder)
        return folder


def server_account(data: Path) -> Account:
    """Ourselves; or, when we are root, whoever owns ``data`` already, else an unprivileged user. Raises `Fault`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if data.exists() and (found := data.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    for name in CANDIDATES:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise Fault("server.no_account")
