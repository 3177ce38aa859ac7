import { relativeText } from './time.ts';
import { useNow } from './use-now.ts';

/**
 * A point in time as seen from now, with the exact time as its title.
 *
 * `isPast`: it has happened, whatever a browser's clock that is slow makes of it.
 */
export function RelativeTime({ at, isPast = false }: { readonly at: number; readonly isPast?: boolean }) {
  const nowMs = useNow();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {relativeText(isPast ? Math.min(at, nowMs) : at, nowMs)}
    </time>
  );
}
