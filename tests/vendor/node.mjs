// Runs the scenario in Node with both versions of the SDK, and verifies a token as the vendor's docs for backends do.
import { generateKeyPairSync, sign } from "node:crypto";

import * as newest from "@dynamic-labs-sdk/client";
import * as older from "client-1.1";
import jwt from "jsonwebtoken";
import { JwksClient } from "jwks-rsa";

import { createAuthenticator } from "./authenticator.mjs";
import { mailbox } from "./mail.mjs";
import { run } from "./scenario.mjs";

// In the place of the browser's IndexedDB.
const createKeychain = () => {
  const keys = new Map();
  return {
    generateKey: async (name) => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const { x, y } = publicKey.export({ format: "jwk" });
      const [abscissa, ordinate] = [x, y].map((coordinate) => Buffer.from(coordinate, "base64url"));
      const compressed = `0${2 + (ordinate.at(-1) & 1)}${abscissa.toString("hex")}`;
      keys.set(name, { privateKey, compressed });
      return compressed;
    },
    getPublicKey: async (name) => keys.get(name)?.compressed ?? null,
    hasKey: async (name) => keys.has(name),
    removeKey: async (name) => void keys.delete(name),
    sign: async (name, message) =>
      sign("sha256", Buffer.from(message), { key: keys.get(name).privateKey, dsaEncoding: "ieee-p1363" }).toString("hex"),
  };
};

const [apiBaseUrl, environmentId, outbox] = process.argv.slice(2);
const mailedCode = mailbox(outbox);
const report = {};
for (const [name, sdk] of Object.entries({ newest, older })) {
  const stored = new Map();
  const storageAdapter = {
    getItem: async (key) => stored.get(key) ?? null,
    setItem: async (key, value) => void stored.set(key, value),
    removeItem: async (key) => void stored.delete(key),
  };
  const fetchFromPage = (url, options) => fetch(url, { ...options, headers: { ...options?.headers, origin: "http://localhost:3000" } });
  const coreConfig = { apiBaseUrl, storageAdapter, passkey: createAuthenticator(), keychain: createKeychain(), fetch: fetchFromPage };
  const { results, token } = await run(sdk, { email: `${name}@example.org`, mailedCode, environmentId, coreConfig });

  // https://www.dynamic.xyz/docs/authentication-methods/how-to-validate-users-on-the-backend
  const client = new JwksClient({ jwksUri: `${apiBaseUrl}/sdk/${environmentId}/.well-known/jwks`, rateLimit: true, cache: true });
  const publicKey = (await client.getSigningKey()).getPublicKey();
  const decoded = jwt.verify(token, publicKey, { ignoreExpiration: false, algorithms: ["RS256"] });
  results.push({ name: "jsonwebtoken verifies the token", error: decoded.environment_id === environmentId ? null : "wrong" });
  report[name] = results;
}
console.log(JSON.stringify(report));
process.exit(0);
