// Plays what a client does, with the unmodified `socket.io-client`, and prints what it has seen as JSON.
import { io } from "socket.io-client";

const { first, second, second_ping: ping, accounts } = JSON.parse(process.env.DECODE_PLAY);
const WITHIN = 20_000;
const sockets = [];

function connect(url, auth) {
  const socket = io(url, { transports: ["websocket"], auth, forceNew: true, reconnectionDelay: 10 });
  sockets.push(socket);
  return socket;
}

const ask = (socket, event, ...data) => socket.timeout(WITHIN).emitWithAck(event, ...data);

function next(socket, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), WITHIN);
    socket.once(event, (said) => {
      clearTimeout(timer);
      resolve(said);
    });
  });
}

async function until(isSo) {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Takes the chunks of an answer as they come. */
function listen(socket) {
  const heard = { text: "", offset: 0, chunks: 0 };
  socket.on("stream_chunk", ({ data }) => {
    heard.text += data.content;
    heard.offset = data.next_offset;
    heard.chunks++;
  });
  return heard;
}

async function isRefused({ path = "", auth }) {
  const socket = connect(first + path, auth);
  const { message, data } = await next(socket, "connect_error");
  return { message, data, isActive: socket.active };
}

async function talk({ token }) {
  const socket = connect(first, { token });
  const events = [];
  socket.onAny((event, said) => events.push([event, said]));
  const isNamed = (await next(socket, "connected")).data.clientId === socket.id;
  const answers = [["message_accepted", await ask(socket, "user_message", { text: "say good morning" })]];
  const { data: response } = await next(socket, "assistant_response");
  const heard = listen(socket);
  socket.emit("user_message_stream", { text: "count 30" });
  const { data: end } = await next(socket, "stream_end");
  answers.push(["conversation_history", await ask(socket, "get_history")]);
  answers.push(["session_info", await ask(socket, "get_session_info")]);
  answers.push(["tools_list", await ask(socket, "list_tools", { category: "utility" })]);
  answers.push(["tool_info", await ask(socket, "get_tool_info", { toolName: "echo" })]);
  answers.push(["error", await ask(socket, "get_tool_info", { toolName: "none" })]);
  const call = (text) => ask(socket, "call_tool", { toolName: "echo", parameters: { text } });
  const calls = await Promise.all([call("one"), call("two")]);
  return { isNamed, response, heard, end, answers, calls, events };
}

async function sayEleven({ token }) {
  const socket = connect(second, { token });
  await next(socket, "session_created");
  const say = () => ask(socket, "user_message", { text: "say yes", mode: "interrupt" });
  const answers = await Promise.all(Array.from({ length: 11 }, say));
  socket.emit("user_message", { text: "say yes" });
  return { codes: answers.map(({ code }) => code), event: await next(socket, "rate_limit") };
}

async function moveAmidAnswer({ token }) {
  let chatId;
  const socket = connect(first, (give) => give({ token, chat_id: chatId }));
  const heard = listen(socket);
  chatId = (await next(socket, "session_created")).data.sessionId;
  const { data: accepted } = await ask(socket, "user_message_stream", { text: "count 60" });
  await until(() => heard.chunks > 3);
  const [gone, restored] = [next(socket, "disconnect"), next(socket, "session_restored")];
  socket.io.uri = second;
  socket.io.engine.transport.ws.terminate();
  const reason = await gone;
  const { data: chat } = await restored;
  const end = next(socket, "stream_end");
  socket.emit("resume", { turn_id: accepted.turn_id, part: 0, offset: heard.offset });
  const { fullResponse } = (await end).data;
  return { reason, isSame: chat.sessionId === chatId, state: chat.openTurns[0].state, text: heard.text, fullResponse };
}

/** Is never silent for as long as a ping takes to be due, and stays for longer than a client waits for one. */
async function speakOften({ token }) {
  const socket = connect(second, { token });
  const seen = { pings: 0, pongs: 0, disconnects: 0 };
  socket.on("pong", () => seen.pongs++);
  socket.on("disconnect", () => seen.disconnects++);
  await next(socket, "connect");
  socket.io.engine.on("ping", () => seen.pings++);
  const speaking = setInterval(() => socket.emit("ping"), ping.after / 2);
  await new Promise((resolve) => setTimeout(resolve, 1.2 * ping.drop_after));
  clearInterval(speaking);
  return { ...seen };
}

async function signOut({ token, session_token }) {
  const socket = connect(first, { token });
  await next(socket, "session_created");
  const [error, gone] = [next(socket, "error"), next(socket, "disconnect")];
  await fetch(`${first}/auth/session/logout`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ session_token }),
  });
  return { error: await error, reason: await gone, isActive: socket.active };
}

const plays = {
  "token of another": isRefused({ auth: { token: "nonsense" } }),
  "no token": isRefused({ auth: {} }),
  "no chat": isRefused({ auth: { token: accounts[0].token, chat_id: "zz" } }),
  "another namespace": isRefused({ path: "/admin", auth: { token: accounts[0].token } }),
  talk: talk(accounts[0]),
  limit: sayEleven(accounts[1]),
  move: moveAmidAnswer(accounts[2]),
  ping: speakOften(accounts[3]),
  "sign-out": signOut(accounts[4]),
};
const named = Object.entries(plays).map(async ([name, play]) => {
  return [name, await play.catch((fault) => ({ fault: String(fault) }))];
});
console.log(JSON.stringify(Object.fromEntries(await Promise.all(named))));
for (const socket of sockets) socket.disconnect();
