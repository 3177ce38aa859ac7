/** What an expression asks for: one use of a metric. */
export interface MetricUse {
  /** Without `_bucket`, `_sum` and `_count`. */
  readonly family: string;
  readonly labels: readonly string[];
}

const OURS = /\b(?:steadygate|process)_\w+\b/g;
const SELECTOR = /\b((?:steadygate|process)_\w+)\{([^}]*)\}/g;

/** Families of metrics that an expression names. */
export function familiesOf(expr: string): readonly string[] {
  return [...new Set([...expr.matchAll(OURS)].map(([name]) => familyOf(name)))];
}

/** Metrics with the labels that the expression selects them by. */
export function selectorsOf(expr: string): readonly MetricUse[] {
  return [...expr.matchAll(SELECTOR)].map(([, name = '', matchers = '']) => ({
    family: familyOf(name),
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }));
}

/** Labels that the expression groups or joins by. */
export function groupingOf(expr: string): readonly string[] {
  const lists = [...expr.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)].map(([, list = '']) => list);
  return [...new Set(lists.flatMap((list) => list.split(',').map((label) => label.trim())))];
}

function familyOf(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}
