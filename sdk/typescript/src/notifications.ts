// Notifications as they come. A connection is opened by a ticket, or by an API key in its first frame; when it is lost,
// another goes on from the last number.

import { Connection, type Frame, type WebSocketLike } from "./connection.js";
import { DecodeError } from "./errors.js";
import type { ErrorName, Operations } from "./generated/operations.js";
import { sleep } from "./limits.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Close codes after which a client must not connect again. */
const FINAL: Record<number, [error: ErrorName, message: string]> = {
  4401: ["NotAuthenticated", "Please sign in again."],
  4403: ["Forbidden", "This page may not connect, as its origin is not in DECODE_CORS_ORIGINS, or this account or API key may not."],
  4409: ["SessionRevoked", "Your session has ended."],
};

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

export interface FollowOptions {
  /** The last number that the app has. Everything newer follows. */
  after?: number;
  /** Ends the iteration. */
  signal?: AbortSignal | undefined;
  /** The connection is lost, and will be opened again. */
  onLost?: () => void;
}

export interface NotificationMethods {
  /**
   * Every notification above `after`, once and in order, with the frames between them. `user_connected` comes first, and
   * again after a lost connection. Throws DecodeError when the session has ended or the page may not connect.
   */
  follow(options?: FollowOptions): AsyncGenerator<Frame, void, void>;
}

export function notificationMethods(
  { createTicket }: Operations["notifications"],
  baseUrl: string,
  webSocket: WebSocketClass | undefined,
  apiKey?: string,
): NotificationMethods {
  async function connect(after: number, signal: AbortSignal | undefined): Promise<Connection> {
    if (!webSocket) throw new TypeError("There is no WebSocket here: give the client that of the package ws.");
    const url = `${baseUrl.replace(/^http/, "ws")}/notifications?after=${after}`;
    if (apiKey) return new Connection(new webSocket(url, ["decode.v1"]), after, apiKey);
    const { ticket } = await createTicket({}, { signal });
    return new Connection(new webSocket(url, ["decode.v1", `decode.ticket.${ticket}`]), after);
  }

  async function* follow({ after = 0, signal, onLost }: FollowOptions = {}): AsyncGenerator<Frame, void, void> {
    let last = after;
    let pause = FIRST_PAUSE_MS;
    while (!signal?.aborted) {
      const connection = await connect(last, signal).catch((error) => nullUnlessFinal(error, signal));
      for await (const frame of connection ? framesOf(connection, signal) : []) {
        pause = FIRST_PAUSE_MS;
        if (frame.event === "notification_received") {
          if (frame.data.seq <= last) continue;
          last = frame.data.seq;
        }
        yield frame;
        connection?.got(last);
      }
      if (signal?.aborted) return;
      onLost?.();
      // Clients of a restarted API do not come back all at once.
      await sleep(pause * (0.5 + Math.random() / 2), signal).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  return { follow };
}

/** The frames of one connection until it is lost. Throws DecodeError if it was closed for good. */
async function* framesOf(connection: Connection, signal: AbortSignal | undefined): AsyncGenerator<Frame, void, void> {
  const close = () => connection.close();
  signal?.addEventListener("abort", close);
  if (signal?.aborted) close();
  try {
    for (let frame = await connection.next(); frame; frame = await connection.next()) yield frame;
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
  const final = FINAL[connection.closeCode ?? 0];
  if (final && !signal?.aborted) throw new DecodeError(...final);
}

/** An API that is away or busy comes back; a refusal does not change. */
function nullUnlessFinal(error: unknown, signal: AbortSignal | undefined): null {
  if (signal?.aborted) return null;
  if (error instanceof DecodeError && ![401, 403].includes(error.status)) return null;
  throw error;
}
