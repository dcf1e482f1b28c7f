import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { DecodeClient } from "decode-client";
import { ACCOUNTS, API, clientOf, until } from "./stack.mjs";

const [READER, OTHER] = ACCOUNTS;

/** Follows until the test ends. What came is in `numbers`; `ended` settles when the iteration does. */
function following(test, decode, options = {}) {
  const stop = new AbortController();
  const heard = { numbers: [], events: [], losses: 0, ended: undefined, stop };
  heard.ended = (async () => {
    const onLost = () => heard.losses++;
    for await (const { event, data } of decode.notifications.follow({ signal: stop.signal, onLost, ...options })) {
      heard.events.push(event);
      if (event === "notification_received") heard.numbers.push(data.seq);
    }
  })();
  test.after(() => {
    stop.abort();
    return heard.ended.catch(() => {});
  });
  return heard;
}

const signIn = (decode) => decode.auth.login(READER.credentials);

test("broken socket resumes without gap or repeat", async (test) => {
  const { decode: other } = await clientOf(test, { account: READER });
  const { decode, proxy } = await clientOf(test, { account: READER, webSocket: WebSocket });
  const heard = following(test, decode);
  await signIn(other);
  await until(() => heard.numbers.length === 1);

  proxy.cutSockets();
  await signIn(other);
  await signIn(other);
  await until(() => heard.numbers.length === 3);
  proxy.cutSockets();
  await signIn(other);
  await until(() => heard.numbers.length === 4);

  assert.deepEqual(heard.numbers, [1, 2, 3, 4]);
  assert.equal(heard.losses, 2);
  assert.deepEqual(
    proxy.calls("/notifications?after=").map(({ path }) => path.split("=")[1]),
    ["0", "1", "3"],
  );
});

test("follower starts after the number that it has, and acknowledges", async (test) => {
  const { decode } = await clientOf(test, { account: READER, webSocket: WebSocket });
  const heard = following(test, decode, { after: 2 });

  await until(() => heard.numbers.length === 2);
  assert.deepEqual(heard.numbers, [3, 4]);

  const isDelivered = async () =>
    (await decode.notifications.list({ limit: 2 })).notifications.every(({ delivered }) => delivered);
  await until(isDelivered);
});

test("connection that has gone silent is given up and resumed", async (test) => {
  test.mock.timers.enable({ apis: ["setInterval"] });
  const { decode, proxy } = await clientOf(test, { account: READER, webSocket: WebSocket });
  const heard = following(test, decode);
  const connections = () => heard.events.filter((event) => event === "user_connected").length;
  await until(() => connections() === 1);

  proxy.silenceSockets();
  test.mock.timers.tick(20_000); // A ping, which is not answered.
  test.mock.timers.tick(20_000);

  await until(() => connections() === 2);
  assert.equal(heard.losses, 1);
});

test("API that is away is tried again", async (test) => {
  let isAway = true;
  const { decode } = await clientOf(test, {
    account: READER,
    webSocket: WebSocket,
    decide: ({ path }) => (isAway && path === "/notifications/ticket" ? "cut" : undefined),
  });
  const heard = following(test, decode);

  await until(() => heard.losses === 1);
  isAway = false;
  await until(() => heard.numbers.length === 4);
});

test("stopped follower ends without an error", async (test) => {
  const { decode } = await clientOf(test, { account: READER, webSocket: WebSocket });
  const heard = following(test, decode);
  await until(() => heard.events.includes("user_connected"));

  heard.stop.abort();

  await heard.ended;
});

test("ended session ends the iteration with its name", async (test) => {
  const { decode } = await clientOf(test, { account: OTHER, webSocket: WebSocket });
  const heard = following(test, decode);
  await until(() => heard.events.includes("user_connected"));

  await decode.sessions.logout({ session_token: OTHER.session.session_token });

  await assert.rejects(heard.ended, { error: "SessionRevoked" });
});

test("Node without a WebSocket says what to give", { skip: "WebSocket" in globalThis }, async (test) => {
  const { decode } = await clientOf(test, { account: READER });

  await assert.rejects(following(test, decode).ended, /package ws/);
});

test("api key follows without a session", async (test) => {
  const { decode: owner } = await clientOf(test, { account: READER, fingerprint: READER.credentials.fingerprint_hashed });
  const { secret } = await owner.apiKeys.create({ name: "reader", scopes: ["notifications:read"] });
  const decode = new DecodeClient({ baseUrl: API, apiKey: secret, webSocket: WebSocket });
  const heard = following(test, decode);
  await until(() => heard.numbers.length > 0);

  assert.equal((await decode.apiKeys.readSelf()).username, READER.username);
  await assert.rejects(decode.sessions.listActive(), { error: "KeyNotAllowed" });
});
