"""A request that has no response yet, and how to cancel it."""

import asyncio
import time

from mfa_tui.client.messages import Operation


class PendingRequest:
    """A request that has no response yet.

    Args:
        operation: The operation that it requests.
        deadline: Its time limit, which a cancellation brings forward.
    """

    def __init__(self, operation: Operation, deadline: asyncio.Timeout) -> None:
        self.operation = operation
        self._cancel_requested = False
        self._deadline = deadline
        self._since = time.monotonic()
        self._is_connecting: bool | None = None
        """Whether its first connection is being made, so that nothing has left yet; None before that."""

    @property
    def seconds(self) -> float:
        """For how long it has had no response."""
        return time.monotonic() - self._since

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it has changed nothing at the service: it only reads, or nothing of it has left this machine."""
        return self.operation is Operation.READ or self._is_connecting is True

    @property
    def is_cancelled(self) -> bool:
        """Whether the user has cancelled it, before it could leave in the same moment."""
        return self._cancel_requested and self.can_be_cancelled

    def cancel(self) -> bool:
        """Cancel it, so that `RequestCancelledError` is raised; return False if it may have changed something."""
        if not self.can_be_cancelled:
            return False
        self._cancel_requested = True
        if not self._deadline.expired():
            self._deadline.reschedule(0)
        return True

    async def trace(self, event: str, _details: object) -> None:
        """Note how far it is, from the events of httpx. Without any, as in process, it may have left at once."""
        if event == "connection.connect_tcp.started":
            self._is_connecting = self._is_connecting is None
        elif event.endswith("send_request_headers.started"):
            self._is_connecting = False
