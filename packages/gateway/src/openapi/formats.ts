import { parseAddress } from '@steadygate/core';

/** Whether a value has a format. Bounded by the length of what is judged; no pattern repeats what may overlap. */
export type FormatCheck =
  | { readonly type: 'string'; readonly validate: (text: string) => boolean }
  | { readonly type: 'number'; readonly validate: (value: number) => boolean };

const text = (validate: (text: string) => boolean): FormatCheck => ({ type: 'string', validate });
const number = (validate: (value: number) => boolean): FormatCheck => ({ type: 'number', validate });
const pattern = (regExp: RegExp): FormatCheck => text((value) => regExp.test(value));
const anything = text(() => true);

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d{1,9})?(?:z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/i;
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const HOST_CHARS_MAX = 253;
const LOCAL_CHARS_MAX = 64;

/** The formats of OpenAPI and JSON Schema that are checked. Others say something to people only. */
export const FORMATS: Readonly<Record<string, FormatCheck>> = {
  int32: number((value) => Number.isInteger(value) && Math.abs(value + 0.5) < 2 ** 31),
  int64: number(Number.isInteger),
  float: number(Number.isFinite),
  double: number(Number.isFinite),
  password: anything,
  binary: anything,
  byte: pattern(/^[a-z\d+/_-]*={0,2}$/i),
  date: text(isDate),
  'date-time': text(isDateTime),
  time: text((value) => TIME.test(value)),
  duration: pattern(
    /^P(?!$)(?:\d{1,9}W|(?:\d{1,9}Y)?(?:\d{1,9}M)?(?:\d{1,9}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,9})?S)?)?)$/,
  ),
  email: text((value) => isMail(value, isHost)),
  'idn-email': text((value) => isMail(value, isIdnHost)),
  hostname: text(isHost),
  'idn-hostname': text(isIdnHost),
  ipv4: text((value) => /^[\d.]{7,15}$/.test(value) && parseAddress(value) !== undefined),
  ipv6: text((value) => value.includes(':') && parseAddress(value) !== undefined),
  uri: text((value) => /^[a-z][a-z\d+.-]*:[!-~]+$/i.test(value) && URL.canParse(value)),
  'uri-reference': pattern(/^[!-~]*$/),
  iri: text((value) => /^[a-z][a-z\d+.-]*:[^\s<>"\\^`{|}]+$/i.test(value) && URL.canParse(value)),
  'iri-reference': pattern(/^[^\s<>"\\^`{|}]*$/),
  uuid: pattern(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i),
  'json-pointer': pattern(/^(?:\/(?:[^~/]|~[01])*)*$/),
};

function isDate(value: string): boolean {
  const [, year = '', month = '', day = ''] = DATE.exec(value) ?? [];
  const days = DAYS[Number(month) - 1];
  if (days === undefined || Number(day) < 1 || Number(day) > days) return false;
  return month !== '02' || day !== '29' || isLeapYear(Number(year));
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** RFC 3339 §5.6. */
function isDateTime(value: string): boolean {
  return /^.{10}[t ]/i.test(value) && isDate(value.slice(0, 10)) && TIME.test(value.slice(11));
}

function isMail(value: string, isDomain: (text: string) => boolean): boolean {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, Math.max(at, 0));
  const isLocal =
    local.length <= LOCAL_CHARS_MAX && /^[^\s@"(),:;<>[\\\]]+$/.test(local) && !/^\.|\.\.|\.$/.test(local);
  return isLocal && isDomain(value.slice(at + 1));
}

function isHost(value: string): boolean {
  return value.length <= HOST_CHARS_MAX && value.split('.').every((label) => LABEL.test(label));
}

function isIdnHost(value: string): boolean {
  return value.length <= HOST_CHARS_MAX && /^[\p{L}\p{M}\p{N}.-]+$/u.test(value) && !/^[-.]|[-.]$|\.\./.test(value);
}
