/** A whole event of a stream (HTML Living Standard §9.2.6), or a comment whose words are gone. */
export interface SsePiece {
  readonly kind: 'event' | 'comment';
  /** The event's data: what decides whose it is. Empty for a comment. */
  readonly data: string;
  /** What to send if it is kept, written anew: nothing of dropped events, unknown fields or comments is in it. */
  readonly text: string;
}

/** Cuts a stream into whole events, however it arrives. */
export interface SseFilter {
  /**
   * Takes decoded text. `overflowed`: an event exceeded the limit; send `pieces`, then end the stream: nothing more
   * comes out of it.
   */
  push(chunk: string): { readonly pieces: readonly SsePiece[]; readonly overflowed: boolean };
}

const EVENT_CHARS_MAX = 1024 * 1024;

const HEARTBEAT: SsePiece = { kind: 'comment', data: '', text: ':\n\n' };

/** Mutable: the fields of the event that is arriving. */
interface Draft {
  type: string;
  id: string | undefined;
  retry: string | undefined;
  data: string[];
}

/**
 * An incremental parser of event streams: what comes out does not depend on how the text was cut.
 *
 * Understands CR, LF, CRLF and a byte order mark; an event without data is none and is dropped with its `id` and
 * `retry`, so that a client resumes only after events it was given (T7). An unfinished last event never comes out.
 */
export function createSseFilter(options: { eventCharsMax: number } = { eventCharsMax: EVENT_CHARS_MAX }): SseFilter {
  const lines = createLineReader();
  let draft = emptyDraft();
  let eventChars = 0;
  let overflowed = false;

  const take = (line: string): readonly SsePiece[] => {
    overflowed = eventChars + line.length > options.eventCharsMax;
    if (overflowed) return [];
    // Not counted: heartbeats may go on for ever without an event.
    if (line.startsWith(':')) return [HEARTBEAT];
    if (line !== '') {
      eventChars += line.length;
      readField(draft, line);
      return [];
    }
    const pieces = dispatch(draft);
    draft = emptyDraft();
    eventChars = 0;
    return pieces;
  };

  return {
    push(chunk) {
      const pieces: SsePiece[] = [];
      for (const line of overflowed ? [] : lines.push(chunk)) {
        pieces.push(...take(line));
        if (overflowed) break;
      }
      overflowed ||= eventChars + lines.pendingChars() > options.eventCharsMax;
      return { pieces, overflowed };
    },
  };
}

function emptyDraft(): Draft {
  return { type: '', id: undefined, retry: undefined, data: [] };
}

function readField(draft: Draft, line: string): void {
  const colon = line.indexOf(':');
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'data') draft.data.push(value);
  else if (name === 'event') draft.type = value;
  else if (name === 'id' && !value.includes('\0')) draft.id = value;
  else if (name === 'retry' && /^\d+$/.test(value)) draft.retry = value;
}

function dispatch({ type, id, retry, data }: Draft): readonly SsePiece[] {
  const joined = data.join('\n');
  if (joined === '') return [];
  const fields = [
    ...(type === '' ? [] : [`event: ${type}\n`]),
    ...(id === undefined ? [] : [`id: ${id}\n`]),
    ...(retry === undefined ? [] : [`retry: ${retry}\n`]),
    ...data.map((line) => `data: ${line}\n`),
  ];
  return [{ kind: 'event', data: joined, text: `${fields.join('')}\n` }];
}

interface LineReader {
  /** The lines that `chunk` finishes, without their ends. */
  push(chunk: string): readonly string[];
  /** How much of an unfinished line is held. */
  pendingChars(): number;
}

function createLineReader(): LineReader {
  let pending = '';
  let isFirst = true;
  let isAfterCr = false;
  return {
    push(chunk) {
      if (chunk === '') return [];
      const skipsFirst = (isFirst && chunk.startsWith('\u{FEFF}')) || (isAfterCr && chunk.startsWith('\n'));
      isFirst = false;
      isAfterCr = chunk.endsWith('\r');
      // Only new text is searched: a long line in small chunks stays linear.
      const [head = '', ...others] = chunk.slice(skipsFirst ? 1 : 0).split(/\r\n|\r|\n/);
      const lines = [pending + head, ...others];
      pending = lines.pop() ?? '';
      return lines;
    },
    pendingChars: () => pending.length,
  };
}
