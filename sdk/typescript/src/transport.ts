// One request until it is answered: waits as the API asks, and repeats what may be repeated after a lost answer.

import { DecodeError, refusalIn, retryAfterIn } from "./errors.js";
import { limited, sleep } from "./limits.js";

const LOST_ANSWERS = 3;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

export interface Outgoing {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** Whether a second arrival of the same request changes nothing. */
  isRepeatable: boolean;
  signal: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface Patience {
  /** Milliseconds for one attempt. */
  timeout: number;
  /** Milliseconds that a call spends on waiting for 429 and 503 altogether. */
  maxWait: number;
}

/** An answer of any status. Rejects with DecodeError `Unreachable` when none came, or with the signal's reason. */
export async function send(baseUrl: string, request: Outgoing, patience: Patience): Promise<Answer> {
  let waitLeft = patience.maxWait;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOf(baseUrl, request, patience.timeout);
    const pause = pauseAfter(outcome, attempt, request.isRepeatable);
    if (pause === null || pause > waitLeft) {
      if (outcome instanceof DecodeError) throw outcome;
      return outcome;
    }
    waitLeft -= pause;
    await sleep(pause, request.signal);
  }
}

async function attemptOf(baseUrl: string, request: Outgoing, timeout: number): Promise<Answer | DecodeError> {
  const { method, path, headers, body, signal } = request;
  const fetched = async (limit: AbortSignal) => {
    const response = await fetch(baseUrl + path, { method, headers, body, signal: limit });
    return { status: response.status, headers: response.headers, body: await bodyOf(response) };
  };
  try {
    return await limited(fetched, { signal, timeout });
  } catch (cause) {
    signal?.throwIfAborted();
    return new DecodeError("Unreachable", "The API did not answer.", { cause });
  }
}

/** JSON parsed, anything else as it came. */
async function bodyOf(response: Response): Promise<unknown> {
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  return isJson ? response.json() : response.blob();
}

/** Milliseconds until the next attempt; null if there is none. */
function pauseAfter(outcome: Answer | DecodeError, attempt: number, isRepeatable: boolean): number | null {
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  if (outcome instanceof DecodeError) return isRepeatable && attempt < LOST_ANSWERS ? backoff : null;
  if (outcome.status !== 429 && outcome.status !== 503) return null;
  const asked = retryAfterIn(outcome.headers);
  return asked === null ? backoff : Math.max(asked * 1000, FIRST_PAUSE_MS);
}

/** `data` of the answer; an answer outside the envelope as a whole. Throws the refusal as DecodeError. */
export function dataOf({ status, headers, body }: Answer): unknown {
  if (status >= 400 || isPage(body)) throw refusalIn(status, headers, body);
  return isEnvelope(body) ? body.data : body;
}

// Of the network, which wants its terms accepted first.
const isPage = (body: unknown) => body instanceof Blob && body.type.startsWith("text/html");

const isEnvelope = (body: unknown): body is { data: unknown } =>
  typeof body === "object" && body !== null && "success" in body && "data" in body;
