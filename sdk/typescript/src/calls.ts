// A call: from an operation and its fields to the data of the answer, with the user's token.

import type { operations } from "./generated/contract.js";
import { ROUTES } from "./generated/operations.js";
import type { CallOptions, Route } from "./method.js";
import { sessionIn, SessionKeeper, type Session, type SessionStore } from "./session.js";
import { unlessAborted } from "./limits.js";
import { dataOf, send, type Answer, type Outgoing, type Patience } from "./transport.js";

/** What the API says of an access token that it takes no more. A refresh gives another, or tells the end for good. */
const STALE = new Set(["NotAuthenticated", "SessionExpired", "SessionRevoked"]);

/** RFC 9110, 9.2.2: a second arrival changes nothing. */
const IDEMPOTENT = new Set(["GET", "PUT", "DELETE"]);

export type FieldsOfCall = Record<string, unknown>;
export type Call = (id: keyof operations, fields?: FieldsOfCall, options?: CallOptions) => Promise<unknown>;

export class Calls {
  readonly sessions: SessionKeeper;

  constructor(
    private readonly baseUrl: string,
    private readonly fingerprint: string | undefined,
    private readonly patience: Patience,
    store: SessionStore,
    private readonly apiKey?: string,
  ) {
    this.sessions = new SessionKeeper(store, (token) => this.#refresh(token), `decode ${baseUrl}`);
  }

  /** `data` of the answer. A session that the answer opens is kept. Rejects with DecodeError. */
  readonly call: Call = async (id, fields = {}, { signal } = {}) => {
    const route = ROUTES[id];
    const request = this.#outgoing(route, fields, signal);
    const data = dataOf(await (route.isSigned ? this.#sendSigned(request) : this.#send(request)));
    const opened = sessionIn(data);
    if (opened) await this.sessions.open(opened);
    return data;
  };

  async #sendSigned(request: Outgoing): Promise<Answer> {
    if (this.apiKey) return this.#send(signed(request, this.apiKey));
    const token = (await this.sessions.current())?.access_token;
    if (!token) return this.#send(request);
    const answer = await this.#send(signed(request, token));
    if (!isStale(answer)) return answer;
    const renewed = await unlessAborted(this.sessions.renew(token), request.signal);
    return this.#send(signed(request, renewed.access_token));
  }

  // May be repeated: asked twice with one token, the API gives the same successor.
  async #refresh(sessionToken: string): Promise<Session> {
    const request = this.#outgoing(ROUTES["sessions.refresh"], { session_token: sessionToken }, undefined);
    return dataOf(await this.#send({ ...request, isRepeatable: true })) as Session;
  }

  #send(request: Outgoing): Promise<Answer> {
    return send(this.baseUrl, request, this.patience);
  }

  #outgoing(route: Route, fields: FieldsOfCall, signal: AbortSignal | undefined): Outgoing {
    const headers = this.#headers(route);
    const { path, rest } = placed(route, fields);
    const isRepeatable = IDEMPOTENT.has(route.method) || "Idempotency-Key" in headers;
    return {
      method: route.method,
      path,
      headers,
      body: route.hasBody ? JSON.stringify(rest) : null,
      isRepeatable,
      signal,
    };
  }

  #headers({ headers, hasBody }: Route): Record<string, string> {
    return {
      ...(hasBody && { "Content-Type": "application/json" }),
      ...(headers.includes("Idempotency-Key") && { "Idempotency-Key": newKey() }),
      ...(headers.includes("X-Fingerprint-Hash") && this.fingerprint && { "X-Fingerprint-Hash": this.fingerprint }),
    };
  }
}

// `crypto.randomUUID` is missing in pages without TLS.
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function signed(request: Outgoing, token: string): Outgoing {
  return { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } };
}

function isStale({ status, body }: Answer): boolean {
  return status === 401 && STALE.has((body as { error: string } | null)?.error ?? "");
}

/** The path with its fields and the query; and the fields that are in neither. */
function placed(route: Route, fields: FieldsOfCall): { path: string; rest: FieldsOfCall } {
  const rest = { ...fields };
  const take = (name: string) => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(take(name))));
  const asked = route.query
    .map((name) => [name, take(name)])
    .filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(asked.map(([name, value]) => [String(name), String(value)])).toString();
  return { path: query ? `${path}?${query}` : path, rest };
}
