// Reads sign-in codes from the outbox of the service.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export const mailbox = (outbox) => async (verificationUUID) => {
  const path = join(outbox, `code-${verificationUUID}.eml`);
  for (;;) {
    const mail = await readFile(path, "utf8").catch(() => "");
    const found = /^(\d{6})\r?$/m.exec(mail);
    if (found) return found[1];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
