import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, clientOf, OWN_PROFILE, refusal } from "./stack.mjs";

const RESET = "/auth/password/forgot/initiate";
const first = (path, decision) => (call) => (call.path === path && call.count === 1 ? decision : undefined);
const keys = (calls) => new Set(calls.map(({ headers }) => headers["idempotency-key"]));

async function secondsOf(call) {
  const began = performance.now();
  await call;
  return (performance.now() - began) / 1000;
}

test("429 and 503 are waited for as Retry-After says", async (test) => {
  const answers = [
    refusal(429, "RateLimited", { "Retry-After": "1" }),
    refusal(503, "Overloaded", { "Retry-After": "1" }),
  ];
  const { decode, proxy } = await clientOf(test, { decide: ({ count }) => answers[count - 1] });

  const waited = await secondsOf(decode.profiles.getOwn());

  assert.equal(proxy.calls(OWN_PROFILE).length, 3);
  assert.ok(waited >= 2, `waited ${waited} s`);
});

test("Retry-After may be a date", async (test) => {
  const soon = new Date(Date.now() + 2_000).toUTCString();
  const { decode, proxy } = await clientOf(test, {
    decide: first(OWN_PROFILE, refusal(503, "Overloaded", { "Retry-After": soon })),
  });

  await decode.profiles.getOwn();

  assert.equal(proxy.calls(OWN_PROFILE).length, 2);
});

test("wait beyond the limit is an error that names it", async (test) => {
  const { decode, proxy } = await clientOf(test, {
    maxWait: 1_500,
    decide: () => refusal(429, "RateLimited", { "Retry-After": "1" }),
  });

  await assert.rejects(decode.profiles.getOwn(), { error: "RateLimited", status: 429, retryAfter: 1 });

  assert.equal(proxy.calls(OWN_PROFILE).length, 2);
});

test("aborted call stops waiting", async (test) => {
  const { decode } = await clientOf(test, { decide: () => refusal(503, "Overloaded", { "Retry-After": "20" }) });

  const call = decode.profiles.getOwn({}, { signal: AbortSignal.timeout(200) });

  await assert.rejects(call, { name: "TimeoutError" });
});

test("lost answer is asked for again with the same Idempotency-Key, and each call has its own", async (test) => {
  const { decode, proxy } = await clientOf(test, { decide: first(RESET, "cut") });

  await decode.passwords.beginReset({ email_or_username: ACCOUNTS[0].username });
  assert.equal(proxy.calls(RESET).length, 2);
  assert.equal(keys(proxy.calls(RESET)).size, 1);

  await decode.passwords.beginReset({ email_or_username: ACCOUNTS[1].username });
  assert.equal(keys(proxy.calls(RESET)).size, 2);
});

test("lost answer of a call without a key is not repeated", async (test) => {
  const { decode, proxy } = await clientOf(test, { decide: () => "cut" });

  await assert.rejects(decode.relationships.follow({ user_id_to: ACCOUNTS[1].user_id }), { error: "Unreachable" });

  assert.equal(proxy.calls("/relationship/follow/following").length, 1);
});

test("flow is waited for until it waits for the user", async (test) => {
  const running = (body, { count }) => (count < 3 ? { ...body, data: { ...body.data, state: "running" } } : body);
  const change = (body, call) => (call.path.startsWith("/flows/") ? running(body, call) : body);
  const { decode, proxy } = await clientOf(test, { change });
  const begun = await decode.passwords.beginReset({ email_or_username: ACCOUNTS[2].username });

  const flow = await decode.flows.wait(begun.flow_id);

  assert.deepEqual([flow.flow_id, flow.state], [begun.flow_id, "waiting"]);
  assert.equal(proxy.calls("/flows/").length, 3);
});

test("wait for a flow ends at its timeout", async (test) => {
  const change = (body) => ({ ...body, data: { ...body.data, state: "running" } });
  const { decode } = await clientOf(test, { change });
  const begun = await decode.passwords.beginReset({ email_or_username: ACCOUNTS[3].username });

  await assert.rejects(decode.flows.wait(begun.flow_id, { timeout: 1_000 }), { name: "TimeoutError" });
});
