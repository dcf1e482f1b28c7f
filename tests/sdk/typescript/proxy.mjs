// A proxy between client and API: it can refuse, delay or cut, as networks and gateways do, and knows what went through.

import { createServer, request as forward } from "node:http";
import { connect } from "node:net";
import { json } from "node:stream/consumers";

/** `decide(call)` may return an answer to give instead; or forward the request, and "cut" the
 * connection when the answer comes, or stay "silent". `change(body, call)` may return another body of an answer. */
export async function proxyTo(target, { decide = () => undefined, change } = {}) {
  const upstream = new URL(target);
  const seen = [];
  const sockets = new Set();
  const ways = [];

  const server = createServer(async (incoming, outgoing) => {
    const count = 1 + seen.filter(({ path }) => path === incoming.url).length;
    const call = { method: incoming.method, path: incoming.url, headers: incoming.headers, count };
    seen.push(call);
    const decision = decide(call);
    if (decision?.status) return respond(outgoing, decision);
    const options = { host: upstream.hostname, port: upstream.port, path: call.path, method: call.method };
    const passed = forward({ ...options, headers: call.headers }, (answer) => {
      if (decision === "silent") return answer.resume();
      if (decision === "cut") return answer.resume().on("end", () => outgoing.socket.destroy());
      if (change)
        return json(answer).then((body) => respond(outgoing, { status: answer.statusCode, body: change(body, call) }));
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });

  server.on("upgrade", (incoming, socket, head) => {
    const behind = connect(upstream.port, upstream.hostname, () => {
      const headers = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      behind.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    seen.push({ method: "UPGRADE", path: incoming.url, headers: incoming.headers });
    for (const side of [socket, behind]) side.on("error", () => {});
    sockets.add(socket).add(behind);
    ways.push([behind, socket]);
  });

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    calls: (path) => seen.filter((call) => call.path.startsWith(path)),
    cutSockets: () => sockets.forEach((socket) => socket.destroy()),
    /** From now on nothing reaches either side, and neither is told. */
    silenceSockets: () => sockets.forEach((socket) => socket.unpipe()),
    /** From now on what the API says does not arrive; what it is told does. */
    deafenSockets: () => ways.forEach(([from, to]) => from.unpipe(to)),
    close() {
      sockets.forEach((socket) => socket.destroy());
      server.closeAllConnections();
      server.close();
    },
  };
}

function respond(outgoing, { status, headers = {}, body }) {
  outgoing.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}
