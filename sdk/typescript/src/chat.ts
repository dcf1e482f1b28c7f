// A chat with the assistant that is kept up over lost connections.

import { newKey } from "./calls.js";
import { resultIn } from "./call-events.js";
import { Conversation, type TalkOptions } from "./conversation.js";
import type { components } from "./generated/contract.js";
import type { ChatFrame } from "./questions.js";
import type { Sockets } from "./sockets.js";
import type { Turn } from "./turn.js";
import { TurnFeed } from "./turn-feed.js";

type Schemas = components["schemas"];
type ToolView = Schemas["SocketTool"];

export type History = Schemas["History"];
/** How a chat is. `sessionId`: the chat's id. */
export type SessionInfo = Extract<ChatFrame, { event: "session_info" }>["data"];

export interface SayOptions {
  /** What happens while another message is answered: it waits (`queue`), ends the other, or is refused. */
  mode?: "queue" | "interrupt" | "reject";
  /** The same id is the same turn. */
  messageId?: string;
}

/**
 * What is asked while the connection is away is asked again on the next one. All methods reject with DecodeError: for
 * what was refused, by the API's name, and for all that comes after the end of the chat or of the session.
 */
export class Chat {
  /** Resolves after `close`. Rejects when the chat (ChatExpired, ChatNotFound) or the session has ended. */
  readonly closed: Promise<void>;

  private constructor(private readonly conversation: Conversation) {
    this.closed = conversation.closed;
  }

  /** Rejects with DecodeError, or with the signal's reason. @internal */
  static async begun(sockets: Sockets, options: TalkOptions): Promise<Chat> {
    options.signal?.throwIfAborted();
    const conversation = new Conversation(sockets, options);
    await conversation.begun;
    return new Chat(conversation);
  }

  /** The chat goes on with it another time. */
  get chatId(): string {
    return this.conversation.chatId;
  }

  /** Its turn, once the message is accepted. Rejects with DecodeError, `RateLimited` among others. */
  say(text: string, { mode = "queue", messageId }: SayOptions = {}): Promise<Turn> {
    const data = { text, mode, message_id: messageId ?? newKey() };
    const asked = { event: "user_message_stream", data, isRepeated: Boolean(messageId) };
    return this.conversation.ask(asked, "message_accepted", ({ data }) => this.conversation.turn(data.turn_id, text));
  }

  /** End an answer; what was said stays. Rejects with DecodeError, `TurnClosed` if it is over. */
  async stop(turnId: string): Promise<void> {
    await this.conversation.ask({ event: "stop_turn", data: { turn_id: turnId } }, "pong", () => {});
  }

  /** Have a message answered anew whose answer has failed or was stopped. */
  async retry(turnId: string): Promise<Turn> {
    await this.conversation.ask({ event: "retry_turn", data: { turn_id: turnId } }, "pong", () => {});
    return this.conversation.resume(turnId);
  }

  /** A turn of the chat, over or not, from its beginning. It fails with `TurnNotFound` if there is none. */
  async resume(turnId: string): Promise<Turn> {
    return this.conversation.resume(turnId);
  }

  /**
   * The turns of the chat: those that are open first, then each that begins, here or on another device, or is answered
   * anew. It ends when the chat is left.
   *
   * `after`: the number of a message. Also each turn whose message has a higher one comes, from its beginning; without
   * it each since the chat was opened.
   */
  turns({ after }: { after?: number | undefined } = {}): AsyncGenerator<Turn, void, void> {
    return new TurnFeed(this.conversation, (wanted) => this.history(wanted), after).turns();
  }

  /**
   * Let a call of a tool run this time, or in this chat from now on, or decline it. It is decided once, on any device:
   * what counts is in `approval_closed` of the turn. Rejects with DecodeError, `ApprovalClosed` if it waits no longer.
   */
  async answerApproval(callId: string, decision: Schemas["Decision"]): Promise<void> {
    const data = { call_id: callId, decision };
    await this.conversation.ask({ event: "answer_approval", data }, "pong", () => {});
  }

  /** Messages of the chat, the newest, or those with a lower number than `before`. */
  history(wanted: { before?: number; limit?: number } = {}): Promise<History> {
    return this.conversation.ask({ event: "get_history", data: wanted }, "conversation_history", ({ data }) => data);
  }

  /** How the chat is, and until when it is open. */
  getSessionInfo(): Promise<SessionInfo> {
    return this.conversation.ask({ event: "get_session_info", data: {} }, "session_info", ({ data }) => data);
  }

  /** The tools by name, those of one category or all. */
  listTools(wanted: { category?: Schemas["ToolCategory"]; includeDeprecated?: boolean } = {}): Promise<ToolView[]> {
    return this.conversation.ask({ event: "list_tools", data: wanted }, "tools_list", ({ data }) => data.tools);
  }

  /** One tool. Rejects with DecodeError, `ToolNotFound` among others. */
  getToolInfo(toolName: string): Promise<ToolView> {
    return this.conversation.ask({ event: "get_tool_info", data: { toolName } }, "tool_info", ({ data }) => data);
  }

  /**
   * Call a tool as oneself. Its result, which may be a failure. The same `callId` is one call. Rejects with DecodeError
   * for a call that was not made, `RateLimited` among others.
   */
  callTool(
    toolName: string,
    parameters: Record<string, unknown> = {},
    { callId = newKey() }: { callId?: string } = {},
  ): Promise<Schemas["ToolResultView"]> {
    const data = { toolName, parameters, callId };
    return this.conversation.ask({ event: "call_tool", data, callId }, "tool_result", resultIn);
  }

  /** Leave the chat. It stays: talk on with its `chatId`. */
  close(): void {
    this.conversation.leave();
  }
}
