// The page: opens a chat, and shows what is said in it, on this page and on others. Words are text, whatever is in them.

import { forgetCalls, removeWithFocus, showCall } from "./calls.js";
import { onSignIn } from "./sign-in.js";

const $ = (id) => document.getElementById(id);
const ENDED = ["ChatExpired", "ChatNotFound"];
const NOTES = { stopped: "Stopped.", failed: "There was no answer." };
let decode = null, chat = null, turn = null, asked = new Set(), isAtEnd = true;

onSignIn(async (client) => {
  decode = client;
  await openChat(localStorage.getItem("chat"));
  $("sign-in").hidden = true;
  $("chat").hidden = false;
  $("text").focus();
});

/** Goes on with a chat, or begins one. */
async function openChat(chatId) {
  const opened = await talk(chatId);
  chat = opened;
  localStorage.setItem("chat", chat.chatId);
  clear();
  const past = (await chat.history()).messages.filter(({ state }) => ["completed", "stopped", "failed"].includes(state));
  for (const { role, content, turn_id, state } of past) {
    if (role === "user") showMessage(turn_id, content);
    else show("assistant", content, { note: NOTES[state], turnId: turn_id });
  }
  showTurns(opened.turns({ after: past.at(-1)?.seq ?? 0 })).catch(() => {}); // `closed` has the error.
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
  $("send").disabled = true;
  $("text").focus();
  await attempt(async () => {
    await chat.say($("text").value);
    $("text").value = "";
  });
  $("send").disabled = turn !== null;
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && turn) stop();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("say").requestSubmit();
});

/** Does what the user asks for, and shows why it is refused. */
async function attempt(act) {
  $("trouble").textContent = "";
  try {
    await act();
  } catch (error) {
    $("trouble").textContent = error.retryAfter ? `${error.message} (${error.retryAfter} seconds)` : error.message;
  }
}

/** Shows turns one after the other, as the assistant answers them, wherever they were begun. */
async function showTurns(turns) {
  for await (const each of turns) {
    document.querySelectorAll(`[data-turn="${each.turnId}"]`).forEach(removeWithFocus);
    showMessage(each.turnId, each.message);
    await showAnswer(each);
  }
}

function showMessage(turnId, text) {
  if (!asked.has(turnId)) show("user", text);
  asked.add(turnId);
}

/** Shows an answer as it comes, beside the log; what is whole is put into the log. */
async function showAnswer(answering) {
  setAnswering(answering);
  const { turnId } = answering;
  const words = $("answer").appendChild(document.createTextNode(""));
  const log = (more) => {
    if (words.data || more) show("assistant", words.data, more);
    words.data = "";
  };
  try {
    for await (const event of answering.events()) {
      if (typeof event === "string") words.appendData(event);
      else if (event.event === "text_reset") words.data = words.data.slice(0, -event.text.length);
      else log(), showCall(event, answer);
      keepInView();
    }
    const { state } = await answering.end;
    log(state === "stopped" ? { note: NOTES[state], turnId } : undefined);
  } catch (error) {
    if (error.error !== "ChatLeft") log({ note: error.message, turnId });
  } finally {
    words.remove();
    if (turn === answering) setAnswering(null);
  }
}

const answer = (callId, decision) => attempt(() => chat.answerApproval(callId, decision));

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
  if (note && turnId) row.append(retryButton(turnId));
  $("list").append(row);
  keepInView();
}

function retryButton(turnId) {
  const button = document.createElement("button");
  button.textContent = "Answer again";
  button.dataset.turn = turnId;
  button.addEventListener("click", () => {
    if (turn) return;
    $("text").focus();
    attempt(() => chat.retry(turnId));
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
  localStorage.removeItem("chat");
  await decode.signOut().catch(() => {});
  signedOut("Signed out");
});

function clear() {
  asked = new Set();
  forgetCalls();
  $("list").replaceChildren();
}

function signedOut(why) {
  turn = null;
  clear();
  $("chat").hidden = true;
  $("sign-in").hidden = false;
  setState(why);
  $("name").focus();
}

const setState = (text) => { $("state").textContent = text; };
