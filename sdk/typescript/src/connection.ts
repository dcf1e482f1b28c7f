// One WebSocket as a row of frames. It says by itself what has been got, and finds out when the server is gone.

import type { components } from "./generated/contract.js";

const ACK_MS = 1_000;
const PING_MS = 20_000;
const OPEN = 1;
/** What a browser says of a connection that broke (RFC 6455, 7.4.1). */
const BROKEN = 1006;

/** A frame of the WebSocket. Newer versions of the API have events that this client does not list. */
export type Frame = components["schemas"]["Frame"];

/** The WebSocket of a browser, of Node from 22 on, or of the package `ws`. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
}

export class Connection {
  /** The code with which it was closed. */
  closeCode: number | null = null;
  #frames: Frame[] = [];
  #isHeard = true;
  #wake = () => {};
  #got: number;
  #acknowledged: number;
  #timers = [setInterval(() => this.#acknowledge(), ACK_MS), setInterval(() => this.#ping(), PING_MS)];

  /** `token`: sent first, where no ticket has opened the socket. */
  constructor(
    private readonly socket: WebSocketLike,
    after: number,
    token?: string,
  ) {
    this.#got = this.#acknowledged = after;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    if (token) socket.onopen = () => this.#say("authenticate", { token });
    socket.onclose = ({ code }) => this.#end(code);
    socket.onerror = () => {}; // A close follows.
  }

  /** The next frame; null after the last. */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0 && this.closeCode === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#frames.shift() ?? null;
  }

  /** The app has got everything up to this number. */
  got(seq: number): void {
    this.#got = seq;
  }

  close(): void {
    this.#acknowledge();
    this.socket.close();
    this.#end(BROKEN);
  }

  #receive(frame: Frame): void {
    this.#isHeard = true;
    if (frame.event !== "pong") this.#frames.push(frame);
    this.#wake();
  }

  // A number acknowledges all before it, so one ack per second is enough.
  #acknowledge(): void {
    if (this.#got > this.#acknowledged) this.#say("ack", { seq: (this.#acknowledged = this.#got) });
  }

  // A browser may not notice for minutes that a network is gone.
  #ping(): void {
    if (!this.#isHeard) return this.close();
    this.#isHeard = false;
    this.#say("ping", {});
  }

  #say(event: string, data: object): void {
    if (this.socket.readyState === OPEN) this.socket.send(JSON.stringify({ event, data }));
  }

  #end(code: number): void {
    this.closeCode ??= code;
    this.#timers.forEach(clearInterval);
    this.#wake();
  }
}
