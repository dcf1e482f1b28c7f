// What is asked and heard in one chat, over one connection after the other.

import { callEventIn } from "./call-events.js";
import type { Connection } from "./connection.js";
import { DecodeError } from "./errors.js";
import { endOf, Questions, refusalIn, refusalOfLong, type ChatFrame, type Question } from "./questions.js";
import type { Sockets, Watch } from "./sockets.js";
import { Turn, withResolvers } from "./turn.js";

export interface TalkOptions extends Watch {
  /** The chat that goes on. Without it a new one begins. */
  chatId?: string | undefined;
  /** The chat is there, at first and after each lost connection. */
  onLive?: (() => void) | undefined;
}

type Greeting = Extract<ChatFrame, { event: "session_created" | "session_restored" }>;
type OpenTurn = Extract<ChatFrame, { event: "session_restored" }>["data"]["openTurns"][number];
type TurnFrame = Extract<ChatFrame, { data: { turn_id?: string } }>;

export class Conversation {
  chatId: string;
  /** The number of the last message, when the chat was opened. */
  seq = 0;
  /** Those that are told here, until they are over. */
  readonly turns = new Map<string, Turn>();
  /** Called with each turn that was not told here before, and with null when there may have been others. */
  readonly listeners = new Set<(turn: Turn | null) => void>();
  readonly begun: Promise<void>;
  /** Resolves after `leave`. Rejects when the chat or the session has ended. */
  readonly closed: Promise<void>;
  #questions: Questions | null = null;
  #unanswered = new Set<Question>();
  #live = new Map<string, OpenTurn>();
  #failure: DecodeError | null = null;
  #leaving = new AbortController();
  #isBegun = false;
  #beginning = withResolvers<void>();

  constructor(
    private readonly sockets: Sockets,
    private readonly options: TalkOptions,
  ) {
    this.chatId = options.chatId ?? "";
    this.begun = this.#beginning.promise;
    const leave = () => this.leave();
    options.signal?.addEventListener("abort", leave);
    this.closed = this.#run().finally(() => options.signal?.removeEventListener("abort", leave));
    this.closed.catch(() => {}); // An end that the app does not ask for is no error of the program.
  }

  leave(): void {
    this.#leaving.abort();
  }

  /** Sends a question, again after each lost connection. What `read` makes of its answer. */
  ask<Event extends ChatFrame["event"], Result>(
    asked: Pick<Question, "event" | "data" | "isRepeated" | "callId">,
    answeredBy: Event,
    read: (frame: Extract<ChatFrame, { event: Event }>) => Result,
  ): Promise<Result> {
    const refusal = this.#failure ?? refusalOfLong(asked);
    if (refusal) return Promise.reject(refusal);
    const { promise, resolve, reject } = withResolvers<Result>();
    const onAnswer = (frame: ChatFrame) => resolve(read(frame as Extract<ChatFrame, { event: Event }>));
    const question: Question = { ...asked, answeredBy, onAnswer, onRefusal: reject };
    this.#unanswered.add(question);
    this.#questions?.send(question);
    return promise.finally(() => this.#unanswered.delete(question));
  }

  /** The turn with this id, which hears what comes from now on. */
  turn(turnId: string, message = ""): Turn {
    const known = this.turns.get(turnId);
    const turn = known ?? new Turn(turnId);
    turn.message ||= message;
    this.turns.set(turnId, turn);
    if (!known) this.#announce(turn);
    return turn;
  }

  /** The turn with this id, from its beginning. It fails with `TurnNotFound` if there is none. Throws DecodeError. */
  resume(turnId: string): Turn {
    if (this.#failure) throw this.#failure;
    const known = this.turns.get(turnId);
    const turn = known ?? this.turn(turnId);
    if (!known) this.#resume(turn);
    return turn;
  }

  async #run(): Promise<void> {
    const watch = { signal: this.#leaving.signal, onLost: () => this.#lost() };
    const place = () => `/assistant${this.chatId && `?chat_id=${encodeURIComponent(this.chatId)}`}`;
    try {
      for await (const connection of this.sockets.opened<ChatFrame>(place, watch)) await this.#converse(connection);
      this.#end(new DecodeError("ChatLeft", "The chat was left."), this.options.signal?.reason);
    } catch (error) {
      const refusal = error instanceof DecodeError ? error : new DecodeError("ChatLost", `${error}`, { cause: error });
      this.#end(refusal, error);
      throw error;
    }
  }

  #lost(): void {
    this.#questions = null;
    this.options.onLost?.();
  }

  /** Goes on where the connection before was lost. Throws DecodeError when the chat has ended. */
  async #converse(connection: Connection<ChatFrame>): Promise<void> {
    for (let frame = await connection.next(); frame; frame = await connection.next()) {
      if (frame.event === "session_expired" || frame.event === "session_destroyed") throw endOf(frame);
      if (frame.event === "session_created" || frame.event === "session_restored") this.#greet(connection, frame);
      else if (!this.#hear(frame)) return;
    }
  }

  #greet(connection: Connection<ChatFrame>, { data }: Greeting): void {
    if (this.chatId && data.sessionId !== this.chatId) throw new DecodeError("ChatNotFound", "There is no such chat.");
    const open = "openTurns" in data ? data.openTurns : [];
    this.chatId = data.sessionId;
    this.#live = new Map(open.map((turn) => [turn.turn_id, turn]));
    if (!this.#isBegun && "messageCount" in data) this.seq = data.messageCount + open.length;
    this.#isBegun = true;
    this.#questions = new Questions(connection);
    for (const question of this.#unanswered) this.#questions.send(question);
    for (const turnId of this.#live.keys()) this.turn(turnId);
    for (const turn of this.turns.values()) this.#resume(turn);
    this.#beginning.resolve();
    this.#announce(null); // What was begun and ended meanwhile is told by nothing.
    this.options.onLive?.();
  }

  /** Takes a frame. Those of a later API are ignored. False if the API could not go on with a turn now. */
  #hear(frame: ChatFrame): boolean {
    const turnId = frame.data && "turn_id" in frame.data ? frame.data.turn_id : undefined;
    if (!turnId || frame.event === "message_accepted") return this.#settle(frame);
    const turn = frame.event === "stream_start" ? this.turn(turnId) : this.turns.get(turnId);
    if (turn) this.#tell(turn, frame as TurnFrame);
    return true;
  }

  /** Takes what is told of a turn, also of one that was begun elsewhere. Nothing comes after its end. */
  #tell(turn: Turn, frame: TurnFrame): void {
    switch (frame.event) {
      case "stream_start":
        return turn.begin(frame.data.attempt);
      case "stream_chunk":
        return turn.take(frame.data);
      case "stream_reset":
        return turn.reset(frame.data.part);
      case "stream_end":
        this.turns.delete(turn.turnId);
        return turn.finish(frame.data);
      case "error":
        this.turns.delete(turn.turnId);
        return turn.fail(refusalIn(frame)!);
      case "approval_requested":
      case "approval_closed":
      case "tool_started":
      case "tool_result":
        return turn.takeCall(callEventIn(frame));
    }
  }

  #settle(frame: ChatFrame): boolean {
    const question = this.#questions?.answer(frame);
    if (!question) return true;
    const { refusal, event } = question;
    if (refusal && event === "resume" && refusal.error !== "TurnNotFound") return false;
    if (refusal) question.onRefusal(refusal);
    else question.onAnswer(frame);
    const turn = frame.event === "message_accepted" && this.turns.get(frame.data.turn_id);
    if (turn && question.isRepeated) this.#resume(turn);
    return true;
  }

  #resume(turn: Turn): void {
    const { turnId } = turn;
    const live = this.#live.get(turnId);
    const [part, offset] = live ? turn.askFrom([live.part, live.offset], live.attempt) : turn.askFrom();
    const onRefusal = (refusal: DecodeError) => {
      this.turns.delete(turnId);
      turn.fail(refusal);
    };
    const data = { turn_id: turnId, attempt: turn.attempt, part, offset };
    this.#questions?.send({ event: "resume", data, answeredBy: "pong", onAnswer: () => {}, onRefusal });
  }

  #announce(turn: Turn | null): void {
    for (const listener of this.listeners) listener(turn);
  }

  #end(refusal: DecodeError, reason: unknown): void {
    [this.#failure, this.#questions] = [refusal, null];
    for (const question of this.#unanswered) question.onRefusal(refusal);
    for (const turn of this.turns.values()) turn.fail(refusal);
    this.#beginning.reject(reason ?? refusal);
    this.#announce(null);
  }
}
