// The page: signs in, shows past and new notifications, and marks them as read.

import { onSignIn } from "./sign-in.js";

const $ = (id) => document.getElementById(id);
const rows = new Map();
let decode = null, following = null, countedUntil = 0;

onSignIn(showInbox);

async function showInbox(client) {
  decode = client;
  const { notifications: newestFirst } = await decode.notifications.list({ limit: 50 });
  newestFirst.toReversed().forEach(show);
  $("sign-in").hidden = true;
  $("inbox").hidden = false;
  $("inbox-title").tabIndex = -1;
  $("inbox-title").focus();
  following = new AbortController();
  follow(newestFirst[0]?.seq ?? 0, following.signal);
}

async function follow(after, signal) {
  const onLost = () => setState("Connection lost. Trying again…");
  try {
    for await (const frame of decode.notifications.follow({ after, signal, onLost })) onFrame(frame);
  } catch (error) {
    signedOut(error.message);
  }
}

// When the socket opens, the server counts the unread up to a number; later ones are counted here.
function onFrame({ event, data }) {
  if (event === "user_connected") {
    setState("Live");
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
  button.addEventListener("click", () => markReadEverywhere(notification._id));
  rows.set(notification._id, row);
  $("list").prepend(row);
  if (notification.read) showAsRead(row);
}

// The API tells all sockets of the user, so this page as well.
const markReadEverywhere = (id) => decode.notifications.markRead({ notification_id: id }).catch(showError);

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

$("read-all").addEventListener("click", () => decode.notifications.markAllRead().catch(showError));
$("sign-out").addEventListener("click", async () => {
  await decode.signOut().catch(showError);
  signedOut("Signed out");
});

function signedOut(why) {
  following?.abort();
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
