/** Runs one lookup per key at a time: whoever asks meanwhile gets the same answer (T24). */
export function coalesce<V>(lookUp: (key: string) => Promise<V>): (key: string) => Promise<V> {
  const running = new Map<string, Promise<V>>();
  return (key) => {
    const present = running.get(key);
    if (present !== undefined) return present;
    const started = lookUp(key).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
