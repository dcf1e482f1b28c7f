// The turns of a chat as they are told, wherever they were begun. Frames have no word of a user; the history has.

import type { Conversation } from "./conversation.js";
import { DecodeError } from "./errors.js";
import type { components } from "./generated/contract.js";
import { sleep } from "./limits.js";
import type { Turn } from "./turn.js";

type History = components["schemas"]["History"];
type GetHistory = (wanted: { before?: number; limit?: number }) => Promise<History>;

/** Messages of the first page of a search, in which most find what they look for, and of each further one. */
const NEWEST = 10;
const OLDER = 100;
const PAUSE_MS = 1_000;

/** Gives each turn once: those that are told, and those whose message has a higher number than `after`. */
export class TurnFeed {
  #given = new WeakSet<Turn>();

  constructor(
    private readonly conversation: Conversation,
    private readonly history: GetHistory,
    private after = conversation.seq,
  ) {}

  /** Ends when the chat is left. Throws DecodeError when it has ended. */
  async *turns(): AsyncGenerator<Turn, void, void> {
    try {
      for (;;) {
        const { turnTold } = this.conversation;
        yield* this.#newTurns(new Map(this.conversation.turns));
        await turnTold;
      }
    } catch (error) {
      if (!isRefusal(error, "ChatLeft")) throw error;
    }
  }

  async *#newTurns(told: Map<string, Turn>): AsyncGenerator<Turn, void, void> {
    for (const { turn_id, content, seq } of await this.#newMessages(told)) {
      const turn = told.get(turn_id) ?? this.conversation.resume(turn_id);
      turn.message = content;
      this.#given.add(turn);
      this.after = Math.max(this.after, seq);
      yield turn;
    }
  }

  /** The messages of the turns that are to be given, oldest first. */
  async #newMessages(told: Map<string, Turn>): Promise<History["messages"]> {
    const wanted = new Set([...told.values()].filter((turn) => !this.#given.has(turn)).map(({ turnId }) => turnId));
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
