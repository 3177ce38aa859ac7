import type { ViewKind } from './views.ts';

/** The classes of attacks that the rules know. */
export const ATTACK_CLASSES = [
  'sqli',
  'nosqli',
  'xss',
  'rce',
  'lfi',
  'rfi',
  'ssrf',
  'ssti',
  'ldap',
  'ssi',
  'mail',
  'php',
  'java',
  'xxe',
  'file',
  'prototype',
  'crlf',
  'scanner',
] as const;
export type AttackClass = (typeof ATTACK_CLASSES)[number];

/** Where in a request a value stands. */
export type FieldKind = 'path' | 'query' | 'form' | 'header' | 'cookie' | 'json' | 'xml' | 'text' | 'file' | 'name';

/**
 * One sign of an attack.
 *
 * Scores: 2 hint · 3 weak · 5 enough in a plain value · 8 enough in prose · 12 enough everywhere, source code included.
 */
export interface Rule {
  /** Stable: exceptions and findings name it. */
  readonly id: string;
  readonly cls: AttackClass;
  readonly score: number;
  /** What it is a sign of, for `explain`. */
  readonly reason: string;
  /** One of these must stand in the view before the pattern is tried: in lower case. */
  readonly literals: readonly string[];
  /** Of bounded repetitions only (see `pattern-cost.ts`). Read against folded text: lower case, single blanks. */
  readonly pattern: RegExp;
  /** Absent: `plain` and `uncommented`. */
  readonly views?: readonly ViewKind[];
  /** Absent: everywhere. */
  readonly fields?: readonly FieldKind[];
  /** Where it says nothing though `fields` would have it. */
  readonly except?: readonly FieldKind[];
  /** Texts that are no attack though the pattern stands in them: bounded like it. */
  readonly unless?: RegExp;
  /** What it must find, and what it must not: `waf test` and the tests run them. */
  readonly attacks: readonly string[];
  readonly harmless: readonly string[];
}

/** What a tokeniser found: like a rule, but the evidence is its own. */
export interface Detector {
  /** Ids of the signs that it gives. */
  readonly ids: readonly string[];
  readonly cls: AttackClass;
  readonly literals: readonly string[];
  readonly views?: readonly ViewKind[];
  readonly fields?: readonly FieldKind[];
  readonly except?: readonly FieldKind[];
  detect(text: string): Sign | undefined;
}

export interface Sign {
  readonly rule: string;
  readonly score: number;
  readonly reason: string;
  readonly evidence: string;
}
