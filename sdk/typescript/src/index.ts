export { BrowserStore } from "./browser-store.js";
export {
  type ApprovalClosed,
  type ApprovalRequested,
  type CallEvent,
  type ToolResult,
  type ToolStarted,
} from "./call-events.js";
export { type Chat, type History, type SayOptions, type SessionInfo } from "./chat.js";
export { DecodeClient, type DecodeOptions } from "./client.js";
export { type WebSocketLike } from "./connection.js";
export { type TalkOptions } from "./conversation.js";
export { DecodeError, type ErrorCode } from "./errors.js";
export { type Flow, type WaitOptions } from "./flows.js";
export type { components, operations } from "./generated/contract.js";
export { type ErrorName, type Operations } from "./generated/operations.js";
export { type CallOptions } from "./method.js";
export { type FollowOptions, type Frame } from "./notifications.js";
export { MemoryStore, type Session, type SessionStore } from "./session.js";
export { type WebSocketClass } from "./sockets.js";
export { type TextReset, type Turn, type TurnEnd } from "./turn.js";
