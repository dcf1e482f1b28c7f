// One WebSocket as a row of frames, which finds out when the server is gone.

const PING_MS = 20_000;
const OPEN = 1;
/** What a browser says of a connection that broke (RFC 6455, 7.4.1). */
const BROKEN = 1006;

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

export class Connection<Frame extends { event: string }> {
  /** The code with which it was closed. */
  closeCode: number | null = null;
  hasHeard = false;
  /** Called before the app closes it. */
  beforeClose = () => {};
  #frames: Frame[] = [];
  #isHeard = true;
  #wake = () => {};
  /** Of each ping that is not answered yet, whether it is the app's: only its pong is a frame for it. */
  #pings: boolean[] = [];
  #timer = setInterval(() => this.#check(), PING_MS);

  /** `token`: sent first, where no ticket has opened the socket. */
  constructor(
    private readonly socket: WebSocketLike,
    token?: string,
  ) {
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    if (token) socket.onopen = () => this.say("authenticate", { token });
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

  /** Nothing happens if the connection is lost: `next` tells. */
  say(event: string, data: object): void {
    if (this.socket.readyState !== OPEN) return;
    if (event === "ping") this.#pings.push(true);
    this.socket.send(JSON.stringify({ event, data }));
  }

  close(): void {
    this.beforeClose();
    this.socket.close();
    this.#end(BROKEN);
  }

  #receive(frame: Frame): void {
    this.#isHeard = this.hasHeard = true;
    if (frame.event !== "pong" || this.#pings.shift()) this.#frames.push(frame);
    this.#wake();
  }

  // A browser may not notice for minutes that a network is gone.
  #check(): void {
    if (!this.#isHeard) return this.close();
    this.#isHeard = false;
    if (this.socket.readyState !== OPEN) return;
    this.#pings.push(false);
    this.socket.send(JSON.stringify({ event: "ping", data: {} }));
  }

  #end(code: number): void {
    this.closeCode ??= code;
    clearInterval(this.#timer);
    this.#wake();
  }
}
