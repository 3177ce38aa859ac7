/** A list of attributes in OTLP's JSON form. */
export type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[];

type OtlpValue = { readonly stringValue: string } | { readonly intValue: string } | { readonly doubleValue: number };

/** Attributes in OTLP's JSON form: 64-bit integers are text there. */
export function otlpAttributes(attributes: Readonly<Record<string, string | number>>): OtlpAttributes {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: string | number): OtlpValue {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Epoch milliseconds as nanoseconds in text: more digits than a number holds. Exact to the microsecond. */
export function otlpNanos(epochMs: number): string {
  return `${Math.round(epochMs * 1000)}000`;
}

/** Who made it. */
export function otlpScope(version: string) {
  return { name: 'steadygate', version };
}
