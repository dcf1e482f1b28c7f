// What a client asks on a socket, and which answer belongs to what.

import type { Connection } from "./connection.js";
import { DecodeError, type ErrorCode } from "./errors.js";
import type { components } from "./generated/contract.js";

/** A frame of a chat. Newer versions of the API have events that this client does not list. */
export type ChatFrame = components["schemas"]["ChatFrame"];

/** docs/asyncapi.yaml, 1009. */
const MAX_FRAME_BYTES = 64 * 1024;

/** How a question is refused that had its effect before. */
const DONE = ["TurnClosed", "ApprovalClosed"];

type ChatEnd = Extract<ChatFrame, { event: "session_expired" | "session_destroyed" }>;

export interface Question {
  event: string;
  data: object;
  /** The event of its answer; `pong` where it has none of its own. A ping follows where a pong comes in its turn. */
  answeredBy: ChatFrame["event"];
  /** Of a call of a tool. */
  callId?: string;
  onAnswer: (frame: ChatFrame) => void;
  onRefusal: (refusal: DecodeError) => void;
  /** It may have been sent before, by the app or on a connection that was lost. */
  isRepeated?: boolean;
  isSent?: boolean;
  refusal?: DecodeError | null;
}

/**
 * The questions on one connection. The API answers them one after the other, in the order in which it got them, but for
 * the results of calls, which are named.
 */
export class Questions {
  #open: Question[] = [];
  #calls = new Map<Question, string>();

  constructor(private readonly connection: Connection<ChatFrame>) {}

  send(question: Question): void {
    const isRepeated = Boolean(question.isRepeated || question.isSent);
    this.#open.push(Object.assign(question, { isRepeated, isSent: true, refusal: null }));
    if (question.callId) this.#calls.set(question, question.callId);
    this.connection.say(question.event, question.data);
    if (settledBy(question) === "pong") this.connection.say("ping", {});
  }

  /** Takes a frame. The question that it settles, if any. */
  answer(frame: ChatFrame): Question | null {
    const refusal = refusalIn(frame);
    const callId = frame.data && "callId" in frame.data && frame.data.callId;
    if (callId) return this.#endCall(callId, refusal);
    const question = this.#open[0];
    if (!question) return null;
    // What was asked before had its effect, though its answer was lost.
    const wasDone = question.isRepeated && DONE.includes(refusal?.error ?? "");
    if (!wasDone) question.refusal ??= refusal;
    const isRefusedAtOnce = refusal !== null && settledBy(question) !== "pong";
    if (frame.event !== settledBy(question) && !isRefusedAtOnce) return null;
    this.#open.shift();
    return question.callId ? this.#refusedCall(question) : question;
  }

  #endCall(callId: string, refusal: DecodeError | null): Question | null {
    const [question] = [...this.#calls].find(([, id]) => id === callId) ?? [];
    if (!question) return null;
    this.#calls.delete(question);
    return Object.assign(question, { refusal });
  }

  /** A call that was not taken; of any other the result comes, or has come. */
  #refusedCall(question: Question): Question | null {
    return question.refusal && this.#calls.delete(question) ? question : null;
  }
}

/** The event that comes in its turn: the result of a call may come long after the answers to later questions. */
const settledBy = ({ callId, answeredBy }: Question) => (callId ? "pong" : answeredBy);

/** The refusal of what is longer than the API takes: it would close the connection, each time again. */
export function refusalOfLong({ event, data }: Pick<Question, "event" | "data">): DecodeError | null {
  const { length } = new TextEncoder().encode(JSON.stringify({ event, data }));
  return length > MAX_FRAME_BYTES ? new DecodeError("InvalidInput", "The message is too long.") : null;
}

/** What a frame refuses. Nothing is answered over HTTP: but for the limit, its status is 0. */
export function refusalIn(frame: ChatFrame): DecodeError | null {
  if (frame.event === "rate_limit") {
    return new DecodeError("RateLimited", frame.data.message, { status: 429, retryAfter: frame.data.retryAfter });
  }
  return frame.event === "error" ? new DecodeError(frame.data.error, frame.data.message, { details: frame.data }) : null;
}

/** How the chat has ended. */
export function endOf({ data }: ChatEnd): DecodeError {
  const [error, message] = ENDS[data.reason] ?? ENDS.idle;
  return new DecodeError(error, message, { details: data });
}

const ENDS: Record<ChatEnd["data"]["reason"], [ErrorCode, string]> = {
  idle: ["ChatExpired", "The chat has ended, as nothing was said for a while."],
  grace: ["ChatExpired", "The chat has ended, as its user was away."],
  evicted: ["ChatExpired", "The chat has ended, as there were too many."],
  deleted: ["ChatNotFound", "The chat was deleted."],
};
