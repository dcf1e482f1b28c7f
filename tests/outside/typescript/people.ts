// What the journeys share: users, the mailbox of the stack, and waiting.

import { randomBytes } from "node:crypto";
import { Agent, setGlobalDispatcher } from "undici";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export const API = setting("OUTSIDE_API");
const MAILBOX = setting("OUTSIDE_MAILBOX");

// A client network of its own: limits count for each network, and all of 127.0.0.0/8 is this machine.
setGlobalDispatcher(new Agent({ localAddress: setting("OUTSIDE_ADDRESS") }));

export interface Person {
  application: { username: string; email: string; password: string };
  device: { fingerprint_hashed: string; browser: string; device: string; app: string };
}

export function newPerson(): Person {
  const username = `user_${randomBytes(6).toString("hex")}`;
  return {
    application: { username, email: `${username}@people.test`, password: "a long enough pass phrase" },
    device: { fingerprint_hashed: randomBytes(32).toString("hex"), browser: "Firefox", device: "Linux", app: "decode" },
  };
}

export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not happen within 30 s");
}

export async function mailedCode(email: string): Promise<string> {
  return eventually(async () => {
    const listed = await (await fetch(`${MAILBOX}/messages?to=${encodeURIComponent(email)}`)).json();
    const mail = listed.messages.find((each: { kind: string }) => each.kind === "create-account");
    if (!mail) return undefined;
    const { text } = await (await fetch(`${MAILBOX}/messages/${mail.id}`)).json();
    return text.split("\n").find((line: string) => /^[A-HJKMNP-Z2-9]{6}$/.test(line.trim()))?.trim();
  });
}

export function equal<T>(found: T, expected: T): void {
  if (found !== expected) throw new Error(`expected ${String(expected)}, found ${String(found)}`);
}

export function given<T>(value: T | null | undefined, what: unknown): T {
  if (value === null || value === undefined) throw new Error(`nothing: ${JSON.stringify(what)}`);
  return value;
}
