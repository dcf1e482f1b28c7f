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

async function eventsOf(turn) {
  const events = [];
  for await (const event of turn.events()) events.push(event);
  return events;
}

const following = (account) => `call follow_user ${JSON.stringify({ username: account.username })}`;

async function piecesOf(turn) {
  const pieces = [];
  for await (const piece of turn) pieces.push(piece);
  return pieces;
}

/** A connection on which the model fails after its first piece, and the next begins anew. */
class Resetting extends WebSocket {
  emit(name, message, ...more) {
    const frame = name === "message" ? JSON.parse(message) : {};
    if (frame.event === "stream_chunk" && this.cut === undefined) {
      this.cut = frame.data.next_offset;
      const { turn_id, part } = frame.data;
      const reset = { ...frame, event: "stream_reset", data: { turn_id, part, offset: 0, attempt: 1 } };
      return super.emit(name, message, ...more) && super.emit(name, JSON.stringify(reset), ...more);
    }
    return super.emit(name, name === "message" ? JSON.stringify(this.#moved(frame)) : message, ...more);
  }

  /** The same frame of an answer that is in the next part, without what was said before. */
  #moved({ data, ...frame }) {
    if (frame.event === "stream_end") data.fullResponse = data.fullResponse.slice(this.cut);
    if (frame.event !== "stream_chunk") return { ...frame, data };
    const [offset, next_offset] = [data.offset - this.cut, data.next_offset - this.cut];
    return { ...frame, data: { ...data, part: data.part + 1, offset, next_offset } };
  }
}

test("text that another model begins anew does not count any more", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[0], { webSocket: Resetting });

  const turn = await chat.say("count 30");
  const events = await eventsOf(turn);

  assert.deepEqual(events.slice(0, 2), ["1", { event: "text_reset", text: "1" }]);
  assert.equal(turn.text, COUNTED.slice(1));
});

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

test("answer that began anew meanwhile is given as a whole", async (test) => {
  const { chat, proxy } = await chatOf(test, ACCOUNTS[1]);
  const { chat: there } = await chatOf(test, ACCOUNTS[1], { chatId: chat.chatId });
  const turn = await chat.say("count 30");
  for await (const _ of turn) break;

  proxy.deafenSockets();
  await there.stop(turn.turnId);
  await (await there.resume(turn.turnId)).end;
  for await (const _ of await there.retry(turn.turnId)) break;
  const before = turn.text;
  proxy.cutSockets();

  assert.equal((await piecesOf(turn)).join(""), before + COUNTED);
  assert.equal(turn.text, COUNTED);
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

  const { value: restored } = await again.turns().next();
  assert.equal(restored.turnId, turn.turnId);
  assert.equal((await piecesOf(restored)).join(""), COUNTED);
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

test("tools are shown and called, and a failure is a result", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[0]);

  const listed = await chat.listTools({ category: "utility" });
  const tool = await chat.getToolInfo("echo");
  const once = await chat.callTool("echo", { text: "one" }, { callId: "call-0001" });
  const again = await chat.callTool("echo", { text: "one" }, { callId: "call-0001" });
  const [failed, info] = await Promise.all([chat.callTool("echo", { text: 1 }), chat.getSessionInfo()]);

  assert.deepEqual(
    listed.find(({ name }) => name === "echo"),
    tool,
  );
  for (const { success, data, error } of [once, again]) {
    assert.deepEqual([success, data, error], [true, { text: "one" }, null]);
  }
  assert.deepEqual([failed.success, failed.error.code], [false, "INVALID_PARAMETERS"]);
  assert.deepEqual([info.sessionId, info.status, info.openTurns], [chat.chatId, "active", []]);
  await assert.rejects(chat.getToolInfo("none"), { error: "ToolNotFound" });
  const other = chat.callTool("echo", { text: "two" }, { callId: "call-0001" });
  await assert.rejects(other, { error: "IdempotencyKeyReused" });
});

test("call whose result is lost is one call", async (test) => {
  const { decode, chat, proxy } = await chatOf(test, ACCOUNTS[1]);
  const bio = async () => (await decode.profiles.getOwn()).bio;

  proxy.deafenSockets();
  const calling = chat.callTool("set_bio", { bio: "new" });
  await until(async () => (await bio()) === "new");
  await decode.profiles.setBio({ bio: "newer" });
  proxy.cutSockets();

  assert.equal((await calling).success, true);
  assert.equal(await bio(), "newer");
});

test("call in a turn of another device is approved here", async (test) => {
  const { chat, proxy } = await chatOf(test, ACCOUNTS[2]);
  const { chat: there } = await chatOf(test, ACCOUNTS[2], { chatId: chat.chatId });

  const turn = await there.say(following(ACCOUNTS[3]));
  const { value: shown } = await chat.turns().next();
  const events = shown.events();
  const { value: requested } = await events.next();
  proxy.deafenSockets();
  const approving = chat.answerApproval(requested.callId, "once");
  const toldThere = await eventsOf(turn);
  proxy.cutSockets();
  await approving;
  const rest = [];
  for await (const event of events) rest.push(event);
  const [decided, started, ended, ...pieces] = rest;

  assert.equal(shown.message, following(ACCOUNTS[3]));
  assert.equal(requested.summary, `Follow @${ACCOUNTS[3].username}.`);
  assert.deepEqual([decided.decision, decided.arguments], ["once", { username: ACCOUNTS[3].username }]);
  assert.deepEqual([started.event, ended.event, ended.result.success], ["tool_started", "tool_result", true]);
  assert.equal(pieces.join(""), shown.text);
  assert.deepEqual(
    toldThere.filter((event) => typeof event !== "string"),
    [requested, decided, started, ended],
  );
});

test("turns of other devices are given once, also those that were missed", async (test) => {
  const { chat, proxy } = await chatOf(test, ACCOUNTS[3]);
  const { chat: there } = await chatOf(test, ACCOUNTS[3], { chatId: chat.chatId });
  const echo = `call echo ${JSON.stringify({ text: "two" })}`;
  const turns = chat.turns();
  const next = async (feed) => (await feed.next()).value;

  await there.say("say one");
  const given = [await next(turns)];
  const waiting = next(turns);
  for (const _ of "12") await chat.history(); // By now the feed has nothing more to ask.
  proxy.deafenSockets();
  await (await there.say(echo)).end;
  await assert.rejects((await there.say("fail")).end, { error: "ModelUnavailable" });
  proxy.cutSockets();
  given.push(await waiting, await next(turns));
  const missed = await eventsOf(given[1]);
  await assert.rejects(given[2].end, { error: "ModelUnavailable" }); // A retry before would be one turn with it here.
  await assert.rejects((await there.retry(given[2].turnId)).end, { error: "ModelUnavailable" });
  given.push(await next(turns));
  given.push(await chat.say("say four"), await next(turns));
  const last = await next(chat.turns({ after: 4 }));
  chat.close();

  assert.deepEqual(
    given.map(({ message }) => message),
    ["say one", echo, "fail", "fail", "say four", "say four"],
  );
  assert.notEqual(given[2], given[3]);
  assert.deepEqual(
    missed.slice(0, 2).map(({ event }) => event),
    ["tool_started", "tool_result"],
  );
  assert.equal(last.message, "fail");
  assert.deepEqual(await turns.next(), { value: undefined, done: true });
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

test("turn is given though the history could not be read at once", async (test) => {
  const { chat } = await chatOf(test, ACCOUNTS[3], { webSocket: FirstHistoryFails });
  const { turnId } = await chat.say("say one");

  const { value: turn } = await chat.turns().next();

  assert.deepEqual([turn.turnId, turn.message], [turnId, "say one"]);
});

/** Answers the first question for the history as an API whose store is away. */
class FirstHistoryFails extends WebSocket {
  #isAway = true;

  send(text) {
    if (!this.#isAway || !text.includes('"get_history"')) return super.send(text);
    this.#isAway = false;
    this.onmessage({ data: JSON.stringify({ event: "error", data: { error: "DependencyUnavailable", message: "No." } }) });
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
  await assert.rejects(decode.chats.talk({ chatId: chat.chatId }), { error: "ChatNotFound" });
  await assert.rejects(decode.chats.talk({ chatId: "of no chat" }), { error: "InvalidInput" });
});

test("api key talks without a session", async (test) => {
  const { credentials } = ACCOUNTS[5];
  const { decode: owner } = await clientOf(test, { account: ACCOUNTS[5], fingerprint: credentials.fingerprint_hashed });
  const { secret } = await owner.apiKeys.create({ name: "talker", scopes: ["assistant:read", "assistant:write"] });
  const chat = await new DecodeClient({ baseUrl: API, apiKey: secret, webSocket: WebSocket }).chats.talk();
  test.after(() => chat.close());

  assert.equal((await (await chat.say("say hello")).end).text, "hello");
  await assert.rejects(chat.answerApproval("call-0001", "once"), { error: "KeyNotAllowed" });
});

test("ended session ends the chat with its name", async (test) => {
  const { chat, decode } = await chatOf(test, ACCOUNTS[5]);

  await decode.signOut();

  await assert.rejects(chat.closed, { error: "SessionRevoked" });
});
