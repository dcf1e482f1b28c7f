// What the tests get from the one who starts them: the running API and accounts in it.

import { DecodeClient, MemoryStore } from "decode-client";
import { proxyTo } from "./proxy.mjs";

export const API = process.env.DECODE_API;
export const ACCOUNTS = JSON.parse(process.env.DECODE_ACCOUNTS);

export const REFRESH = "/auth/session/refresh";
export const OWN_PROFILE = "/users/profile/me";

/** A client of an account, through a proxy of its own. `stale`: as if its access token had expired. */
export async function clientOf(test, { account = ACCOUNTS[0], stale = false, decide, change, ...options } = {}) {
  const proxy = await proxyTo(API, { decide, change });
  test.after(() => proxy.close());
  const store = new MemoryStore();
  store.write(stale ? { ...account.session, access_token: "expired" } : account.session);
  return { proxy, store, decode: new DecodeClient({ baseUrl: proxy.url, store, ...options }) };
}

/** Resolves as soon as the condition holds; the runner's own limit ends it. */
export async function until(condition) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The problem that the API would answer with. */
export const refusal = (status, error, headers = {}) => ({
  status,
  headers,
  body: { success: false, statusCode: status, error, message: "No." },
});
