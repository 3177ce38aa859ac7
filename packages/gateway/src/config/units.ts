const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Milliseconds of a duration such as `15m`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  return scaled(/^(\d{1,12})(ms|s|m|h|d)$/.exec(text), DURATION_MS);
}

/** Bytes of a size such as `1MiB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  return scaled(/^(\d{1,12})(B|KiB|MiB|GiB)$/.exec(text), SIZE_BYTES);
}

function scaled(match: RegExpExecArray | null, units: Readonly<Record<string, number>>): number | undefined {
  const factor = units[match?.[2] ?? ''];
  return factor === undefined ? undefined : Number(match?.[1]) * factor;
}
