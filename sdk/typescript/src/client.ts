import { Calls, type Call } from "./calls.js";
import { chatMethods, type ChatMethods } from "./chats.js";
import { flowMethods, type FlowMethods } from "./flows.js";
import type { operations } from "./generated/contract.js";
import { ROUTES, type Operations } from "./generated/operations.js";
import type { CallOptions } from "./method.js";
import { notificationMethods, type NotificationMethods } from "./notifications.js";
import { MemoryStore, type Session, type SessionStore } from "./session.js";
import { Sockets, type WebSocketClass } from "./sockets.js";

export interface DecodeOptions {
  /** Where the API is, such as `https://api.example.com`. */
  baseUrl: string;
  /** Where the session is kept. Without it, in memory. */
  store?: SessionStore;
  /** Acts as its owner within its scopes, instead of a session. Not for pages: who opens one can read it. */
  apiKey?: string;
  /** The fingerprint hash of this device, sent where the API asks for the session's own device. */
  fingerprint?: string;
  /** Milliseconds for one attempt of a request: 30 000. */
  timeout?: number;
  /** Milliseconds that a call spends at most on waiting for 429 and 503, as `Retry-After` says: 60 000. */
  maxWait?: number;
  /** Where there is no global one, as in Node 20: the class of the package `ws`. */
  webSocket?: WebSocketClass;
}

export interface DecodeClient extends Omit<Operations, "chats" | "flows" | "notifications"> {
  readonly chats: Operations["chats"] & ChatMethods;
  readonly flows: Operations["flows"] & FlowMethods;
  readonly notifications: Operations["notifications"] & NotificationMethods;
}

/** The API: a method for each operation, named as in the contract. All of them reject with DecodeError. */
export class DecodeClient {
  readonly #calls: Calls;

  constructor({
    baseUrl,
    store = new MemoryStore(),
    apiKey,
    fingerprint,
    timeout = 30_000,
    maxWait = 60_000,
    webSocket,
  }: DecodeOptions) {
    const url = baseUrl.replace(/\/+$/, "");
    this.#calls = new Calls(url, fingerprint, { timeout, maxWait }, store, apiKey);
    const methods = methodsBy(this.#calls.call);
    const sockets = new Sockets(methods.notifications.createTicket, url, webSocket ?? globalThis.WebSocket, apiKey);
    Object.assign(methods.chats, chatMethods(sockets));
    Object.assign(methods.flows, flowMethods(methods.flows));
    Object.assign(methods.notifications, notificationMethods(sockets));
    Object.assign(this, methods);
  }

  /** The session of the signed-in user, or null. */
  session(): Promise<Session | null> {
    return this.#calls.sessions.current();
  }

  /** End the session here, whatever happens, and at the API. Rejects with DecodeError if the API did not hear of it. */
  async signOut(options?: CallOptions): Promise<void> {
    const session = await this.#calls.sessions.close();
    if (session) await this.#calls.call("sessions.logout", { session_token: session.session_token }, options);
  }
}

function methodsBy(call: Call): Operations {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const id of Object.keys(ROUTES) as (keyof operations)[]) {
    const [group, name] = id.split(".") as [string, string];
    (groups[group] ??= {})[name] = (fields?: Record<string, unknown>, options?: CallOptions) =>
      call(id, fields, options);
  }
  return groups as unknown as Operations;
}
