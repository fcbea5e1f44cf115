"""Become the server: ``python -I -S launch.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…``.

A program of its own because forking with Python code in between is unsafe once there are threads. The order matters:
changing the user clears the parent-death signal.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, end_with: int, uid: int, gid: int, command: list[str]) -> None:
    if os.geteuid() == 0 and uid != 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, end_with)
    if os.getppid() == parent:  # else it died before we could ask to be told
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    _parent, _end_with, _uid, _gid = (int(value) for value in sys.argv[1:5])
    main(_parent, _end_with, _uid, _gid, sys.argv[5:])
