const STEP_MS = 20;

/** Waits until `look` gives something, and gives it. @throws after `limitMs`, with `what` was awaited */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | Promise<Value | undefined>,
  limitMs = 20_000,
): Promise<Value> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, STEP_MS);
    });
  }
}
