/** What a text was found to be. */
export type Verdict = 'accept' | 'review' | 'reject';

/** Why a text has its score. */
export type Reason = {
  readonly rule: string;
  readonly points: number;
};

export type Screening = {
  /** 0 (harmless) to 100. */
  readonly score: number;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
};

const REVIEW_FROM = 30;
const REJECT_FROM = 70;
/** Shorter texts are too short to be judged by their letters. */
const LETTERS_MIN = 12;

type Rule = {
  readonly name: string;
  readonly points: number;
  readonly matches: (text: string) => boolean;
};

const RULES: readonly Rule[] = [
  { name: 'promises money', points: 40, matches: (text) => /\b(?:earn|win|won|prize|lottery|jackpot)\b/i.test(text) },
  {
    name: 'urges',
    points: 25,
    matches: (text) => /\b(?:act now|last chance|urgent|immediately|limited time)\b/i.test(text),
  },
  {
    name: 'asks for credentials',
    points: 50,
    matches: (text) => /\b(?:verify|confirm) your (?:account|password|card)\b/i.test(text),
  },
  { name: 'shouts', points: 20, matches: (text) => shareOf(text, /\p{Lu}/gu, /\p{L}/gu) > 0.7 },
  { name: 'exclaims', points: 15, matches: (text) => /!{3,}/.test(text) },
  { name: 'repeats itself', points: 20, matches: repeatsItself },
];

/** Scores a text by simple rules. Linear in its length. */
export function screenText(text: string): Screening {
  const reasons = RULES.filter(({ matches }) => matches(text)).map(({ name, points }) => ({ rule: name, points }));
  const score = Math.min(
    100,
    reasons.reduce((sum, { points }) => sum + points, 0),
  );
  return { score, verdict: verdictOf(score), reasons };
}

function verdictOf(score: number): Verdict {
  if (score >= REJECT_FROM) return 'reject';
  return score >= REVIEW_FROM ? 'review' : 'accept';
}

/** How many of all that `whole` counts are counted by `part`; 0 when there are too few. */
function shareOf(text: string, part: RegExp, whole: RegExp): number {
  const all = text.match(whole)?.length ?? 0;
  return all < LETTERS_MIN ? 0 : (text.match(part)?.length ?? 0) / all;
}

function repeatsItself(text: string): boolean {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.length >= LETTERS_MIN && new Set(words).size < words.length / 3;
}
