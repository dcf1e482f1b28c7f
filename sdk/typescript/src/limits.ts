// Waiting, and giving up: by a signal of the app, or after a time.

/** Resolves after the time. Rejects with the signal's reason as soon as it is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  return unlessAborted(elapsed, signal).finally(() => clearTimeout(timer));
}

/** What the promise gives; rejects with the signal's reason if that comes first. What is waited for goes on. */
export async function unlessAborted<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (!signal) return promise;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", stop));
}

/**
 * What `run` gives. The signal that it gets is aborted with `signal`, and by a TimeoutError after the time, if there is
 * one. Not by `AbortSignal.any`, in which Node 20 may forget an `AbortSignal.timeout` (nodejs/node#57736).
 */
export async function limited<Value>(
  run: (signal: AbortSignal) => Promise<Value>,
  { signal, timeout }: { signal?: AbortSignal | undefined; timeout?: number | undefined },
): Promise<Value> {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const expire = () => limit.abort(new DOMException(`No answer within ${timeout} ms.`, "TimeoutError"));
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout);
  const abort = () => limit.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  try {
    return await unlessAborted(run(limit.signal), limit.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
