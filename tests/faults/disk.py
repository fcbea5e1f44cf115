"""A disk that is full, without a disk: no file of PostgreSQL's may grow past a size, and it is told so as it runs.

The writes that fail are those that fail on a full disk, under another name (EFBIG instead of ENOSPC). Works for root
and for anybody else, since a process's owner may lower its limits.
"""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local.process import working_in
from tests.faults.fleet import Fleet

PROGRAM = """
import os, resource, sys
uid, gid, most, *pids = map(int, sys.argv[1:])
if os.geteuid() != uid:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
for pid in pids:
    try:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
    except ProcessLookupError:
        pass
"""


def limit_files(fleet: Fleet, most: int) -> None:
    """Every process of PostgreSQL, and those it will start: no write past ``most`` octets into a file."""
    assert fleet.postgres.pid is not None
    owner = Path(f"/proc/{fleet.postgres.pid}").stat()
    home = Path(os.readlink(f"/proc/{fleet.postgres.pid}/cwd"))
    pids = [fleet.postgres.pid, *working_in(home, fleet.postgres.PROGRAMS)]
    told = (owner.st_uid, owner.st_gid, most, *pids)
    subprocess.run([sys.executable, "-I", "-S", "-c", PROGRAM, *map(str, told)], check=True)
