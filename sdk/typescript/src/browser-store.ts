import type { Session, SessionStore } from "./session.js";

const STORE = "sessions";
const KEY = "current";

/**
 * In the browser, for all tabs of the app. Every script of the page can read it. In IndexedDB, as a tab may read
 * `localStorage` as it was before another tab wrote, and would refresh a second time.
 */
export class BrowserStore implements SessionStore {
  #database: Promise<IDBDatabase> | null = null;

  constructor(private readonly name = "decode") {}

  async read(): Promise<Session | null> {
    const sessions = await this.#sessions("readonly");
    return (await resultOf(sessions.get(KEY))) ?? null;
  }

  async write(session: Session | null): Promise<void> {
    const sessions = await this.#sessions("readwrite");
    await resultOf(sessions.put(session, KEY));
  }

  async #sessions(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#database ??= opened(this.name);
    return (await this.#database).transaction(STORE, mode).objectStore(STORE);
  }
}

function opened(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return resultOf(opening);
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
