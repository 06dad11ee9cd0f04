// Calls every function of the SDK that is about recovery codes, MFA, passkeys and sessions, in the order of a user's
// life. Runs in Node and in a browser, with any version of the SDK.

const equal = (actual, expected) => {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
};

const refused = async (promise, name) => {
  const error = await promise.then(() => undefined, (reason) => reason);
  if (!error) throw new Error("expected a refusal");
  if (name) equal(error.name, name);
};

const totp = async (secret, steps) => {
  const bits = [...secret].map((digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(digit).toString(2).padStart(5, "0"));
  const key = Uint8Array.from(bits.join("").match(/.{8}/g), (octet) => parseInt(octet, 2));
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(4, Math.floor(Date.now() / 30_000) + steps);
  const hmac = { name: "HMAC", hash: "SHA-1" };
  const signing = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
  const digest = new DataView(await crypto.subtle.sign("HMAC", signing, counter));
  const number = digest.getUint32(digest.getUint8(19) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
};

/** Run the scenario and return one line a check: its name, and its error or null. */
export async function run(sdk, { email, mailedCode, ...config }) {
  const results = [];
  const check = async (name, body) => {
    try {
      await body();
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: `${error.name}: ${error.message}` });
    }
  };
  const client = sdk.createDynamicClient({ autoInitialize: false, instrumentation: { enabled: false }, ...config });
  const signIn = async () => {
    const otpVerification = await sdk.sendEmailOTP({ email }, client);
    const verificationToken = await mailedCode(otpVerification.verificationUUID);
    return sdk.verifyOTP({ otpVerification, verificationToken }, client);
  };
  let device, codes, passkeyId;

  await check("initializeClient", async () => {
    await sdk.initializeClient(client);
    equal(client.projectSettings.security.mfa.enabled, true);
  });
  await check("isSignedIn before", async () => equal(sdk.isSignedIn(client), false));
  await check("sendEmailOTP and verifyOTP", async () => equal((await signIn()).user.newUser, true));
  await check("isSignedIn", async () => equal(sdk.isSignedIn(client), true));
  await check("isUserMissingMfaAuth of a new user", async () => equal(sdk.isUserMissingMfaAuth(client), false));
  await check("isUserOnboardingComplete of a new user", async () => equal(sdk.isUserOnboardingComplete(client), true));
  await check("isPendingRecoveryCodesAcknowledgment of a new user", async () =>
    equal(sdk.isPendingRecoveryCodesAcknowledgment(client), false));
  await check("getMfaMethods of a new user", async () =>
    equal((await sdk.getMfaMethods(client)).userHasVerifiedMfaMethods, false));
  for (const mfaAction of Object.values(sdk.MFAAction)) {
    await check(`isMfaRequiredForAction ${mfaAction}`, async () =>
      equal(await sdk.isMfaRequiredForAction({ mfaAction }, client), false));
  }
  await check("checkStepUpAuth of a new user", async () => {
    const { isRequired, credentials } = await sdk.checkStepUpAuth({ scope: "wallet:export" }, client);
    equal(isRequired, false);
    equal(credentials[0].format, "email");
  });
  await check("updateUser", async () => {
    await sdk.updateUser({ userFields: { firstName: "Ada", metadata: { theme: "dark" } } }, client);
    equal(client.user.firstName, "Ada");
    equal(client.user.metadata.theme, "dark");
  });

  await check("registerTotpMfaDevice", async () => {
    device = await sdk.registerTotpMfaDevice(client);
    equal(device.uri.startsWith("otpauth://totp/"), true);
  });
  await check("authenticateTotpMfaDevice verifies the device", () => totp(device.secret, -1).then((code) =>
    sdk.authenticateTotpMfaDevice({ code, deviceId: device.id }, client)));
  await check("isPendingRecoveryCodesAcknowledgment after enrolment", async () =>
    equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true));
  await check("isUserOnboardingComplete after enrolment", async () =>
    equal(sdk.isUserOnboardingComplete(client), false));
  await check("getMfaDevices", async () => {
    const [{ id, verified }] = await sdk.getMfaDevices(client);
    equal(id, device.id);
    equal(verified, true);
  });
  await check("setDefaultMfaDevice", () => sdk.setDefaultMfaDevice({ deviceId: device.id }, client));
  await check("getMfaMethods after enrolment", async () =>
    equal((await sdk.getMfaMethods(client)).devices.length, 1));

  await check("getMfaRecoveryCodes", async () => {
    codes = (await sdk.getMfaRecoveryCodes(client)).recoveryCodes;
    equal(codes.length, 10);
  });
  await check("getMfaRecoveryCodes again", async () =>
    equal(String((await sdk.getMfaRecoveryCodes(client)).recoveryCodes), String(codes)));
  await check("acknowledgeRecoveryCodes", async () => {
    await sdk.acknowledgeRecoveryCodes(client);
    equal(sdk.isPendingRecoveryCodesAcknowledgment(client), false);
    equal(sdk.isUserOnboardingComplete(client), true);
  });
  await check("createNewMfaRecoveryCodes", async () => {
    const created = (await sdk.createNewMfaRecoveryCodes(client)).recoveryCodes;
    equal(created.some((code) => codes.includes(code)), false);
    codes = created;
  });
  await check("refreshUser after a rotation", async () => {
    await sdk.refreshUser(client);
    equal(sdk.isPendingRecoveryCodesAcknowledgment(client), true);
    await sdk.acknowledgeRecoveryCodes(client);
  });
  await check("refreshAuth", async () => {
    await sdk.refreshAuth(client);
    equal(sdk.isSignedIn(client), true);
  });

  await check("registerPasskey", async () => {
    await sdk.registerPasskey({}, client);
    equal(sdk.isUserMissingMfaAuth(client), false);
  });
  await check("getPasskeys", async () => {
    const passkeys = await sdk.getPasskeys(client);
    equal(passkeys.length, 1);
    passkeyId = passkeys[0].id;
  });
  await check("getMfaMethods with a passkey", async () =>
    equal((await sdk.getMfaMethods(client)).passkeys.length, 1));
  await check("verifiedCredentials with a passkey", async () => {
    await sdk.refreshUser(client);
    equal(client.user.verifiedCredentials.some(({ format }) => format === "passkey"), true);
  });
  await check("checkStepUpAuth with methods", async () => {
    const check = await sdk.checkStepUpAuth({ scope: "wallet:export" }, client);
    equal(check.isRequired, true);
    equal(check.credentials.map(({ format }) => format).join(), "totp,passkey");
    equal(check.defaultCredentialId, device.id);
  });

  await check("logout", async () => {
    await sdk.logout(client);
    equal(sdk.isSignedIn(client), false);
  });
  await check("verifyOTP of a user with a method", async () => {
    await signIn();
    equal(sdk.isUserMissingMfaAuth(client), true);
    equal(sdk.isUserOnboardingComplete(client), false);
  });
  await check("getMfaRecoveryCodes is refused during a challenge", () => refused(sdk.getMfaRecoveryCodes(client)));
  await check("authenticateMfaRecoveryCode with a wrong code", () =>
    refused(sdk.authenticateMfaRecoveryCode({ code: "2222222222" }, client), "MfaInvalidOtpError"));
  await check("authenticateMfaRecoveryCode", async () => {
    await sdk.authenticateMfaRecoveryCode({ code: codes[0] }, client);
    equal(sdk.isUserMissingMfaAuth(client), false);
    equal((await sdk.getMfaRecoveryCodes(client)).recoveryCodes.length, 9);
  });
  await check("authenticateMfaRecoveryCode with a used code", () =>
    refused(sdk.authenticateMfaRecoveryCode({ code: codes[0] }, client), "MfaInvalidOtpError"));
  await check("authenticatePasskeyMFA", async () => {
    await sdk.logout(client);
    await signIn();
    await sdk.authenticatePasskeyMFA({}, client);
    equal(sdk.isUserMissingMfaAuth(client), false);
  });
  await check("signInWithPasskey", async () => {
    await sdk.logout(client);
    await sdk.signInWithPasskey({}, client);
    equal(client.user.email, email);
    equal(sdk.isUserMissingMfaAuth(client), false);
  });
  await check("authenticateTotpMfaDevice", async () => {
    await sdk.logout(client);
    await signIn();
    const code = await totp(device.secret, 0);
    await sdk.authenticateTotpMfaDevice({ code, deviceId: device.id }, client);
    equal(sdk.isUserMissingMfaAuth(client), false);
  });
  await check("authenticateTotpMfaDevice with a used code", async () => {
    const code = await totp(device.secret, -1);
    await refused(sdk.authenticateTotpMfaDevice({ code, deviceId: device.id }, client), "MfaInvalidOtpError");
  });

  await check("authenticateMfaRecoveryCode for an MFA token", () =>
    sdk.authenticateMfaRecoveryCode({ code: codes[1], createMfaTokenOptions: { singleUse: true } }, client));
  await check("consumeMfaToken", async () => {
    equal(typeof sdk.consumeMfaToken(client), "string");
    equal(client.mfaToken ?? null, null);
  });
  await check("authenticatePasskeyMFA for an elevated token", async () => {
    await sdk.authenticatePasskeyMFA({ requestedScopes: ["credential:unlink"] }, client);
    equal(typeof sdk.getElevatedAccessToken({ consume: false, scope: "credential:unlink" }, client), "string");
  });
  await check("checkStepUpAuth with an elevated token", async () =>
    equal((await sdk.checkStepUpAuth({ scope: "credential:unlink" }, client)).isRequired, false));
  await check("deletePasskey", async () => {
    await sdk.deletePasskey({ passkeyId }, client);
    equal((await sdk.getPasskeys(client)).length, 0);
  });
  await check("authenticatePasskeyMFA without a passkey", () =>
    refused(sdk.authenticatePasskeyMFA({}, client), "NoPasskeyCredentialsFoundError"));
  await check("deleteMfaDevice", async () => {
    await sdk.authenticateMfaRecoveryCode({ code: codes[2], createMfaTokenOptions: { singleUse: true } }, client);
    await sdk.deleteMfaDevice({ deviceId: device.id, mfaAuthToken: sdk.consumeMfaToken(client) }, client);
    equal((await sdk.getMfaDevices(client)).length, 0);
  });
  await check("getRegisteredDevices", async () => {
    if (sdk.getRegisteredDevices) equal((await sdk.getRegisteredDevices(client)).length, 0);
  });
  await check("deleteUser", async () => {
    await sdk.authenticateMfaRecoveryCode({ code: codes[3], createMfaTokenOptions: { singleUse: true } }, client);
    await sdk.deleteUser(client);
    equal(sdk.isSignedIn(client), false);
  });
  await check("verifyOTP after the deletion", async () => equal((await signIn()).user.newUser, true));
  return { results, token: client.token };
}
