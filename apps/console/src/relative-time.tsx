import { relativeText } from './time.ts';
import { useNow } from './use-now.ts';

/** A point in time as seen from now, with the exact time as its title. */
export function RelativeTime({ at }: { readonly at: number }) {
  const nowMs = useNow();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {relativeText(at, nowMs)}
    </time>
  );
}
