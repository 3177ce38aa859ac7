/** Runs one lookup per key at a time: whoever asks meanwhile gets the same answer (T24). `rest` is that of the first. */
export function coalesce<V, Rest extends readonly unknown[]>(
  lookUp: (key: string, ...rest: Rest) => Promise<V>,
): (key: string, ...rest: Rest) => Promise<V> {
  const running = new Map<string, Promise<V>>();
  return (key, ...rest) => {
    const present = running.get(key);
    if (present !== undefined) return present;
    const started = lookUp(key, ...rest).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
