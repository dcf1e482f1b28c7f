import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { DecodeClient } from "decode-client";
import { ACCOUNTS, API, clientOf, until } from "./stack.mjs";

const COUNTED = Array.from({ length: 30 }, (_, at) => at + 1).join(" ");

/** A chat of an account through a proxy of its own, until the test ends. */
async function chatOf(test, account, { webSocket = WebSocket, ...options } = {}) {
  const { decode, proxy } = await clientOf(test, { account, webSocket });
  const heard = { lost: 0, live: 0 };
  const chat = await decode.chats.talk({ onLost: () => heard.lost++, onLive: () => heard.live++, ...options });
  test.after(() => chat.close());
  return { decode, proxy, chat, heard };
}

async function piecesOf(turn) {
  const pieces = [];
  for await (const piece of turn) pieces.push(piece);
  return pieces;
}

test("answer comes piece by piece and ends with all of it", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[0]);

  const turn = await chat.say("count 30");
  const pieces = await piecesOf(turn);
  const { state, finishReason, text, usage } = await turn.end;
  const { messages, next_before } = await chat.history({ limit: 1 });

  assert.ok(pieces.length > 3);
  assert.deepEqual([pieces.join(""), text, turn.text], [COUNTED, COUNTED, COUNTED]);
  assert.deepEqual([state, finishReason, usage.completion_tokens], ["completed", "stop", 30]);
  assert.deepEqual([messages[0].content, next_before], [COUNTED, 2]);
});

test("text is whole through cuts", async (test) => {
  const { chat, proxy, heard } = await chatOf(test, ACCOUNTS[0]);
  const said = "a\u{1F600}é ".repeat(40).trim();

  const turn = await chat.say(`say ${said}`);
  const pieces = [];
  for await (const piece of turn) if ([2, 5].includes(pieces.push(piece))) proxy.cutSockets();

  assert.ok(pieces.length > 5);
  assert.deepEqual([pieces.join(""), (await turn.end).text], [said, said]);
  assert.deepEqual(heard, { lost: 2, live: 3 });
  const restored = `/assistant?chat_id=${chat.chatId}`;
  assert.deepEqual(
    proxy.calls("/assistant").map(({ path }) => path),
    ["/assistant", restored, restored],
  );
});

test("message whose acceptance is lost is one turn", async (test) => {
  const { decode, chat, proxy } = await chatOf(test, ACCOUNTS[1]);
  const messages = async () => (await decode.chats.listMessages({ chat_id: chat.chatId })).messages;

  proxy.deafenSockets();
  const saying = chat.say("count 30");
  await until(async () => (await messages()).length === 2);
  proxy.cutSockets();
  const turn = await saying;

  assert.equal((await piecesOf(turn)).join(""), COUNTED);
  assert.equal((await messages()).length, 2);
});

test("chat left amid an answer is restored with the whole of it", async (test) => {
  const { chat, decode } = await chatOf(test, ACCOUNTS[2]);
  const turn = await chat.say("count 30");
  for await (const _ of turn) break;
  chat.close();
  await assert.rejects(turn.end, { error: "ChatLeft" });
  await chat.closed;

  const again = await decode.chats.talk({ chatId: chat.chatId });
  test.after(() => again.close());

  assert.deepEqual(
    again.openTurns.map(({ turnId }) => turnId),
    [turn.turnId],
  );
  assert.equal((await piecesOf(again.openTurns[0])).join(""), COUNTED);
});

test("stopped turn keeps what was said and is answered anew", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[2]);
  const turn = await chat.say("count 30");
  for await (const _ of turn) break;

  await chat.stop(turn.turnId);
  const { state, text } = await turn.end;
  const again = await chat.retry(turn.turnId);

  assert.deepEqual([state, text], ["stopped", turn.text]);
  assert.equal((await again.end).text, COUNTED);
  await assert.rejects(chat.stop(turn.turnId), { error: "TurnClosed" });
});

test("failed turn is named", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[3]);

  await assert.rejects(piecesOf(await chat.say("fail")), { error: "ModelUnavailable" });
});

test("longest message is taken, and a longer one named", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[3]);
  const longest = `say ${"\u{1F600}".repeat(15_996)}`;

  assert.equal(`say ${(await (await chat.say(longest)).end).text}`, longest);
  for (const tooLong of [`${longest}a`, "\x01".repeat(16_000)]) {
    await assert.rejects(chat.say(tooLong), { error: "InvalidInput" });
  }
});

test("message over the limit is named with its wait", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[3], { webSocket: Limited });

  await assert.rejects(chat.say("hello"), { error: "RateLimited", status: 429, retryAfter: 7 });
});

/** Answers messages as an API at its limit does. */
class Limited extends WebSocket {
  send(text) {
    if (!text.includes('"user_message_stream"')) return super.send(text);
    const data = { code: "RATE_LIMIT_EXCEEDED", message: "No.", remaining: 0, resetAt: new Date(), retryAfter: 7 };
    this.onmessage({ data: JSON.stringify({ event: "rate_limit", data }) });
  }
}

test("connection that has gone silent is given up, and pings of its own settle no question", async (test) => {
  test.mock.timers.enable({ apis: ["setInterval"] });
  const { chat, proxy, heard } = await chatOf(test, ACCOUNTS[4]);
  const turn = await chat.say("count 30");
  test.mock.timers.tick(20_000);
  await chat.stop(turn.turnId);

  proxy.silenceSockets();
  const asking = chat.history();
  test.mock.timers.tick(20_000);
  test.mock.timers.tick(20_000);

  assert.equal((await asking).messages[0].content, "count 30");
  assert.deepEqual(heard, { lost: 1, live: 2 });
});

test("ended chat is named", async (test) => {
  const { chat, decode } = await chatOf(test, ACCOUNTS[4]);
  const turn = await chat.say("count 1000");

  await decode.chats.delete({ chat_id: chat.chatId });

  for (const each of [chat.closed, turn.end]) await assert.rejects(each, { error: "ChatNotFound" });
  await assert.rejects(chat.say("hello"), { error: "ChatNotFound" });
  for (const chatId of [chat.chatId, "of no chat"]) {
    await assert.rejects(decode.chats.talk({ chatId }), { error: "ChatNotFound" });
  }
});

test("api key talks without a session", async (test) => {
  const { credentials } = ACCOUNTS[5];
  const { decode: owner } = await clientOf(test, { account: ACCOUNTS[5], fingerprint: credentials.fingerprint_hashed });
  const { secret } = await owner.apiKeys.create({ name: "talker", scopes: ["assistant:read", "assistant:write"] });
  const chat = await new DecodeClient({ baseUrl: API, apiKey: secret, webSocket: WebSocket }).chats.talk();
  test.after(() => chat.close());

  assert.equal((await (await chat.say("say hello")).end).text, "hello");
});

test("ended session ends the chat with its name", async (test) => {
  const { chat, decode } = await chatOf(test, ACCOUNTS[5]);

  await decode.signOut();

  await assert.rejects(chat.closed, { error: "SessionRevoked" });
});
