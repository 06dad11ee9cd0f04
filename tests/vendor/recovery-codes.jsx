// A page for recovery codes as the vendor's documentation of React describes one: view, generate, verify.
import { useState } from "react";

import {
  useAuthenticateMfaRecoveryCode,
  useCreateNewMfaRecoveryCodes,
  useGetMfaRecoveryCodes,
  useUser,
} from "./react-hooks.mjs";

const CodeList = ({ codes }) => (
  <ul>
    {codes.map((code) => <li key={code}><code>{code}</code></li>)}
  </ul>
);

const ViewRecoveryCodes = () => {
  const { mutate: getRecoveryCodes, data, error, isPending } = useGetMfaRecoveryCodes();
  return (
    <section id="view">
      <h2>Your recovery codes</h2>
      <button onClick={() => getRecoveryCodes()} disabled={isPending}>View recovery codes</button>
      {error && <p role="alert">{error.message}</p>}
      {data && <CodeList codes={data.recoveryCodes} />}
    </section>
  );
};

const GenerateRecoveryCodes = () => {
  const { mutate: createRecoveryCodes, data, error, isPending } = useCreateNewMfaRecoveryCodes();
  return (
    <section id="generate">
      <h2>New recovery codes</h2>
      <button onClick={() => createRecoveryCodes()} disabled={isPending}>Generate new codes</button>
      {error && <p role="alert">{error.message}</p>}
      {data && <CodeList codes={data.recoveryCodes} />}
    </section>
  );
};

const VerifyRecoveryCode = () => {
  const [code, setCode] = useState("");
  const { mutate: authenticate, data, error, isPending } = useAuthenticateMfaRecoveryCode();
  return (
    <section id="verify">
      <h2>Use a recovery code</h2>
      <input value={code} onChange={(event) => setCode(event.target.value)} placeholder="Recovery code" />
      <button onClick={() => authenticate({ code }, { onSuccess: () => setCode("") })} disabled={isPending}>Verify</button>
      {error && <p role="alert">{error.message}</p>}
      {data && <p role="status">Verified</p>}
    </section>
  );
};

export const RecoveryCodesPage = () => {
  const user = useUser();
  return (
    <main>
      <h1>Recovery codes</h1>
      <p id="user">{user ? `${user.email}: ${user.scope}` : "Not signed in"}</p>
      <ViewRecoveryCodes />
      <GenerateRecoveryCodes />
      <VerifyRecoveryCode />
    </main>
  );
};
