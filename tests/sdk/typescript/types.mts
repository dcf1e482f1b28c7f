// Compiled, never run: what the types of the client let through, and what they do not.

import { DecodeClient, DecodeError, MemoryStore, type Session } from "decode-client";
import WebSocket from "ws";

const decode = new DecodeClient({ baseUrl: "https://api.example.com", store: new MemoryStore(), webSocket: WebSocket });

const device = { fingerprint_hashed: "0".repeat(64), browser: "Firefox 145", device: "Linux" };
const answer = await decode.auth.login({ email_or_username: "ada", password: "secret", ...device });
if ("flow_id" in answer) await decode.flows.wait(answer.flow_id, { timeout: 1000 });
else answer.access_token satisfies string | null;

const { notifications, meta } = await decode.notifications.list({ limit: 10, unread: true });
notifications[0]!.seq satisfies number;
meta.next_cursor satisfies string | null;
await decode.notifications.list();
await decode.flows.cancel({ flow_id: "f" }, { signal: AbortSignal.timeout(100) });
(await decode.snapshots.drawGrowth({ user_id: "u" })) satisfies Blob;
(await decode.session()) satisfies Session | null;

for await (const frame of decode.notifications.follow({ after: 3 })) {
  if (frame.event === "user_connected") frame.data.unread satisfies number;
  if (frame.event === "notification_received") frame.data.title satisfies string;
}

const chat = await decode.chats.talk({ chatId: "c", signal: AbortSignal.timeout(100) });
const turn = await chat.say("hello", { mode: "interrupt" });
for await (const piece of turn) piece satisfies string;
for await (const event of turn.events()) {
  if (typeof event === "string") continue;
  if (event.event === "text_reset") {
    event.text satisfies string;
    continue;
  }
  event.toolName satisfies string;
  if (event.event === "approval_requested") await chat.answerApproval(event.callId, "chat");
  if (event.event === "tool_result") event.result.error?.code satisfies string | undefined;
}
for await (const { message } of chat.turns({ after: 3 })) message satisfies string;
(await chat.callTool("echo", { text: "hello" })).execution_ms satisfies number | null;
(await chat.listTools({ category: "read" }))[0]!.changes satisfies boolean;
(await chat.getSessionInfo()).openTurns[0]!.turn_id satisfies string;
(await turn.end).state satisfies "completed" | "stopped";
(await chat.history({ limit: 10 })).messages[0]!.content satisfies string;

try {
  await decode.profiles.get({ user_id: "u" });
} catch (error) {
  if (error instanceof DecodeError && error.error === "UserNotFound") error.retryAfter satisfies number | null;
}

// @ts-expect-error A field is missing.
await decode.relationships.follow({});
// @ts-expect-error There is no such field.
await decode.relationships.follow({ user_id_to: "u", user_id: "u" });
// @ts-expect-error There is no such operation.
await decode.auth.logIn();
// @ts-expect-error There is no such mode.
await chat.say("hello", { mode: "shout" });
// @ts-expect-error There is no such decision.
await chat.answerApproval("call-0001", "maybe");
