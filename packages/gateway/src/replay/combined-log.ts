import { foreignRequest, type Recorded, unreadable } from './recorded-request.ts';

/** Address, two names, time, request line, status, size, and with the combined format referrer and user agent. */
const LINE =
  /^(\S+) \S+ \S+ \[([^\]]{1,64})\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (?:\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;
const TIME = /^(\d{2})\/(\w{3})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Methods whose requests have content: the log does not hold it. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** One line of a common or combined log, as nginx and Apache write it. Linear in the line's length. */
export function readCombinedLine(line: string, place: number): Recorded {
  const found = LINE.exec(line);
  if (found === null) return unreadable(place, 'is no line of a common or combined log');
  const [, address = '', time = '', head = '', , referer, agent] = found;
  const [method = '', target = '', ...rest] = unescaped(head).split(' ');
  if (rest.length > 1 || !/^[A-Z]{1,32}$/.test(method) || target === '') {
    return unreadable(place, 'has no request line that HTTP defines');
  }
  const request = foreignRequest({
    place,
    method,
    target,
    atMs: timeOf(time),
    address,
    headers: [...field('referer', referer), ...field('user-agent', agent)],
    isBodyMissing: WITH_BODY.has(method),
  });
  return { ok: true, request };
}

/** Epoch milliseconds of `21/Nov/2026:10:00:00 +0100`; undefined when it is no such time. */
function timeOf(text: string): number | undefined {
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [, day, name = '', year, hour, minute, second, sign, offsetHours, offsetMinutes] = found;
  const month = MONTHS.indexOf(name);
  if (month < 0) return undefined;
  const utcMs = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return sign === '-' ? utcMs + offsetMs : utcMs - offsetMs;
}

function field(name: string, logged: string | undefined): readonly string[] {
  return logged === undefined || logged === '-' || logged === '' ? [] : [name, unescaped(logged)];
}

/** nginx writes `\x22`, Apache `\"`, for what would break the line. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
