// The page: signs in, shows past and new notifications, and marks them as read.

import { apiAt, fingerprint } from "./api.js";
import { follow } from "./socket.js";

const $ = (id) => document.getElementById(id);
const rows = new Map();
let api = null, socket = null, flowId = null, countedUntil = 0;

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
  api = apiAt($("api").value.replace(/\/$/, ""));
  const answer = flowId ? await proveDevice() : await proveName();
  if (answer.status === 202) return askForCode(answer.data);
  flowId = null;
  api.useSession(answer.data);
  await showInbox();
}

function proveName() {
  const device = { fingerprint_hashed: fingerprint(), browser: "Example page", device: navigator.platform || "Browser" };
  const credentials = { email_or_username: $("name").value, password: $("password").value };
  return api.call("POST", "/auth/login", { ...credentials, ...device });
}

function proveDevice() {
  const proof = { flow_id: flowId, code: $("code").value.trim() };
  return api.call("POST", "/auth/login/fingerprint/email-verification", proof);
}

function askForCode(flow) {
  if (flow.next !== "device_code") throw new Error("This account asks for a second factor, which this page does not know.");
  flowId = flow.flow_id;
  for (const element of [$("code"), $("code-help"), document.querySelector("label[for=code]")]) element.hidden = false;
  $("code").required = true;
  $("code").focus();
}

async function showInbox() {
  const newestFirst = (await api.call("GET", "/notifications?limit=50")).data.notifications;
  newestFirst.toReversed().forEach(show);
  $("sign-in").hidden = true;
  $("inbox").hidden = false;
  $("inbox-title").tabIndex = -1;
  $("inbox-title").focus();
  socket = follow(api, { after: newestFirst[0]?.seq ?? 0, onFrame, onState: setState, onEnd: signedOut });
}

// When the socket opens, the server counts the unread up to a number; later ones are counted here.
function onFrame({ event, data }) {
  if (event === "user_connected") {
    countedUntil = data.last_seq;
    setUnread(data.unread);
  }
  if (event === "notification_received") {
    show(data);
    if (!data.read && data.seq > countedUntil) setUnread(unreadCount() + 1);
  }
  if (event === "notification_read") markRead(data.notificationId);
}

function show(notification) {
  const row = $("item").content.cloneNode(true).querySelector("li");
  row.dataset.seq = notification.seq;
  row.querySelector("h3").textContent = notification.title;
  row.querySelector(".message").textContent = notification.message;
  row.querySelector(".seq").textContent = notification.seq;
  const time = row.querySelector("time");
  time.dateTime = notification.createdAt;
  time.textContent = new Date(notification.createdAt).toLocaleString();
  const button = row.querySelector("button");
  button.setAttribute("aria-label", `Mark number ${notification.seq}, ${notification.title}, as read`);
  button.addEventListener("click", () => socket.markRead(notification._id));
  rows.set(notification._id, row);
  $("list").prepend(row);
  if (notification.read) showAsRead(row);
}

function markRead(id) {
  const row = rows.get(id);
  if (row?.classList.contains("read")) return;
  if (row) showAsRead(row);
  setUnread(Math.max(0, unreadCount() - 1));
}

function showAsRead(row) {
  row.classList.add("read");
  const button = row.querySelector("button");
  if (button === document.activeElement) $("inbox-title").focus();
  button.remove();
}

$("read-all").addEventListener("click", () => api.call("PATCH", "/notifications/read-all").catch(showError));
$("sign-out").addEventListener("click", async () => {
  await api.signOut().catch(showError);
  signedOut("Signed out");
});

function signedOut(why) {
  socket?.stop();
  rows.clear();
  $("list").replaceChildren();
  $("inbox").hidden = true;
  $("sign-in").hidden = false;
  setState(why);
  document.title = "Notifications";
  $("name").focus();
}

const unreadCount = () => Number($("unread").value);
const setState = (text) => { $("state").textContent = text; };
const showError = (error) => setState(error.message);

function setUnread(count) {
  $("unread").value = count;
  document.title = count ? `(${count}) Notifications` : "Notifications";
}
