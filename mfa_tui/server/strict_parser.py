"""h11's parser of HTTP/1.1, made stricter."""

from typing import Any

import h11

_TWO_LENGTHS = {b"content-length", b"transfer-encoding"}
_BLANK_LINE = b"\n\r\n"


class StrictParser(h11.Connection):
    """h11's parser, without two tolerances with which a proxy could disagree about where a request ends.

    RFC 9112 allows to refuse both: a line that ends in LF alone (section 2.2), and two lengths (section 6.1).
    """

    def next_event(self) -> Any:  # noqa: ANN401 - as in h11 itself
        """Return the next event.

        Raises:
            h11.RemoteProtocolError: The request is not valid.
        """
        if self.their_state is h11.IDLE:
            received, _ = self.trailing_data
            head, blank_line, _ = received.partition(_BLANK_LINE)
            head += blank_line
            if head.count(b"\n") != head.count(b"\r\n"):
                msg = "a line ends in LF alone"
                raise h11.RemoteProtocolError(msg)
        event = super().next_event()
        if isinstance(event, h11.Request) and {name.lower() for name, _ in event.headers.raw_items()} >= _TWO_LENGTHS:
            msg = "both Content-Length and Transfer-Encoding"
            raise h11.RemoteProtocolError(msg)
        return event
