const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long something takes, in its two largest units: `23 h 4 min`, `2 d 1 h`, `less than a minute`. */
export function durationText(durationMs: number): string {
  if (durationMs < MINUTE_MS) return 'less than a minute';
  const days = Math.floor(durationMs / DAY_MS);
  const hours = Math.floor((durationMs % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((durationMs % HOUR_MS) / MINUTE_MS);
  const units =
    days > 0 ? [`${days} d`, hours > 0 && `${hours} h`] : [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`];
  return units.filter(Boolean).join(' ');
}

/** When something is, seen from now: `in 3 h`, `12 min ago`, `just now`. */
export function relativeText(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  if (distanceMs > 0) return `in ${durationText(distanceMs)}`;
  return distanceMs > -MINUTE_MS ? 'just now' : `${durationText(-distanceMs)} ago`;
}
