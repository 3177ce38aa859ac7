/** Keys of the design that this release does not have: named, so that nobody believes them to be in force. */
const LATER_KEYS: Readonly<Record<string, string>> = {
  posture: 'Publishing posture on a schedule',
  alerts: 'Alerts',
  'guards.prompt': 'The prompt guard',
  'guards.pii': 'Masking of personal data',
  'routes[].guards.prompt': 'The prompt guard',
  'routes[].guards.pii': 'Masking of personal data',
};

/** What a key that is not known yet will be; undefined when the design has no such key. */
export function laterKey(path: string): string | undefined {
  return own(LATER_KEYS, shape(path));
}

function shape(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
