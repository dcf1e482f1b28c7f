// What a client asks on a socket, and which answer belongs to what.

import type { Connection } from "./connection.js";
import { DecodeError, type ErrorCode } from "./errors.js";
import type { components } from "./generated/contract.js";

/** A frame of a chat. Newer versions of the API have events that this client does not list. */
export type ChatFrame = components["schemas"]["ChatFrame"];

/** docs/asyncapi.yaml, 1009. */
const MAX_FRAME_BYTES = 64 * 1024;

type ChatEnd = Extract<ChatFrame, { event: "session_expired" | "session_destroyed" }>;

export interface Question {
  event: string;
  data: object;
  /** The event of its answer; `pong` where it has none of its own, then a ping follows it. */
  answeredBy: ChatFrame["event"];
  onAnswer: (frame: ChatFrame) => void;
  onRefusal: (refusal: DecodeError) => void;
  /** It may have been sent before, by the app or on a connection that was lost. */
  isRepeated?: boolean;
  isSent?: boolean;
  refusal?: DecodeError | null;
}

/** The questions on one connection. The API answers them one after the other, in the order in which it got them. */
export class Questions {
  #open: Question[] = [];

  constructor(private readonly connection: Connection<ChatFrame>) {}

  send(question: Question): void {
    const isRepeated = Boolean(question.isRepeated || question.isSent);
    this.#open.push(Object.assign(question, { isRepeated, isSent: true, refusal: null }));
    this.connection.say(question.event, question.data);
    if (question.answeredBy === "pong") this.connection.say("ping", {});
  }

  /** Takes a frame. The question that it settles, if any. */
  answer(frame: ChatFrame): Question | null {
    const question = this.#open[0];
    if (!question) return null;
    const refusal = refusalIn(frame);
    // What was asked before had its effect, though its answer was lost.
    const wasDone = question.isRepeated && refusal?.error === "TurnClosed";
    if (!wasDone) question.refusal ??= refusal;
    const isRefusedAtOnce = refusal !== null && question.answeredBy !== "pong";
    return frame.event === question.answeredBy || isRefusedAtOnce ? this.#open.shift()! : null;
  }
}

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
