// WebSockets that are opened again after a lost connection. Each is opened by a ticket, or by an API key in its first
// frame.

import { Connection, type WebSocketLike } from "./connection.js";
import { DecodeError } from "./errors.js";
import type { ErrorName, Operations } from "./generated/operations.js";
import { sleep } from "./limits.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Close codes after which a client must not connect again. */
const FINAL: Record<number, [error: ErrorName, message: string]> = {
  4400: ["InvalidInput", "The id of the chat, or the number to go on from, is not valid."],
  4401: ["NotAuthenticated", "Please sign in again."],
  4403: ["Forbidden", "This page may not connect, as its origin is not in DECODE_CORS_ORIGINS, or this account or API key may not."],
  4409: ["SessionRevoked", "Your session has ended."],
};

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

export interface Watch {
  /** Ends it. */
  signal?: AbortSignal | undefined;
  /** The connection is lost, and will be opened again. */
  onLost?: (() => void) | undefined;
}

export class Sockets {
  constructor(
    private readonly createTicket: Operations["notifications"]["createTicket"],
    private readonly baseUrl: string,
    private readonly webSocket: WebSocketClass | undefined,
    private readonly apiKey?: string,
  ) {}

  /**
   * A connection, and another each time that the one before is lost or given up. `place`: path and query of the next.
   * Throws DecodeError when one was closed for good.
   */
  async *opened<Frame extends { event: string }>(
    place: () => string,
    { signal, onLost }: Watch,
  ): AsyncGenerator<Connection<Frame>, void, void> {
    let pause = FIRST_PAUSE_MS;
    while (!signal?.aborted) {
      const connection = await this.#connect<Frame>(place(), signal).catch((error) => nullUnlessFinal(error, signal));
      if (connection) yield* usedOnce(connection, signal);
      if (connection?.hasHeard) pause = FIRST_PAUSE_MS;
      if (signal?.aborted) return;
      onLost?.();
      // Clients of a restarted API do not come back all at once.
      await sleep(pause * (0.5 + Math.random() / 2), signal).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }

  async #connect<Frame extends { event: string }>(place: string, signal?: AbortSignal): Promise<Connection<Frame>> {
    if (!this.webSocket) throw new TypeError("There is no WebSocket here: give the client that of the package ws.");
    const url = this.baseUrl.replace(/^http/, "ws") + place;
    if (this.apiKey) return new Connection(new this.webSocket(url, ["decode.v1"]), this.apiKey);
    const { ticket } = await this.createTicket({}, { signal });
    return new Connection(new this.webSocket(url, ["decode.v1", `decode.ticket.${ticket}`]));
  }
}

/** The connection until its user is done with it. Throws DecodeError if it was closed for good. */
async function* usedOnce<Frame extends { event: string }>(
  connection: Connection<Frame>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Connection<Frame>, void, void> {
  const close = () => connection.close();
  signal?.addEventListener("abort", close);
  if (signal?.aborted) close();
  try {
    yield connection;
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
