// What happens to calls of tools in a turn.

import type { components } from "./generated/contract.js";
import type { ChatFrame } from "./questions.js";

type ToolResultView = components["schemas"]["ToolResultView"];
type Named<Event> = Extract<ChatFrame, { event: Event }>;
type CallFrame = Named<"approval_requested" | "approval_closed" | "tool_started" | "tool_result">;

/** `arguments`: as they are used. */
interface Call {
  part: number;
  callId: string;
  toolName: string;
  arguments: Record<string, unknown>;
}

/** The call waits for its user. `summary`: what it does, in the words of the API. */
export interface ApprovalRequested extends Call {
  event: "approval_requested";
  summary: string;
  expiresAt: string;
}

/** It waits no longer. `decision`: null if its time was over, or the turn was stopped. */
export interface ApprovalClosed extends Call {
  event: "approval_closed";
  decision: Named<"approval_closed">["data"]["decision"];
}

/** The tool runs. */
export interface ToolStarted extends Call {
  event: "tool_started";
}

/** What came of the call. A failure is a result too. */
export interface ToolResult extends Call {
  event: "tool_result";
  result: ToolResultView;
}

export type CallEvent = ApprovalRequested | ApprovalClosed | ToolStarted | ToolResult;

/** The offset in its part behind which a client goes on that knows of the event. */
export const STEPS: Record<CallEvent["event"], number> = {
  approval_requested: 1,
  approval_closed: 2,
  tool_started: 3,
  tool_result: 4,
};

/** The result of a call, named as over HTTP. */
export function resultIn({ data }: Named<"tool_result">): ToolResultView {
  const { executionTimeMs: execution_ms, ...result } = data.result;
  return { ...result, execution_ms } as ToolResultView;
}

export function callEventIn(frame: CallFrame): CallEvent {
  const { callId, toolName, part = 0, arguments: used = {} } = frame.data;
  const call = { part, callId, toolName, arguments: used };
  switch (frame.event) {
    case "approval_requested":
      return { event: frame.event, ...call, summary: frame.data.summary, expiresAt: frame.data.expires_at };
    case "approval_closed":
      return { event: frame.event, ...call, decision: frame.data.decision };
    case "tool_started":
      return { event: frame.event, ...call };
    case "tool_result":
      return { event: frame.event, ...call, result: resultIn(frame) };
  }
}
