"""What PostgreSQL and Redis have in common here: started in a `Home`, waited for, stopped, found again after a kill."""

import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from deploy.local.fault import Fault
from deploy.local.home import Home, sockets_of
from deploy.local.process import end_leftovers, spawn, stop, wait_until

START_SECONDS = 60.0  # recovery after a crash may take long


class Server(ABC):
    """One server in the folder ``home``. ``durable=False`` trades safety at a power cut for speed: tests only.

    `start` prepares and spawns (from the main thread, see `spawn`), `wait` returns when it answers; ``with`` does
    both. Every failure is a `Fault`.
    """

    NAME: ClassVar[str]
    PROGRAMS: ClassVar[tuple[str, ...]]  # as the kernel knows them
    STOP_WITH: ClassVar[tuple[signal.Signals, ...]]  # more firmly each time

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._path, self._durable = home, durable
        self._child: subprocess.Popen[bytes] | None = None
        self.joined = False  # it is another chibo's

    def start(self) -> None:
        self._home = home = Home(self._path)
        try:
            self._sockets = home.sockets()
            program = self._prepare()
            end_leftovers(home.data, self.PROGRAMS, *self.STOP_WITH)  # ours is the lock: they have no owner
            self._forget()
            home.log.unlink(missing_ok=True)
            self._child = spawn(
                [program, *self._options()], account=home.account, log=home.log, end_with=self.STOP_WITH[0]
            )
        except BaseException:
            home.release()
            raise

    def start_or_join(self) -> None:
        """Like `start`, but another chibo's server on the same folder will do: that one is not stopped by us."""
        try:
            self.start()
        except Fault as fault:
            if fault.code != "data.in_use":
                raise
            self._sockets, self.joined = sockets_of(self._path), True

    def wait(self) -> None:
        if self.joined:
            return
        assert self._child is not None, "start it first"
        if not wait_until(self._answers, self._child, seconds=START_SECONDS):
            refusal = self._home.refusal(self.NAME)
            self.stop()
            raise refusal

    def stop(self) -> None:
        """Orderly, then less so. Does nothing when it is not running."""
        if self._child is None:
            return
        stop(self._child, *self.STOP_WITH)
        self._child = None
        self._home.release()

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def __enter__(self) -> Self:
        self.start()
        self.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> Path:
        """Make the data folder; the program to run."""

    @abstractmethod
    def _forget(self) -> None:
        """Remove what only a running server should have; none is running."""

    @abstractmethod
    def _options(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...
