import { isInternational } from './calling-codes.ts';

/** A row of groups that may be one number, and where it stands. */
export interface Candidate {
  /** All digits. */
  readonly digits: string;
  /** Lengths of the groups, such as `3-3-4`. */
  readonly shape: string;
  /** What is written, from the first digit to the last. */
  readonly written: string;
  /** `plus`, an opening `paren`, or nothing of meaning. */
  readonly sign: 'plus' | 'paren' | undefined;
  /** Whether a word such as `call` or `tel` stands before it. */
  readonly isNamed: boolean;
}

/* How people write their numbers without a leading 0: North America, India, Brazil, China, Russia, Turkey, Mexico, Spain. */
const SHAPES = new Set([
  '3-3-4',
  '1-3-3-4',
  '5-5',
  '2-5-4',
  '3-4-4',
  '1-3-3-2-2',
  '3-3-2-2',
  '2-4-4',
  '3-2-2-2',
  '2-3-2-2',
]);
const INTERNATIONAL = /^(?:00|011)(?=[1-9]\d{8})/;
/* Ten digits of North America, eleven with its 1 or of a Chinese mobile, or a national number with its 0. */
const BARE = /^(?:1?[2-9]\d\d[2-9]\d{6}|1[3-9]\d{9}|0[1-9]\d{8,9})$/;
const DATE = /^(?:(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d\d)(?!\d)/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const FEWEST = 7;
const MOST = 15;

/** Whether a row of digits is written as a telephone number of some country. */
export function isPhoneNumber(candidate: Candidate): boolean {
  const { digits, sign, written, isNamed } = candidate;
  if (sign === 'plus') return isInternational(digits);
  if (digits.length < FEWEST || DATE.test(written) || IPV4.test(written) || isPaymentCard(digits)) return false;
  if (INTERNATIONAL.test(digits) && isInternational(digits.replace(INTERNATIONAL, ''))) return true;
  return (isNamed && digits.length <= MOST) || isNational(candidate);
}

function isNational({ digits, shape, sign, written }: Candidate): boolean {
  if (!shape.includes('-')) return BARE.test(digits);
  if (sign === 'paren') return /^\d{1,5}\)/.test(written) && digits.length <= 12;
  return SHAPES.has(shape) || (digits.startsWith('0') && isTrunk(digits, shape));
}

/** `0171 1234567`, `01 23 45 67 89`: a 0 for the long distance. `3-2-4` and `3-3-3` are numbers of people. */
function isTrunk(digits: string, shape: string): boolean {
  return /^0[1-9]\d{7,10}$/.test(digits) && /^[2-6]-/.test(shape) && shape !== '3-2-4' && shape !== '3-3-3';
}

/** ISO/IEC 7812: the last digit of a card's number checks the others (Luhn). */
function isPaymentCard(digits: string): boolean {
  if (digits.length < 13) return false;
  let sum = 0;
  for (let at = 1; at <= digits.length; at += 1) {
    const value = Number(digits.charAt(digits.length - at)) * (at % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
