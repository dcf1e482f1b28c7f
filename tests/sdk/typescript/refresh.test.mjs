import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, clientOf, OWN_PROFILE, REFRESH, refusal, until } from "./stack.mjs";

const onRefresh = (decision) => (call) => (call.path === REFRESH && call.count === 1 ? decision : undefined);

test("ten parallel calls with an expired access token refresh once", async (test) => {
  const { decode, proxy } = await clientOf(test, { account: ACCOUNTS[0], stale: true });

  const profiles = await Promise.all(Array.from({ length: 10 }, () => decode.profiles.getOwn()));

  assert.deepEqual(new Set(profiles.map(({ username }) => username)), new Set([ACCOUNTS[0].username]));
  assert.equal(proxy.calls(REFRESH).length, 1);
  assert.equal(proxy.calls(OWN_PROFILE).length, 20);
});

test("lost refresh answer is asked for again with the same token, and no user is signed out", async (test) => {
  const { decode, proxy, store } = await clientOf(test, {
    account: ACCOUNTS[1],
    stale: true,
    decide: onRefresh("cut"),
  });

  const { username } = await decode.profiles.getOwn();

  assert.equal(username, ACCOUNTS[1].username);
  assert.equal(proxy.calls(REFRESH).length, 2);
  assert.notEqual(store.read().session_token, ACCOUNTS[1].session.session_token);
});

test("refresh that is never answered keeps the session for the next call", async (test) => {
  let isAway = true;
  const decide = ({ path }) => (path === REFRESH && isAway ? "cut" : undefined);
  const { decode, proxy, store } = await clientOf(test, { account: ACCOUNTS[2], stale: true, decide });

  await assert.rejects(decode.profiles.getOwn(), { error: "Unreachable", status: 0 });
  assert.equal(proxy.calls(REFRESH).length, 3);
  assert.equal(store.read().session_token, ACCOUNTS[2].session.session_token);

  isAway = false;
  assert.equal((await decode.profiles.getOwn()).username, ACCOUNTS[2].username);
});

test("refresh that takes too long is repeated", async (test) => {
  const { decode } = await clientOf(test, {
    account: ACCOUNTS[3],
    stale: true,
    timeout: 2_000,
    decide: onRefresh("silent"),
  });

  assert.equal((await decode.profiles.getOwn()).username, ACCOUNTS[3].username);
});

test("busy API during a refresh does not sign out", async (test) => {
  const busy = refusal(503, "DependencyUnavailable", { "Retry-After": "120" });
  const { decode, store } = await clientOf(test, { account: ACCOUNTS[4], stale: true, decide: onRefresh(busy) });

  await assert.rejects(decode.profiles.getOwn(), { error: "DependencyUnavailable", status: 503, retryAfter: 120 });

  assert.equal(store.read().session_token, ACCOUNTS[4].session.session_token);
});

test("page of the network in place of a refresh does not sign out", async (test) => {
  const page = (status) => ({ status, headers: { "Content-Type": "text/html" }, body: "Pay for this network" });
  const pages = [page(401), page(200)];
  const decide = ({ path }) => (path === REFRESH ? pages.shift() : undefined);
  const { decode, store } = await clientOf(test, { account: ACCOUNTS[4], stale: true, decide });

  await assert.rejects(decode.profiles.getOwn(), { error: "Unreachable", status: 401 });
  await assert.rejects(decode.profiles.getOwn(), { error: "Unreachable", status: 200 });

  assert.equal(store.read().session_token, ACCOUNTS[4].session.session_token);
});

test("refused refresh signs out and says why", async (test) => {
  const { decode, store } = await clientOf(test, { stale: true });
  store.write({ ...store.read(), session_token: "of no session" });

  await assert.rejects(decode.profiles.getOwn(), { error: "SessionInvalid", status: 401 });

  assert.equal(store.read(), null);
});

test("signing out while a refresh is under way stays signed out", async (test) => {
  const { decode, store, proxy } = await clientOf(test, { account: ACCOUNTS[4], stale: true });
  const call = decode.profiles.getOwn().catch(() => {});
  await until(() => proxy.calls(REFRESH).length === 1);

  store.write(null);
  await call;

  assert.equal(store.read(), null);
});

test("wrong password is no reason to refresh", async (test) => {
  const fingerprint = ACCOUNTS[5].credentials.fingerprint_hashed;
  const { decode, proxy } = await clientOf(test, { account: ACCOUNTS[5], fingerprint });

  await assert.rejects(decode.auth.stepUp({ current_password: "wrong" }), { error: "InvalidCredentials", status: 401 });

  assert.equal(proxy.calls(REFRESH).length, 0);
});

test("caller that gives up does not end the refresh of the others", async (test) => {
  const late = onRefresh(refusal(503, "DependencyUnavailable", { "Retry-After": "1" }));
  const { decode } = await clientOf(test, { account: ACCOUNTS[5], stale: true, decide: late });

  const [impatient, patient] = await Promise.allSettled([
    decode.profiles.getOwn({}, { signal: AbortSignal.timeout(300) }),
    decode.profiles.getOwn(),
  ]);

  assert.equal(impatient.reason.name, "TimeoutError");
  assert.equal(patient.value.username, ACCOUNTS[5].username);
});
