"""Delivers mails to a mail server, which sends them on."""

import logging
import smtplib
import ssl
from email import message_from_bytes
from ipaddress import ip_address

from mfa_tui.server.mail import Mail, MailServer

TIMEOUT = 10.0
"""How long each step of a delivery may take, in seconds."""

_PERMANENT = 500
"""From this reply code on, another attempt would fail too (RFC 5321 section 4.2.1)."""

_log = logging.getLogger(__name__)


class SmtpDelivery:
    """Sends mails over SMTP (RFC 5321).

    It starts TLS (RFC 3207), unless a mail server on this machine offers none and needs no login.

    Args:
        mail_server: The mail server.
    """

    waits = False

    def __init__(self, mail_server: MailServer) -> None:
        self._mail_server = mail_server

    def deliver(self, mail: Mail) -> None:
        """Send the mail. One that the mail server refuses for good is logged, and not sent again.

        Raises:
            OSError: The mail server cannot be reached, or cannot take it now; `smtplib.SMTPException` is one.
        """
        with smtplib.SMTP(self._mail_server.host, self._mail_server.port, timeout=TIMEOUT) as server:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls") or self._mail_server.user or not self._is_local(server):
                server.starttls(context=ssl.create_default_context())
            self._log_in(server)
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

    def _log_in(self, server: smtplib.SMTP) -> None:
        """Log in, if the mail server needs it. Every attempt is repeated: the operator may correct the password."""
        if not self._mail_server.user:
            return
        try:
            server.login(self._mail_server.user, self._mail_server.password.reveal())
        except smtplib.SMTPException:
            _log.warning("the mail server refuses the login")
            raise

    def remove(self, name: str) -> None:
        """Do nothing: a mail that was sent cannot be called back."""

    @staticmethod
    def _is_local(server: smtplib.SMTP) -> bool:
        return server.sock is not None and ip_address(server.sock.getpeername()[0]).is_loopback
