import type { components } from "./generated/contract.js";
import type { Operations } from "./generated/operations.js";
import { limited, sleep } from "./limits.js";

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5_000;

export type Flow = components["schemas"]["Flow"];

export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds, then the wait rejects with a TimeoutError. The flow goes on. */
  timeout?: number | undefined;
}

export interface FlowMethods {
  /** The flow as soon as it does not run: it has ended, or it waits for the user (`next` says for what). */
  wait(flowId: string, options?: WaitOptions): Promise<Flow>;
}

export function flowMethods({ get }: Operations["flows"]): FlowMethods {
  return {
    wait: (flowId, limits = {}) => limited((signal) => stopped(flowId, signal), limits),
  };

  async function stopped(flowId: string, signal: AbortSignal): Promise<Flow> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(1.5 * pause, LONGEST_PAUSE_MS)) {
      const flow = await get({ flow_id: flowId }, { signal });
      if (flow.state !== "running") return flow;
      await sleep(pause, signal);
    }
  }
}
