"""Delivers mails to a mail server, which sends them on."""

import logging
import smtplib
import ssl
from email import message_from_bytes
from ipaddress import ip_address

from mfa_tui.server.mail import Mail

TIMEOUT = 10.0
"""How long each step of a delivery may take, in seconds."""

_PERMANENT = 500
"""From this reply code on, another attempt would fail too (RFC 5321 section 4.2.1)."""

_log = logging.getLogger(__name__)


class SmtpDelivery:
    """Sends mails over SMTP (RFC 5321), with STARTTLS (RFC 3207) unless the mail server is on this machine.

    Args:
        host: The mail server. Its certificate must be valid for this name.
        port: Its port.
    """

    waits = False

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def deliver(self, mail: Mail) -> None:
        """Send the mail. One that the mail server refuses for good is logged, and not sent again.

        Raises:
            OSError: The mail server cannot be reached, or cannot take it now; `smtplib.SMTPException` is one.
        """
        with smtplib.SMTP(self._host, self._port, timeout=TIMEOUT) as server:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls") or not self._is_local(server):
                server.starttls(context=ssl.create_default_context())
            try:
                server.send_message(message_from_bytes(mail.content))
            except smtplib.SMTPRecipientsRefused as refused:
                if any(code < _PERMANENT for code, _ in refused.recipients.values()):
                    raise
                _log.warning("the mail server refuses the recipient of a mail")
            except smtplib.SMTPResponseException as refused:
                if refused.smtp_code < _PERMANENT:
                    raise
                _log.warning("the mail server refuses a mail with reply %d", refused.smtp_code)

    def remove(self, name: str) -> None:
        """Do nothing: a mail that was sent cannot be called back."""

    @staticmethod
    def _is_local(server: smtplib.SMTP) -> bool:
        return server.sock is not None and ip_address(server.sock.getpeername()[0]).is_loopback
