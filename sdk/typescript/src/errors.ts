import type { ErrorName } from "./generated/operations.js";

/** The API's name of a refusal. Newer versions of the API have names that this client does not list. */
export type ErrorCode = ErrorName | "Unreachable" | (string & {});

interface Problem {
  error?: unknown;
  message?: unknown;
  details?: unknown;
  requestId?: unknown;
}

interface Facts {
  status?: number;
  details?: unknown;
  requestId?: string | null;
  retryAfter?: number | null;
  cause?: unknown;
}

/** A refusal of the API. `Unreachable` is ours: no answer came, or one that is not the API's. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /** The HTTP status, 0 if there was no answer. */
  readonly status: number;
  readonly details: unknown;
  /** What the operators find the request by. */
  readonly requestId: string | null;
  /** Seconds after which a repeat can succeed, if the API named them. */
  readonly retryAfter: number | null;

  constructor(
    readonly error: ErrorCode,
    message: string,
    { status = 0, details, requestId = null, retryAfter = null, cause }: Facts = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** The refusal in an answer. An answer without a name in it comes from something between the client and the API. */
export function refusalIn(status: number, headers: Headers, body: unknown): DecodeError {
  const { error, message, details, requestId } = (body ?? {}) as Problem;
  const isNamed = typeof error === "string";
  return new DecodeError(
    isNamed ? error : "Unreachable",
    isNamed ? String(message) : `Not an answer of the API: HTTP ${status}.`,
    {
      status,
      details,
      requestId: typeof requestId === "string" ? requestId : headers.get("X-Request-ID"),
      retryAfter: retryAfterIn(headers),
    },
  );
}

/** Seconds that the header asks to wait: a number or a date (RFC 9110, 10.2.3). Null without the header. */
export function retryAfterIn(headers: Headers): number | null {
  const header = headers.get("Retry-After");
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}
