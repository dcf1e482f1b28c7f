// Notifications as they come. When a connection is lost, another goes on from the last number.

import type { Connection } from "./connection.js";
import type { components } from "./generated/contract.js";
import type { Sockets, Watch } from "./sockets.js";

const ACK_MS = 1_000;

/** A frame of the WebSocket. Newer versions of the API have events that this client does not list. */
export type Frame = components["schemas"]["Frame"];

export interface FollowOptions extends Watch {
  /** The last number that the app has. Everything newer follows. */
  after?: number;
}

export interface NotificationMethods {
  /**
   * Every notification above `after`, once and in order, with the frames between them. `user_connected` comes first, and
   * again after a lost connection. Throws DecodeError when the session has ended or the page may not connect.
   */
  follow(options?: FollowOptions): AsyncGenerator<Frame, void, void>;
}

export function notificationMethods(sockets: Sockets): NotificationMethods {
  async function* follow({ after = 0, ...watch }: FollowOptions = {}): AsyncGenerator<Frame, void, void> {
    let last = after;
    for await (const connection of sockets.opened<Frame>(() => `/notifications?after=${last}`, watch)) {
      const got = acknowledging(connection, last);
      for (let frame = await connection.next(); frame; frame = await connection.next()) {
        if (frame.event === "notification_received") {
          if (frame.data.seq <= last) continue;
          last = frame.data.seq;
        }
        yield frame;
        got(last);
      }
    }
  }

  return { follow };
}

/** Says once a second, and at the end, what the app has got: a number acknowledges all before it. */
function acknowledging(connection: Connection<Frame>, acknowledged: number): (seq: number) => void {
  let got = acknowledged;
  const acknowledge = () => {
    if (connection.closeCode !== null) return clearInterval(timer);
    if (got > acknowledged) connection.say("ack", { seq: (acknowledged = got) });
  };
  const timer = setInterval(acknowledge, ACK_MS);
  connection.beforeClose = () => {
    acknowledge();
    clearInterval(timer);
  };
  return (seq) => (got = seq);
}
