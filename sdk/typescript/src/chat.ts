// A chat with the assistant that is kept up over lost connections.

import { newKey } from "./calls.js";
import type { Connection } from "./connection.js";
import { DecodeError } from "./errors.js";
import type { components } from "./generated/contract.js";
import { endOf, Questions, refusalIn, refusalOfLong, type ChatFrame, type Question } from "./questions.js";
import type { Sockets, Watch } from "./sockets.js";
import { Turn, withResolvers } from "./turn.js";

export type History = components["schemas"]["History"];

export interface TalkOptions extends Watch {
  /** The chat that goes on. Without it a new one begins. */
  chatId?: string | undefined;
  /** The chat is there, at first and after each lost connection. */
  onLive?: (() => void) | undefined;
}

export interface SayOptions {
  /** What happens while another message is answered: it waits (`queue`), ends the other, or is refused. */
  mode?: "queue" | "interrupt" | "reject";
  /** The same id is the same turn. */
  messageId?: string;
}

type Greeting = Extract<ChatFrame, { event: "session_created" | "session_restored" }>;
type OpenTurn = Extract<ChatFrame, { event: "session_restored" }>["data"]["openTurns"][number];

/**
 * What is asked while the connection is away is asked again on the next one. All methods reject with DecodeError: for
 * what was refused, by the API's name, and for all that comes after the end of the chat or of the session.
 */
export class Chat {
  chatId: string;
  /** The turns that were open when the chat was restored. */
  openTurns: readonly Turn[] = [];
  /** Resolves after `close`. Rejects when the chat (ChatExpired, ChatNotFound) or the session has ended. */
  readonly closed: Promise<void>;
  #questions: Questions | null = null;
  #unanswered = new Set<Question>();
  #turns = new Map<string, Turn>();
  #live = new Map<string, OpenTurn>();
  #failure: DecodeError | null = null;
  #leaving = new AbortController();
  #isBegun = false;
  #begun = withResolvers<void>();

  private constructor(
    private readonly sockets: Sockets,
    private readonly options: TalkOptions,
  ) {
    this.chatId = options.chatId ?? "";
    const leave = () => this.close();
    options.signal?.addEventListener("abort", leave);
    this.closed = this.#run().finally(() => options.signal?.removeEventListener("abort", leave));
    this.closed.catch(() => {}); // An end that the app does not ask for is no error of the program.
  }

  /** Rejects with DecodeError, or with the signal's reason. @internal */
  static async begun(sockets: Sockets, options: TalkOptions): Promise<Chat> {
    options.signal?.throwIfAborted();
    const chat = new Chat(sockets, options);
    await chat.#begun.promise;
    return chat;
  }

  /** Its turn, once the message is accepted. Rejects with DecodeError, `RateLimited` among others. */
  say(text: string, { mode = "queue", messageId }: SayOptions = {}): Promise<Turn> {
    const data = { text, mode, message_id: messageId ?? newKey() };
    const asked = { event: "user_message_stream", data, isRepeated: Boolean(messageId) };
    return this.#ask(asked, "message_accepted", ({ data }) => this.#turn(data.turn_id));
  }

  /** End an answer; what was said stays. Rejects with DecodeError, `TurnClosed` if it is over. */
  async stop(turnId: string): Promise<void> {
    await this.#ask({ event: "stop_turn", data: { turn_id: turnId } }, "pong", () => {});
  }

  /** Have a message answered anew whose answer has failed or was stopped. */
  async retry(turnId: string): Promise<Turn> {
    const isOpen = this.#turns.has(turnId);
    const turn = this.#turn(turnId);
    try {
      await this.#ask({ event: "retry_turn", data: { turn_id: turnId } }, "pong", () => {});
    } catch (error) {
      if (!isOpen) this.#turns.delete(turnId);
      throw error;
    }
    return turn;
  }

  /** Messages of the chat, the newest, or those with a lower number than `before`. */
  history(wanted: { before?: number; limit?: number } = {}): Promise<History> {
    return this.#ask({ event: "get_history", data: wanted }, "conversation_history", ({ data }) => data);
  }

  /** Leave the chat. It stays: talk on with its `chatId`. */
  close(): void {
    this.#leaving.abort();
  }

  async #run(): Promise<void> {
    const watch = { signal: this.#leaving.signal, onLost: () => this.#lost() };
    const place = () => `/assistant${this.chatId && `?chat_id=${encodeURIComponent(this.chatId)}`}`;
    try {
      for await (const connection of this.sockets.opened<ChatFrame>(place, watch)) await this.#converse(connection);
      this.#end(new DecodeError("ChatLeft", "The chat was left."), this.options.signal?.reason);
    } catch (error) {
      const refusal = error instanceof DecodeError ? error : new DecodeError("ChatLost", String(error), { cause: error });
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
    if (!this.#isBegun) this.openTurns = open.map(({ turn_id }) => this.#turn(turn_id));
    this.#isBegun = true;
    this.#questions = new Questions(connection);
    for (const question of this.#unanswered) this.#questions.send(question);
    for (const turn of this.#turns.values()) this.#resume(turn);
    this.#begun.resolve();
    this.options.onLive?.();
  }

  /**
   * Takes a frame. Those of a later API, and of turns that were begun elsewhere, are ignored. False if the API could not
   * go on with a turn now.
   */
  #hear(frame: ChatFrame): boolean {
    if (frame.event === "stream_start") this.#turns.get(frame.data.turn_id)?.begin(frame.data.attempt);
    else if (frame.event === "stream_chunk") this.#turns.get(frame.data.turn_id)?.take(frame.data);
    else if (frame.event === "stream_end") this.#taken(frame.data.turn_id)?.finish(frame.data);
    else if (frame.event === "error" && frame.data.turn_id) this.#taken(frame.data.turn_id)?.fail(refusalIn(frame)!);
    else return this.#settle(frame);
    return true;
  }

  #settle(frame: ChatFrame): boolean {
    const question = this.#questions?.answer(frame);
    if (!question) return true;
    const { refusal, event } = question;
    if (refusal && event === "resume" && refusal.error !== "TurnNotFound") return false;
    if (refusal) question.onRefusal(refusal);
    else question.onAnswer(frame);
    const turn = frame.event === "message_accepted" && this.#turns.get(frame.data.turn_id);
    if (turn && question.isRepeated) this.#resume(turn);
    return true;
  }

  #resume(turn: Turn): void {
    const { turnId } = turn;
    const live = this.#live.get(turnId);
    const [part, offset] = live ? turn.askFrom([live.part, live.offset], live.attempt) : turn.askFrom();
    this.#questions?.send({
      event: "resume",
      data: { turn_id: turnId, attempt: turn.attempt, part, offset },
      answeredBy: "pong",
      onAnswer: () => {},
      onRefusal: (refusal) => this.#taken(turnId)?.fail(refusal),
    });
  }

  /** The turn with this id, which hears what comes from now on. */
  #turn(turnId: string): Turn {
    const turn = this.#turns.get(turnId) ?? new Turn(turnId);
    this.#turns.set(turnId, turn);
    return turn;
  }

  /** The turn with this id, which hears nothing more. */
  #taken(turnId: string): Turn | undefined {
    const turn = this.#turns.get(turnId);
    this.#turns.delete(turnId);
    return turn;
  }

  /** Sends a question, again after each lost connection. What `read` makes of its answer. */
  #ask<Event extends ChatFrame["event"], Result>(
    asked: Pick<Question, "event" | "data" | "isRepeated">,
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

  #end(refusal: DecodeError, reason: unknown): void {
    [this.#failure, this.#questions] = [refusal, null];
    for (const question of this.#unanswered) question.onRefusal(refusal);
    for (const turn of this.#turns.values()) turn.fail(refusal);
    this.#begun.reject(reason ?? refusal);
  }
}
