/** Digits that stand together. */
export interface DigitGroup {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
  /** What stands between this and the group before it, where both may be parts of one number; else undefined. */
  readonly gap: string | undefined;
}

const JOINT = /^[ .\-/()]{1,3}$/;

/** Every group of digits in a text, each with how it hangs together with the one before. Linear. */
export function digitGroups(text: string): readonly DigitGroup[] {
  const groups: DigitGroup[] = [];
  let before = -1;
  for (const { 0: digits, index: start } of text.matchAll(/\d+/g)) {
    const gap = before >= 0 && start - before <= 3 ? text.slice(before, start) : '';
    const end = start + digits.length;
    groups.push({ digits, start, end, gap: JOINT.test(gap) ? gap : undefined });
    before = end;
  }
  return groups;
}
