"""Group commit: transactions of several threads that share one commit, and so one wait for the disk."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from mfa_tui.server.store import RolledBackError, Transaction

_T = TypeVar("_T")


class Job(msgspec.Struct, Generic[_T], eq=False):
    """The work of one transaction, and how it ended."""

    work: Callable[[Transaction], _T]
    transaction: Transaction | None = None
    results: list[_T] = msgspec.field(default_factory=list)
    """The result of the work, if it succeeded."""
    error: BaseException | None = None
    ended: threading.Event = msgspec.field(default_factory=threading.Event)

    def run(self, transaction: Transaction) -> None:
        """Run the work. An earlier run was rolled back."""
        self.transaction, self.results = transaction, [self.work(transaction)]

    def finish(self) -> _T:
        """Do what follows the commit, and return the result, or raise the error."""
        self.ended.wait()
        if self.error is not None:
            raise self.error
        if self.transaction is not None:
            self.transaction.run_after_commit()
        return self.results[0]


class GroupCommit:
    """Lets one thread at a time run the jobs of all threads that wait for it.

    Args:
        run: Runs some jobs, and sets the error of each that fails.
        timeout: How long a job waits for its turn, in seconds.
    """

    def __init__(self, run: Callable[[list[Job[object]]], None], timeout: float) -> None:
        self._run = run
        self._timeout = timeout
        self._lock = threading.Lock()
        self._waiting: deque[Job[object]] = deque()

    def submit(self, work: Callable[[Transaction], _T]) -> _T:
        """Run `work` with the other work that waits, and return its result.

        Raises:
            RolledBackError: It was rolled back, or its turn did not come.
            CommitUnknownError: It may have been committed.
        """
        job: Job[_T] = Job(work)
        self._waiting.append(job)  # type: ignore[arg-type]  # the result is only returned to this caller
        if self._lock.acquire(timeout=self._timeout):
            try:
                if not job.ended.is_set():
                    self._run_waiting()
            finally:
                self._lock.release()
        else:
            try:
                self._waiting.remove(job)  # type: ignore[arg-type]  # as above
            except ValueError:
                pass  # another thread runs it now
            else:
                raise RolledBackError
        return job.finish()

    def _run_waiting(self) -> None:
        jobs = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            self._run(jobs)
        except BaseException as error:
            for job in jobs:
                job.error = job.error or error
            raise
        finally:
            for job in jobs:
                job.ended.set()
