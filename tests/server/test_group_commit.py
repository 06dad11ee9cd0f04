"""Transactions that wait for each other share a commit, and none depends on another one."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from mfa_tui.server import sqlite
from mfa_tui.server.database import Location, OpenedStore
from mfa_tui.server.group_commit import Job
from mfa_tui.server.sqlite import SqliteStore
from mfa_tui.server.store import RolledBackError, Transaction

Submit = Callable[..., list["Future[object]"]]


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    store = OpenedStore.open(Location(folder)).store
    assert isinstance(store, SqliteStore)
    yield store
    store.close()


@pytest.fixture
def together(store: SqliteStore) -> Iterator[Submit]:
    """Return a function that runs some work in one batch: while another transaction runs, all of it starts to wait."""
    with ThreadPoolExecutor(16) as threads:

        def submit(*works: Callable[[Transaction], object]) -> list[Future[object]]:
            go_on, running = threading.Event(), threading.Event()

            def hold(_: Transaction) -> None:
                running.set()
                go_on.wait(10)

            first = threads.submit(store.write, hold)
            running.wait(10)
            submitted = [threads.submit(store.write, work) for work in works]
            while len(store._writes._waiting) < len(works):
                pass
            go_on.set()
            first.exception()
            return submitted

        yield submit


def _add(number: int) -> Callable[[Transaction], int]:
    def add(db: Transaction) -> int:
        db.execute("INSERT INTO mails_sent (email, expires_at) VALUES ('a@example.org', ?)", number)
        return number

    return add


def _stored(store: SqliteStore) -> list[int]:
    return store.read(lambda db: db.fetch_column(int, "SELECT expires_at FROM mails_sent ORDER BY expires_at"))


def test_waiting_transactions_share_a_commit(
    store: SqliteStore, together: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    write = store._writes._run

    def count(jobs: list[Job[object]]) -> None:
        batches.append(len(jobs))
        write(jobs)

    monkeypatch.setattr(store._writes, "_run", count)
    assert [future.result() for future in together(*map(_add, range(8)))] == list(range(8))
    assert batches == [1, 8]
    assert _stored(store) == list(range(8))


def test_a_refusal_undoes_only_its_own_changes(store: SqliteStore, together: Submit) -> None:
    def refuse(db: Transaction) -> None:
        _add(100)(db)
        raise LookupError

    futures = together(_add(1), refuse, _add(2))
    assert isinstance(futures[1].exception(), LookupError)
    assert [futures[0].result(), futures[2].result(), _stored(store)] == [1, 2, [1, 2]]


def test_a_failing_statement_undoes_only_its_own_changes(store: SqliteStore, together: Submit) -> None:
    def fail(db: Transaction) -> None:
        _add(100)(db)
        db.execute("NO SQL")

    futures = together(_add(1), fail, _add(2))
    assert isinstance(futures[1].exception(), Exception)
    assert [futures[0].result(), futures[2].result(), _stored(store)] == [1, 2, [1, 2]]


def test_actions_after_the_commit_belong_to_their_transaction(together: Submit) -> None:
    done: list[int] = []

    def work(number: int) -> Callable[[Transaction], None]:
        return lambda db: db.after_commit(lambda: done.append(number))

    def refuse(db: Transaction) -> None:
        db.after_commit(lambda: done.append(100))
        raise LookupError

    for future in together(work(1), refuse, work(2)):
        future.exception()
    assert sorted(done) == [1, 2]


def test_a_full_disk_fails_every_transaction_of_a_batch(
    store: SqliteStore, together: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite.SqliteStore, "_check_file", _raise_full)
    for future in together(_add(1), _add(2)):
        assert isinstance(future.exception(), RolledBackError)
    monkeypatch.undo()
    assert _stored(store) == []


def _raise_full(_store: SqliteStore) -> None:
    raise RolledBackError
