// A passkey authenticator in software, in the place of the browser's API that the SDK calls.
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

const ORIGIN = "http://localhost:3000";
const encode = (octets) => Buffer.from(octets).toString("base64url");
const bytes = (major, octets) => Buffer.concat([octets.length < 24 ? Buffer.from([major + octets.length]) : Buffer.from([major + 24, octets.length]), octets]);
const text = (value) => bytes(0x60, Buffer.from(value));

export function createAuthenticator() {
  let passkey;
  let count = 0;
  const clientData = (type, challenge) => Buffer.from(JSON.stringify({ type, challenge, origin: ORIGIN, crossOrigin: false }));
  const data = (rpId, flags, rest = Buffer.alloc(0)) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++count);
    return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), counter, rest]);
  };
  const credential = (response) => ({
    id: encode(passkey.id), rawId: encode(passkey.id), type: "public-key", clientExtensionResults: {}, response,
  });
  return {
    isSupported: () => true,
    register: async ({ optionsJSON }) => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x, y } = publicKey.export({ format: "jwk" });
      passkey = { id: randomBytes(16), key: privateKey, handle: optionsJSON.user.id };
      const coordinate = (value) => bytes(0x40, Buffer.from(value, "base64url"));
      const cose = Buffer.concat([Buffer.from("a5010203262001", "hex"), Buffer.from([0x21]), coordinate(x), Buffer.from([0x22]), coordinate(y)]);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, 16]), passkey.id, cose]);
      const authData = bytes(0x40, data(optionsJSON.rp.id, 0x45, attested));
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]), text("fmt"), text("none"), text("attStmt"), Buffer.from([0xa0]), text("authData"), authData,
      ]);
      return credential({
        attestationObject: encode(attestationObject),
        clientDataJSON: encode(clientData("webauthn.create", optionsJSON.challenge)),
        transports: ["internal"],
      });
    },
    authenticate: async ({ optionsJSON }) => {
      const authenticatorData = data(optionsJSON.rpId, 0x05);
      const signed = clientData("webauthn.get", optionsJSON.challenge);
      const hash = createHash("sha256").update(signed).digest();
      const signature = createSign("sha256").update(authenticatorData).update(hash).sign(passkey.key);
      return credential({
        authenticatorData: encode(authenticatorData), clientDataJSON: encode(signed), signature: encode(signature),
        userHandle: passkey.handle,
      });
    },
  };
}
