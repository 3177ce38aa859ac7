/** Runs one after the other: whoever calls gets a run that begins after the call, shared with all who call until it does. */
export function runAnew(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= Promise.allSettled([running]).then(() => {
      next = undefined;
      running = run();
      return running;
    });
    return next;
  };
}
