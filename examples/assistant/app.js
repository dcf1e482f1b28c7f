// The page: signs in, opens a chat, and shows answers as they come. Words are text, whatever is in them.

import { DecodeClient } from "./sdk/decode.js";
import { fingerprint } from "./device.js";

const $ = (id) => document.getElementById(id);
const ENDED = ["ChatExpired", "ChatNotFound"];
let decode = null, chat = null, turn = null, flowId = null, isAtEnd = true;

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("refusal").textContent = "";
  try {
    await signIn();
  } catch (error) {
    $("refusal").textContent = error.message;
    $(flowId ? "code" : "password").focus();
  }
});

async function signIn() {
  decode = new DecodeClient({ baseUrl: $("api").value });
  const answer = flowId ? await proveDevice() : await proveName();
  if ("flow_id" in answer) return askForCode(answer);
  flowId = null;
  await openChat(sessionStorage.getItem("chat"));
  $("sign-in").hidden = true;
  $("chat").hidden = false;
  $("text").focus();
}

function proveName() {
  const device = { fingerprint_hashed: fingerprint(), browser: "Example page", device: navigator.platform || "Browser" };
  return decode.auth.login({ email_or_username: $("name").value, password: $("password").value, ...device });
}

function proveDevice() {
  return decode.auth.proveDevice({ flow_id: flowId, code: $("code").value.trim() });
}

function askForCode(flow) {
  if (flow.next !== "device_code") throw new Error("This account asks for a second factor, which this page does not know.");
  flowId = flow.flow_id;
  for (const element of [$("code"), $("code-help"), document.querySelector("label[for=code]")]) element.hidden = false;
  $("code").required = true;
  $("code").focus();
}

/** Goes on with a chat, or begins one. */
async function openChat(chatId) {
  const opened = await talk(chatId);
  chat = opened;
  sessionStorage.setItem("chat", chat.chatId);
  $("list").replaceChildren();
  const open = new Set(chat.openTurns.map(({ turnId }) => turnId));
  for (const { role, content, turn_id } of (await chat.history()).messages) {
    if (role === "user" || !open.has(turn_id)) show(role, content);
  }
  showTurns(chat.openTurns);
  opened.closed.catch((error) => ENDED.includes(error.error) ? beginAnew(error.message) : signedOut(error.message));
}

async function talk(chatId) {
  const onLive = () => setState(turn ? "Answering…" : "Live");
  const onLost = () => setState("Connection lost. Trying again…");
  try {
    return await decode.chats.talk({ chatId: chatId ?? undefined, onLive, onLost });
  } catch (error) {
    if (!chatId || !ENDED.includes(error.error)) throw error;
    return decode.chats.talk({ onLive, onLost });
  }
}

async function beginAnew(why = "") {
  try {
    await openChat(null);
    $("trouble").textContent = why && `${why} Here is a new one.`;
    $("text").focus();
  } catch (error) {
    signedOut(error.message);
  }
}

$("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  if ($("send").disabled) return;
  $("trouble").textContent = "";
  $("send").disabled = true;
  $("text").focus();
  const text = $("text").value;
  try {
    const said = await chat.say(text);
    $("text").value = "";
    show("user", text);
    await showTurns([said]);
  } catch (error) {
    $("trouble").textContent = error.retryAfter ? `${error.message} (${error.retryAfter} seconds)` : error.message;
  }
  $("send").disabled = turn !== null;
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && turn) stop();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("say").requestSubmit();
});

async function showTurns(turns) {
  for (const each of turns) await showTurn(each);
}

/** Shows an answer as it comes, beside the log; as a whole it is put into the log. */
async function showTurn(answering) {
  setAnswering(answering);
  const words = $("answer").appendChild(document.createTextNode(""));
  try {
    for await (const piece of answering) {
      words.appendData(piece);
      keepInView();
    }
    const { text, state } = await answering.end;
    show("assistant", text, state === "stopped" ? { note: "Stopped.", turnId: answering.turnId } : {});
  } catch (error) {
    if (error.error !== "ChatLeft") show("assistant", answering.text, { note: error.message, turnId: answering.turnId });
  } finally {
    words.remove();
    if (turn === answering) setAnswering(null);
  }
}

function setAnswering(answering) {
  turn = answering;
  if (!turn && document.activeElement === $("stop")) $("text").focus();
  $("answering").hidden = !turn;
  $("stop").disabled = !turn;
  $("send").disabled = Boolean(turn);
  setState(turn ? "Answering…" : "Live");
}

function show(role, text, { note = "", turnId } = {}) {
  const row = $("message").content.cloneNode(true).querySelector("li");
  row.className = role;
  row.querySelector(".who").textContent = role === "user" ? "You" : "Assistant";
  row.querySelector(".said").textContent = text;
  row.querySelector(".note").textContent = note;
  if (turnId) row.append(retryButton(turnId));
  $("list").append(row);
  keepInView();
}

function retryButton(turnId) {
  const button = document.createElement("button");
  button.textContent = "Answer again";
  button.addEventListener("click", async () => {
    if (turn) return;
    try {
      const again = await chat.retry(turnId);
      button.remove();
      $("text").focus();
      await showTurns([again]);
    } catch (error) {
      $("trouble").textContent = error.message;
    }
  });
  return button;
}

function keepInView() {
  if (isAtEnd) $("words").scrollTop = $("words").scrollHeight;
}

// Who reads further up is left there.
$("words").addEventListener("scroll", ({ target }) => {
  isAtEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 48;
});

// The turn may have ended just now.
const stop = () => chat.stop(turn.turnId).catch(() => {});

$("stop").addEventListener("click", stop);
$("new-chat").addEventListener("click", () => {
  chat.close();
  beginAnew();
});
$("sign-out").addEventListener("click", async () => {
  chat.close();
  sessionStorage.removeItem("chat");
  await decode.signOut().catch(() => {});
  signedOut("Signed out");
});

function signedOut(why) {
  turn = null;
  $("list").replaceChildren();
  $("chat").hidden = true;
  $("sign-in").hidden = false;
  setState(why);
  $("name").focus();
}

const setState = (text) => { $("state").textContent = text; };
