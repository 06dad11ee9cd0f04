// The page that Chromium opens: it runs the scenario, and shows the React example.
import * as newest from "@dynamic-labs-sdk/client";
import * as older from "client-1.1";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

import { RecoveryCodesPage } from "./recovery-codes.jsx";
import { run } from "./scenario.mjs";

const versions = { newest, older };
window.runScenario = async (name, config) => {
  const { results } = await run(versions[name], { ...config, mailedCode: window.mailedCode });
  return results;
};

window.showExample = async ({ email, ...config }) => {
  newest.createDynamicClient({ autoInitialize: false, instrumentation: { enabled: false }, ...config });
  await newest.initializeClient();
  window.signIn = async () => {
    const otpVerification = await newest.sendEmailOTP({ email });
    const verificationToken = await window.mailedCode(otpVerification.verificationUUID);
    await newest.verifyOTP({ otpVerification, verificationToken });
  };
  window.acknowledge = () => newest.acknowledgeRecoveryCodes();
  window.signOut = () => newest.logout();
  window.registerPasskey = () => newest.registerPasskey();
  await window.signIn();
  createRoot(document.getElementById("root")).render(createElement(RecoveryCodesPage));
};
