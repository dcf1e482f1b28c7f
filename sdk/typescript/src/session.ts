// The session of the signed-in user: where it is kept, and how it is renewed once for all who need it.

import { DecodeError } from "./errors.js";
import type { components } from "./generated/contract.js";

export type Session = components["schemas"]["SessionView"] & { access_token: string; session_token: string };

/** Where an app keeps the session. `null` means signed out. */
export interface SessionStore {
  read(): Session | null | Promise<Session | null>;
  write(session: Session | null): void | Promise<void>;
}

/** Until the page is left or the process ends. */
export class MemoryStore implements SessionStore {
  #session: Session | null = null;

  read(): Session | null {
    return this.#session;
  }

  write(session: Session | null): void {
    this.#session = session;
  }
}

/** New tokens for a session token. Rejects with DecodeError. */
export type Refresh = (sessionToken: string) => Promise<Session>;

export class SessionKeeper {
  #renewal: Promise<Session> | null = null;

  /** `lock`: a name that all tabs with the same store have in common. */
  constructor(
    private readonly store: SessionStore,
    private readonly refresh: Refresh,
    private readonly lock: string,
  ) {}

  async current(): Promise<Session | null> {
    return this.store.read();
  }

  async open(session: Session): Promise<void> {
    await this.store.write(session);
  }

  /** Forget the session, and return it. */
  async close(): Promise<Session | null> {
    const session = await this.store.read();
    await this.store.write(null);
    return session;
  }

  /** A session with another access token than the refused one. Rejects with DecodeError; a refusal signs out. */
  renew(refusedToken: string): Promise<Session> {
    this.#renewal ??= this.#alone(() => this.#renewed(refusedToken)).finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  // Tabs share a store, and each has a client: without the lock each would refresh.
  async #alone(renew: () => Promise<Session>): Promise<Session> {
    const locks = globalThis.navigator?.locks;
    return locks ? locks.request(this.lock, renew) : renew();
  }

  async #renewed(refusedToken: string): Promise<Session> {
    const session = await this.store.read();
    if (!session) throw new DecodeError("NotAuthenticated", "Please sign in.", { status: 401 });
    if (session.access_token !== refusedToken) return session;
    try {
      const successor = await this.refresh(session.session_token);
      await this.#replace(session, successor);
      return successor;
    } catch (error) {
      // Whatever else went wrong, the session token is as good as before: the API gives the same successor again.
      if (error instanceof DecodeError && error.status === 401 && error.error !== "Unreachable") {
        await this.#replace(session, null);
      }
      throw error;
    }
  }

  /** Nothing if the user signed out, or in again, in the meantime. */
  async #replace(known: Session, next: Session | null): Promise<void> {
    const current = await this.store.read();
    if (current?.session_token === known.session_token) await this.store.write(next);
  }
}

/** The session that an answer opens, if it does. */
export function sessionIn(data: unknown): Session | null {
  const opened = (data as { session?: unknown } | null)?.session ?? data;
  const { access_token, session_token } = (opened ?? {}) as Partial<Session>;
  return typeof access_token === "string" && typeof session_token === "string" ? (opened as Session) : null;
}
