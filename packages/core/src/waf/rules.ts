import type { Detector, Rule } from './rule.ts';
import { FILES } from './rules/files.ts';
import { JAVA } from './rules/java.ts';
import { OTHERS } from './rules/others.ts';
import { PHP } from './rules/php.ts';
import { RCE } from './rules/rce.ts';
import { SQLI } from './rules/sqli.ts';
import { SSRF } from './rules/ssrf.ts';
import { TEMPLATES } from './rules/templates.ts';
import { XSS } from './rules/xss.ts';
import { SQL_DETECTOR } from './sql-detector.ts';
import { SSRF_DETECTOR, SSRF_VALUE_DETECTOR } from './ssrf-detector.ts';

/** Every rule there is, as data. */
export const WAF_RULES: readonly Rule[] = [
  ...SQLI,
  ...XSS,
  ...RCE,
  ...PHP,
  ...JAVA,
  ...FILES,
  ...SSRF,
  ...TEMPLATES,
  ...OTHERS,
];

/** The tokenisers. */
export const WAF_DETECTORS: readonly Detector[] = [SQL_DETECTOR, SSRF_DETECTOR, SSRF_VALUE_DETECTOR];

/** Every id that a finding can name, and an exception therefore. */
export const WAF_RULE_IDS: readonly string[] = [
  ...new Set([...WAF_RULES.map(({ id }) => id), ...WAF_DETECTORS.flatMap(({ ids }) => ids)]),
];
