/** Where a value stands in a document: a chain, so that paths cost nothing until one is asked for. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

const PLAIN_KEY = /^[A-Za-z_]\w{0,63}$/;

/** The place as a path, such as `$.messages[0].content`; keys are cut at 64 characters. */
export function placeText(place: Place | undefined): string {
  const parts: string[] = [];
  for (let at = place; at !== undefined; at = at.parent) parts.push(part(at.key));
  return `$${parts.toReversed().join('')}`;
}

function part(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return PLAIN_KEY.test(key) ? `.${key}` : `['${key.slice(0, 64)}']`;
}
