"use strict";

// The sentences of this page. The service's own refusals are shown in its words.
const ENDS = {
  accepted: "Done. Go on in your terminal; you can close this page.",
  refused: "The service did not accept this passkey, and nothing was changed. Your terminal says why.",
  declined: "Declined: nothing was changed, and the terminal gets nothing. If somebody sent you this link, they may read your mail: change its password.",
  abandoned: "Your terminal has gone back: nothing was changed. You can close this page.",
  reopened: "This link was opened a second time, so it has ended: nothing was changed. Start again in your terminal.",
  expired: "The time is over, or the terminal has ended: nothing was changed. Start again in your terminal.",
};
const SENT = "Sent. Your terminal goes on in a moment.";
const NOT_USED = {
  register: "No passkey was made: you cancelled, or this device did not recognise you. Try again, or use a code in your terminal.",
  authenticate: "No passkey was used: you cancelled, this device has none for this account, or it did not recognise you. Try again, or use a code in your terminal.",
};
const MADE_BEFORE = "This device or key has a passkey for this account already. Use another one.";
const NO_LINK = "This page needs the link that your terminal shows.";
const AT_ADDRESS = "Passkeys do not work at an IP address. Open the link as your terminal shows it, with the name localhost.";
const INSECURE = "Passkeys work only over https, or at localhost. Open the link as your terminal shows it.";
const NOT_SUPPORTED = "This browser has no passkeys. Open a new link in another one.";
const NO_TERMINAL = "Your terminal no longer responds. Look there: it says whether this is done.";
const NO_SERVICE = "The service does not respond. If your terminal has ended, nothing was changed.";

const element = (name) => document.getElementById(name);
const link = location.hash.slice(1);
let opened = null;
let state = "opened";

// The link is a secret: it must not stay in the address bar. A second link in this tab changes only the hash.
history.replaceState(null, "", location.pathname);
addEventListener("hashchange", () => location.reload());

function show(text, { alert = false, ended = false } = {}) {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("alert", alert);
  if (ended) {
    element("question").hidden = true;
    status.focus();
  }
}

async function post(path, content) {
  const response = await fetch(`/handoff/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  const received = await response.json();
  if (!response.ok) throw new Refusal(received.error);
  return received;
}

class Refusal extends Error {}

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (symbol) => symbol.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const described = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const { rawId, response } = await navigator.credentials.create({ publicKey });
  return {
    id: text(rawId),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function use(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: described(options.allowCredentials),
  };
  const { rawId, response } = await navigator.credentials.get({ publicKey });
  return {
    id: text(rawId),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

async function answer() {
  const { ceremony, creationOptions, requestOptions, key } = opened;
  show("");
  element("use").disabled = true;
  try {
    const signed = ceremony === "register" ? { created: await create(creationOptions) } : { used: await use(requestOptions) };
    ({ state } = await post("answer", { key, ...signed }));
    show(SENT, { ended: true });
  } catch (error) {
    if (error instanceof Refusal) show(error.message, { alert: true, ended: true });
    else if (error.name === "InvalidStateError") show(MADE_BEFORE, { alert: true });
    else if (error instanceof TypeError) show(NO_SERVICE, { alert: true });
    else show(NOT_USED[ceremony], { alert: true });
  } finally {
    element("use").disabled = false;
  }
}

async function decline() {
  try {
    ({ state } = await post("answer", { key: opened.key }));
    show(ENDS.declined, { ended: true });
  } catch (error) {
    show(error instanceof Refusal ? error.message : NO_SERVICE, { alert: true, ended: true });
  }
}

// Each request waits at the service until the state changes. A service that is started again still knows the link.
async function follow() {
  const end = Date.now() + opened.seconds * 1000;
  let away = false;
  while (!(state in ENDS)) {
    try {
      ({ state } = await post("state", { key: opened.key, state }));
      if (away) show(state === "answered" ? SENT : "");
      away = false;
    } catch {
      away = true;
      show(state === "answered" ? NO_TERMINAL : NO_SERVICE, { alert: true, ended: Date.now() > end });
      if (Date.now() > end) return;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  show(ENDS[state], { alert: ["refused", "reopened"].includes(state), ended: true });
}

function countDown() {
  const end = Date.now() + opened.seconds * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    element("left").textContent = `This link works for ${left} more seconds.`;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

function obstacle() {
  if (/^[0-9.]+$|^\[/.test(location.hostname)) return AT_ADDRESS;
  if (!isSecureContext) return INSECURE;
  if (!("credentials" in navigator) || !("PublicKeyCredential" in window)) return NOT_SUPPORTED;
  return link ? "" : NO_LINK;
}

async function start() {
  const problem = obstacle();
  if (problem) return show(problem, { alert: true });
  try {
    opened = await post("open", { link });
  } catch (error) {
    return show(error instanceof Refusal ? error.message : NO_SERVICE, { alert: true });
  }
  const registers = opened.ceremony === "register";
  element("title").textContent = registers ? "Add a passkey" : "Use your passkey";
  document.title = element("title").textContent;
  element("purpose").textContent = registers ? "a new passkey" : "your passkey";
  element("use").textContent = registers ? "The codes match: add a passkey" : "The codes match: use my passkey";
  element("code").textContent = opened.code;
  element("account").textContent = opened.email;
  element("terminal").textContent = opened.terminal;
  element("use").addEventListener("click", answer);
  element("decline").addEventListener("click", decline);
  element("question").hidden = false;
  show("");
  element("use").focus();
  countDown();
  follow();
}

start();
