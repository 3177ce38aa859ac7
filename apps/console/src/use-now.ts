import { useSyncExternalStore } from 'react';

const STEP_MS = 15_000;

/** The end of the present step of time, in epoch milliseconds: a component that shows it is drawn again as it passes. */
export function useNow(): number {
  return useSyncExternalStore(everyStep, () => Math.ceil(Date.now() / STEP_MS) * STEP_MS);
}

function everyStep(onChange: () => void): () => void {
  const timer = setInterval(onChange, STEP_MS);
  return () => clearInterval(timer);
}
