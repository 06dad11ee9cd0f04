// Runs the scenario in headless Chromium with both versions of the SDK and the browser's own virtual authenticator, and
// clicks through the React example. Writes a screenshot after each step, if a folder is given.
import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { mailbox } from "./mail.mjs";

const [apiBaseUrl, environmentId, outbox, executablePath, screenshots] = process.argv.slice(2);
const PAGE = '<!doctype html><meta charset="utf-8"><title>Recovery codes</title><div id="root"></div><script type="module" src="/page.js"></script>';

const bundled = await build({
  entryPoints: [join(import.meta.dirname, "page.jsx")],
  bundle: true, write: false, format: "esm", jsx: "automatic", logLevel: "silent",
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
});
const server = createServer((request, response) => {
  const isScript = request.url === "/page.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
  response.end(isScript ? bundled.outputFiles[0].contents : PAGE);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://localhost:${server.address().port}`;

const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const report = {};
try {
  const page = await browser.newPage();
  const requests = new Set();
  page.on("request", (request) => requests.add(new URL(request.url()).origin));
  await page.exposeFunction("mailedCode", mailbox(outbox));
  const devtools = await browser.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const config = (name) => ({ email: `${name}-browser@example.org`, environmentId, coreConfig: { apiBaseUrl } });

  const open = async () => {
    await page.goto(origin);
    await page.evaluate(() => localStorage.clear()); // the session of the version before
    await page.reload();
    await page.waitForFunction(() => window.showExample);
  };

  for (const name of ["newest", "older"]) {
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
    await open();
    report[name] = await page.evaluate(([chosen, given]) => window.runScenario(chosen, given), [name, config(name)]);
    await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
  }

  const picture = (name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  const codes = (section) => page.locator(`#${section} li`).allTextContents();
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  await open();
  await page.evaluate((given) => window.showExample(given), config("react"));
  await page.evaluate(() => window.registerPasskey());
  await page.click("#view button");
  await page.waitForSelector("#view li");
  const viewed = await codes("view");
  await picture("view");
  await page.click("#generate button");
  await page.waitForSelector("#generate li");
  const generated = await codes("generate");
  await picture("generate");
  await page.evaluate(async () => {
    await window.acknowledge();
    await window.signOut();
    await window.signIn();
  });
  await page.waitForSelector("#user:has-text('requiresAdditionalAuth')");
  await page.fill("#verify input", viewed[0]);
  await page.click("#verify button");
  const refusal = await page.waitForSelector("#verify [role=alert]").then((alert) => alert.textContent());
  await page.fill("#verify input", generated[0]);
  await page.click("#verify button");
  await page.waitForSelector("#verify [role=status]");
  const user = await page.textContent("#user");
  await picture("verify");
  report.example = { viewed: viewed.length, generated: generated.length, common: viewed.filter((code) => generated.includes(code)).length, refusal, user };
  report.contacted = [...requests].filter((contacted) => contacted !== origin);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  server.close();
}
console.log(JSON.stringify(report));
process.exit(0);
