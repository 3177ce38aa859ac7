/** One series of an exposition. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An exposition as a scraper understands it. */
export interface ParsedExposition {
  /** Name of each family → its type. */
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
  readonly samples: readonly ParsedSample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y;

/** Reads Prometheus' text format 0.0.4 or OpenMetrics strictly: whatever a scraper would not take is an error. */
export function parseExposition(text: string): ParsedExposition {
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  const samples: ParsedSample[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, family = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) once(kind === 'HELP' ? helps : types, family, rest);
    else if (line !== '# EOF') samples.push(parseSample(line));
  }
  assertWellFormed(samples, types);
  return { types, helps, samples };
}

function assertWellFormed(samples: readonly ParsedSample[], types: ReadonlyMap<string, string>): void {
  for (const { name } of samples) if (familyOf(name, types) === undefined) throw new Error(`${name} has no type`);
  const keys = samples.map(({ name, labels }) =>
    JSON.stringify([name, ...Object.entries(labels).map(String).toSorted()]),
  );
  if (new Set(keys).size !== keys.length) throw new Error('a series stands there twice');
}

/** The value of one series; undefined when it is not there. */
export function valueOf(
  { samples }: ParsedExposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const isMeant = (sample: ParsedSample): boolean =>
    sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
  return samples.find(isMeant)?.value;
}

function once(map: Map<string, string>, family: string, text: string): void {
  if (map.has(family)) throw new Error(`${family} stands there twice`);
  map.set(family, text);
}

function familyOf(name: string, types: ReadonlyMap<string, string>): string | undefined {
  const candidates = [name, name.replace(/_(?:total|bucket|sum|count)$/, '')];
  return candidates.find((candidate) => types.has(candidate));
}

function parseSample(line: string): ParsedSample {
  const [, name, inner = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const number = Number(value.replace('Inf', 'Infinity'));
  if (Number.isNaN(number) && value !== 'NaN') throw new Error(`no number: ${line}`);
  return { name, labels: parseLabels(inner), value: number };
}

function parseLabels(inner: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inner.length) {
    const [, name = '', value = ''] = LABEL.exec(inner) ?? [];
    if (name === '' || Object.hasOwn(labels, name)) throw new Error(`no labels: ${inner}`);
    labels[name] = value.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}
