import { connect } from 'node:net';

/** Stands in a request for the port that it is sent to. */
export const PORT = '{port}';

/** What came back on a connection until the other side closed it. */
export interface WireAnswer {
  /** 0 when nothing came that is an answer. */
  readonly status: number;
  /** In order, names in lower case, repetitions kept. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Without chunk framing. */
  readonly body: string;
  /** Everything, as it came. */
  readonly text: string;
  readonly isClosed: boolean;
}

/** Sends bytes as they are and reads until the other side closes, or `waitMs` pass. A second piece waits until something has come back. */
export function sendBytes(port: number, bytes: string | readonly string[], waitMs = 4_000): Promise<WireAnswer> {
  const { promise, resolve } = Promise.withResolvers<WireAnswer>();
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const done = (isClosed: boolean): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ ...parseAnswer(text), text, isClosed });
  };
  const timer = setTimeout(() => done(false), waitMs);
  socket.setEncoding('latin1');
  let waiting = '';
  const write = (piece: string): void => void socket.write(piece.replaceAll(PORT, String(port)), 'latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (waiting !== '') write(waiting);
    waiting = '';
  });
  socket.on('close', () => done(true));
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    const [first = '', ...rest] = typeof bytes === 'string' ? [bytes] : bytes;
    waiting = rest.join('');
    write(first);
  });
  return promise;
}

/** A request as text: the target and every field exactly as given, the connection to be closed after the answer. */
export function requestText(method: string, target: string, lines: readonly string[] = [], body = ''): string {
  const hasHost = lines.some((line) => /^host:/i.test(line));
  const hasConnection = lines.some((line) => /^connection:/i.test(line));
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`];
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...(hasHost ? [] : [`Host: 127.0.0.1:${PORT}`]),
    ...(hasConnection ? [] : ['Connection: close']),
    ...length,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** The first final answer of what a connection gave. */
function parseAnswer(text: string): Omit<WireAnswer, 'text' | 'isClosed'> {
  const end = text.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  if (end < 0 || status === 0) return { status: 0, fields: [], body: text };
  const rest = text.slice(end + 4);
  if (status === 100) return parseAnswer(rest);
  const fields = text
    .slice(0, end)
    .split('\r\n')
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  const isChunked = fields.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
  return { status, fields, body: isChunked ? unchunked(rest) : rest };
}

function unchunked(text: string): string {
  const size = Number.parseInt(text, 16);
  const start = text.indexOf('\r\n') + 2;
  if (!(size > 0)) return '';
  return text.slice(start, start + size) + unchunked(text.slice(start + size + 2));
}

/** Every value of a field of an answer. */
export function fieldsOf(answer: Pick<WireAnswer, 'fields'>, name: string): readonly string[] {
  return answer.fields.filter(([given]) => given === name).map(([, value]) => value);
}

/** An answer without what differs between any two: what an attacker would compare. */
export function comparable({ status, fields, body }: Pick<WireAnswer, 'status' | 'fields' | 'body'>): string {
  const kept = fields.filter(
    ([name]) => !/^(?:date|x-request-id|ratelimit|x-ratelimit-(?:remaining|reset))$/.test(name),
  );
  const text = body.replace(/"requestId":"[^"]+"/, '"requestId":"…"');
  return [status, ...kept.map((field) => field.join(': ')), text].join('\n');
}
