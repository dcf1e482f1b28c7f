// A turn of a chat: one message, and its answer as it comes.

import { STEPS, type CallEvent } from "./call-events.js";
import type { DecodeError } from "./errors.js";
import type { ChatFrame } from "./questions.js";

type Chunk = Extract<ChatFrame, { event: "stream_chunk" }>["data"];
type StreamEnd = Extract<ChatFrame, { event: "stream_end" }>["data"];

/** A part of an answer, and an offset in it: in UTF-8 bytes of a text, in steps of a call. */
export type Position = readonly [part: number, offset: number];

const START: Position = [0, 0];
const isText = (event: TurnEvent): event is string => typeof event === "string";
const isBefore = (one: Position, other: Position) => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);

/** How a turn has ended. `text`: all that was said. */
export interface TurnEnd {
  state: StreamEnd["state"];
  finishReason: StreamEnd["finish_reason"];
  text: string;
  usage: StreamEnd["usage"];
}

/** A model has failed amid a text, and the next has begun anew: `text`, what was said of it, does not count. */
export interface TextReset {
  event: "text_reset";
  text: string;
}

export type TurnEvent = string | CallEvent | TextReset;

/** Iterated, it gives the text piece by piece, from its beginning, each piece once; throws when the turn has failed. */
export class Turn implements AsyncIterable<string> {
  /** What it answers, as far as that is known here: of turns that were said, or that `turns` of the chat gave. */
  message = "";
  /** Rejects with DecodeError, named by the API, when the turn has failed. */
  readonly end: Promise<TurnEnd>;
  isOver = false;
  #events: TurnEvent[] = [];
  #first = 0;
  #partFirst = 0;
  #attempt = 1;
  #position = START;
  #unheededFrom: Position | null = null;
  #change = withResolvers<void>();
  #ending = withResolvers<TurnEnd>();

  constructor(readonly turnId: string) {
    this.end = this.#ending.promise;
    this.end.catch(() => {}); // A failure that the app does not ask for is no error of the program.
  }

  /** Which answer to the message it is, from 1. */
  get attempt(): number {
    return this.#attempt;
  }

  /** What was said until now, and counts. */
  get text(): string {
    let said = "";
    for (const event of this.#events.slice(this.#first)) {
      if (isText(event)) said += event;
      else if (event.event === "text_reset") said = said.slice(0, said.length - event.text.length);
    }
    return said;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    for await (const event of this.events()) if (isText(event)) yield event;
  }

  /**
   * Pieces of text, which of it does not count any more, and what happens to calls of tools between them; from the
   * beginning, each once.
   */
  async *events(): AsyncGenerator<TurnEvent, void, void> {
    for (let given = this.#first; ; ) {
      const { promise } = this.#change;
      while (given < this.#events.length) yield this.#events[given++]!;
      if (this.isOver) return void (await this.end);
      await promise;
    }
  }

  /**
   * The position from which the rest is to be asked for on a new connection. `liveFrom`: where that connection goes on
   * by itself, which may be further, or in a later attempt. It is the last byte or step that is here, if there is any of
   * the part: what begins with it is surely the answer, and all that begins later and comes before is not heeded.
   * @internal
   */
  askFrom(liveFrom: Position = START, liveAttempt = 1): Position {
    this.begin(liveAttempt);
    const [part, offset] = this.#position;
    if (offset > 0) this.#unheededFrom = this.#position;
    else this.#unheededFrom = isBefore(this.#position, liveFrom) ? liveFrom : null;
    return [part, Math.max(0, offset - 1)];
  }

  /** The answer begins. A later attempt begins anew. @internal */
  begin(attempt: number): void {
    if (attempt <= this.#attempt) return;
    this.#first = this.#partFirst = this.#events.length;
    [this.#position, this.#unheededFrom] = [START, null];
    this.#attempt = attempt;
  }

  /** Takes a chunk; what is here already, or leaves a gap, is left out. @internal */
  take({ part, offset, next_offset, content }: Chunk): void {
    if (!this.#heeds([part, offset])) return;
    const known = part === this.#position[0] ? this.#position[1] : 0;
    if (part < this.#position[0] || offset > known || next_offset <= known) return;
    if (part > this.#position[0]) this.#partFirst = this.#events.length;
    this.#position = [part, next_offset];
    this.#add(new TextDecoder().decode(new TextEncoder().encode(content).subarray(known - offset)));
  }

  /** What was said in a part does not count: the answer begins anew in the next. @internal */
  reset(part: number): void {
    const [known] = this.#position;
    if (part < known || (part > known && this.#unheededFrom)) return;
    this.#unheededFrom = null;
    this.#position = [part + 1, 0];
    const text = part === known ? this.#events.slice(this.#partFirst).filter(isText).join("") : "";
    if (text) this.#add({ event: "text_reset", text });
    this.#partFirst = this.#events.length;
  }

  /** Takes what happens to a call; what is here already is left out. @internal */
  takeCall(event: CallEvent): void {
    const known: Position = [event.part, STEPS[event.event]];
    if (!this.#heeds([event.part, known[1] - 1]) || !isBefore(this.#position, known)) return;
    this.#position = known;
    this.#add(event);
  }

  /** Takes the end, and what is still missing of the text. @internal */
  finish({ state, finish_reason, fullResponse, usage }: StreamEnd): void {
    const { text } = this;
    if (fullResponse.startsWith(text) && fullResponse !== text) this.#add(fullResponse.slice(text.length));
    this.#ending.resolve({ state, finishReason: finish_reason, text: fullResponse, usage });
    this.#close();
  }

  /** There will be no end. @internal */
  fail(error: DecodeError): void {
    this.#ending.reject(error);
    this.#close();
  }

  #close(): void {
    this.isOver = true;
    this.#wake();
  }

  #heeds(begins: Position): boolean {
    if (this.#unheededFrom && !isBefore(begins, this.#unheededFrom)) return false;
    this.#unheededFrom = null;
    return true;
  }

  #add(event: TurnEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = withResolvers<void>();
  }
}

/** A promise, and what settles it. `Promise.withResolvers` is missing in Node 20. */
export function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Value>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}
