"""A security key in software: a CTAP2 device for the real `Fido2Client`, and the JSON that a browser would send."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from secrets import token_bytes
from threading import Event
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.client import DefaultClientDataCollector, Fido2Client
from fido2.cose import ES256
from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.ctap2.base import Ctap2
from fido2.hid import CAPABILITY
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

ORIGIN = "http://localhost:3000"
FLAG = AuthenticatorData.FLAG


@dataclass
class SecurityKey(CtapDevice):
    """A key that verifies its user by itself, unless `verifies_user` is false; or by its PIN, if it has one."""

    verifies_user: bool = True
    credential_id: bytes | None = None
    """The id of each new passkey, if it is not random."""
    sign_count: int = 0
    counts: bool = True
    pin: str = ""
    pin_attempts: int = 8
    failure: Exception | None = None
    """What happens when the key must be touched."""
    credentials: dict[bytes, tuple[str, bytes, ec.EllipticCurvePrivateKey]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._agreement = ec.generate_private_key(ec.SECP256R1())
        self._token = token_bytes(16)

    @property
    def capabilities(self) -> int:
        return CAPABILITY.CBOR

    @classmethod
    def list_devices(cls) -> Iterator["SecurityKey"]:
        yield cls()

    def call(
        self,
        cmd: int,  # noqa: ARG002 - the interface
        data: bytes = b"",
        event: Event | None = None,  # noqa: ARG002 - the interface
        on_keepalive: Callable[[STATUS], None] | None = None,  # noqa: ARG002 - the interface
    ) -> bytes:
        if data[0] == Ctap2.CMD.GET_INFO:
            options = {"rk": True, "up": True} | ({"uv": True} if self.verifies_user else {})
            options |= {"clientPin": True} if self.pin else {}
            return b"\0" + cbor.encode({1: ["FIDO_2_0"], 3: bytes(16), 4: options, 6: [1 if self.pin else 2]})
        fields: Any = cbor.decode(data[1:])
        if data[0] == Ctap2.CMD.CLIENT_PIN:
            handle = self._use_pin
        else:
            handle = self._create if data[0] == Ctap2.CMD.MAKE_CREDENTIAL else self._get
        try:
            return b"\0" + cbor.encode(handle(fields))
        except CtapError as error:
            return bytes([error.code])

    def _use_pin(self, fields: dict[int, Any]) -> dict[int, Any]:
        """Count a PIN, and return a token if it is right (CTAP 2.0, section 5.5, PIN protocol 1)."""
        match fields[2]:
            case 1:
                return {3: self.pin_attempts}
            case 2:
                return {1: ES256.from_cryptography_key(self._agreement.public_key()) | {3: -25}}  # type: ignore[no-untyped-call]  # fido2 has no type here
        theirs = fields[3]
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(theirs[-2]), int.from_bytes(theirs[-3]), ec.SECP256R1())
        shared = hashlib.sha256(self._agreement.exchange(ec.ECDH(), numbers.public_key())).digest()
        cipher = Cipher(AES(shared), CBC(bytes(16)))
        decryptor, encryptor = cipher.decryptor(), cipher.encryptor()
        given = decryptor.update(fields[6]) + decryptor.finalize()
        if given != hashlib.sha256(self.pin.encode()).digest()[:16]:
            self.pin_attempts -= 1
            raise CtapError(
                CtapError.ERR.PIN_BLOCKED
                if self.pin_attempts == 0
                else CtapError.ERR.PIN_AUTH_BLOCKED
                if self.pin_attempts % 8 == 5
                else CtapError.ERR.PIN_INVALID
            )
        self.pin_attempts = 8
        return {2: encryptor.update(self._token) + encryptor.finalize()}

    def _touch(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _create(self, fields: dict[int, Any]) -> dict[int, Any]:
        self._touch()
        if any(excluded["id"] in self.credentials for excluded in fields.get(5) or []):
            raise CtapError(CtapError.ERR.CREDENTIAL_EXCLUDED)
        credential_id, key = self.credential_id or token_bytes(16), ec.generate_private_key(ec.SECP256R1())
        self.credentials[credential_id] = (fields[2]["id"], fields[3]["id"], key)
        public_key = ES256.from_cryptography_key(key.public_key())  # type: ignore[no-untyped-call]  # fido2 has no type here
        created = AttestedCredentialData.create(Aaguid.NONE, credential_id, public_key)
        return {1: "none", 2: self._signed_data(fields[2]["id"], created), 3: {}}

    def _get(self, fields: dict[int, Any]) -> dict[int, Any]:
        allowed = [descriptor["id"] for descriptor in fields.get(3) or []]
        for credential_id, (rp_id, handle, key) in self.credentials.items():
            if rp_id == fields[1] and (not allowed or credential_id in allowed):
                touched = fields.get(5, {}).get("up", True)  # False if the client only asks if the key has it
                if touched:
                    self._touch()
                signed = self._signed_data(rp_id, counts=touched)
                signature = key.sign(signed + fields[2], ec.ECDSA(SHA256()))
                credential = {"id": credential_id, "type": "public-key"}
                return {1: credential, 2: signed, 3: signature, 4: {"id": handle}}
        raise CtapError(CtapError.ERR.NO_CREDENTIALS)

    def _signed_data(self, rp_id: str, created: AttestedCredentialData | None = None, *, counts: bool = True) -> bytes:
        flags = FLAG.UP | (FLAG.UV if self.verifies_user or self.pin else 0) | (FLAG.AT if created else 0)
        self.sign_count += self.counts and counts
        rp_id_hash = hashlib.sha256(rp_id.encode()).digest()
        return bytes(AuthenticatorData.create(rp_id_hash, FLAG(flags), self.sign_count, created or b""))


def create(key: CtapDevice, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
    """Create a passkey, as `navigator.credentials.create` does, and return the body of the registration."""
    return dict(_client(key, origin).make_credential(PublicKeyCredentialCreationOptions.from_dict(options)))


def use(key: CtapDevice, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
    """Use a passkey, as `navigator.credentials.get` does, and return the body of the authentication."""
    return dict(
        _client(key, origin).get_assertion(PublicKeyCredentialRequestOptions.from_dict(options)).get_response(0)
    )


def _client(key: CtapDevice, origin: str) -> Fido2Client:
    return Fido2Client(key, DefaultClientDataCollector(origin, verify=lambda _rp_id, _origin: True))
