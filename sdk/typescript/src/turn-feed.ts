// The turns of a chat as they are told, wherever they were begun. Frames have no word of a user; the history has.

import type { Conversation } from "./conversation.js";
import { DecodeError } from "./errors.js";
import type { components } from "./generated/contract.js";
import { sleep } from "./limits.js";
import { withResolvers, type Turn } from "./turn.js";

type History = components["schemas"]["History"];
type Message = History["messages"][number];
type GetHistory = (wanted: { before?: number; limit?: number }) => Promise<History>;

/** Messages of the first page of a search, in which most find what they look for, and of each further one. */
const NEWEST = 10;
const OLDER = 100;
const PAUSE_MS = 1_000;

/** Gives each turn once: those that are told, and those whose message has a higher number than `after`. */
export class TurnFeed {
  #told = new Map<string, Turn>();
  #news = withResolvers<void>();

  constructor(
    private readonly conversation: Conversation,
    private readonly history: GetHistory,
    private after = conversation.seq,
  ) {}

  /** Ends when the chat is left. Throws DecodeError when it has ended. */
  async *turns(): AsyncGenerator<Turn, void, void> {
    this.#told = new Map(this.conversation.turns);
    this.conversation.listeners.add(this.#hear);
    try {
      for (;;) {
        this.#news = withResolvers<void>();
        for (const message of await this.#newMessages()) {
          this.after = Math.max(this.after, message.seq);
          yield this.#take(message);
        }
        await this.#news.promise;
      }
    } catch (error) {
      if (!isRefusal(error, "ChatLeft")) throw error;
    } finally {
      this.conversation.listeners.delete(this.#hear);
    }
  }

  #hear = (turn: Turn | null): void => {
    if (turn) this.#told.set(turn.turnId, turn);
    this.#news.resolve();
  };

  /** The turn of a message, which may be over, and was perhaps not told. */
  #take({ turn_id, content }: Message): Turn {
    const turn = this.#told.get(turn_id) ?? this.conversation.resume(turn_id);
    this.#told.delete(turn_id);
    turn.message = content;
    return turn;
  }

  /** The messages of turns that were told, and of those that are newer than all given; oldest first. */
  async #newMessages(): Promise<Message[]> {
    const wanted = new Set(this.#told.keys());
    let page = await this.#page({ limit: NEWEST });
    let asked = page.messages.filter(({ role }) => role === "user");
    const isMissing = (turnId: string) => !asked.some(({ turn_id }) => turn_id === turnId);
    while (page.next_before && (page.next_before > this.after + 1 || [...wanted].some(isMissing))) {
      page = await this.#page({ before: page.next_before, limit: OLDER });
      asked = [...page.messages.filter(({ role }) => role === "user"), ...asked];
    }
    return asked.filter(({ seq, turn_id }) => seq > this.after || wanted.has(turn_id));
  }

  /** A page of the history, as soon as the API can read it. */
  async #page(wanted: { before?: number; limit: number }): Promise<History> {
    for (;;) {
      try {
        return await this.history(wanted);
      } catch (error) {
        if (!isRefusal(error, "DependencyUnavailable")) throw error;
      }
      await sleep(PAUSE_MS);
    }
  }
}

const isRefusal = (error: unknown, name: string) => error instanceof DecodeError && error.error === name;
