// The WebSocket: opened with a ticket, reopened whenever it is lost, resumed from the last number received.

const FINAL = new Map([
  [4401, "Please sign in again."],
  [4403, "This page may not connect: its origin is not in DECODE_CORS_ORIGINS."],
  [4409, "Your session has ended."],
]);
const ACK_MS = 1000;
const PING_MS = 20000;
const LONGEST_PAUSE_MS = 30000;

export function follow(api, { after, onFrame, onState, onEnd }) {
  let socket = null, timer = null, pause = 500, isStopped = false, last = after, acknowledged = after;

  async function connect() {
    try {
      const { data } = await api.call("POST", "/notifications/ticket");
      if (!isStopped) open(data.ticket);
    } catch (error) {
      if (error.name === "TypeError") again();
      else end(error.message);
    }
  }

  function open(ticket) {
    socket = new WebSocket(api.socketAddress(last), ["decode.v1", `decode.ticket.${ticket}`]);
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = ({ code }) => (FINAL.has(code) ? end(FINAL.get(code)) : again());
  }

  function receive(frame) {
    pause = 500;
    if (frame.event === "user_connected") onState("Live");
    if (frame.event === "notification_received") last = frame.data.seq;
    onFrame(frame);
  }

  function again() {
    if (isStopped) return;
    onState("Connection lost. Trying again…");
    timer = setTimeout(connect, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }

  function end(why) {
    if (!isStopped) onEnd(why);
    stop();
  }

  function say(event, data = {}) {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event, data }));
  }

  // A number acknowledges all before it, so one ack per second is enough.
  function acknowledge() {
    if (last > acknowledged) say("ack", { seq: (acknowledged = last) });
  }

  function stop() {
    isStopped = true;
    clearTimeout(timer);
    clearInterval(acknowledging);
    clearInterval(pinging);
    socket?.close();
  }

  const acknowledging = setInterval(acknowledge, ACK_MS);
  const pinging = setInterval(() => say("ping"), PING_MS);
  connect();
  return { markRead: (notificationId) => say("mark_notification_read", { notificationId }), stop };
}
