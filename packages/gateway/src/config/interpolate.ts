/** Where an interpolated value came from. */
export interface ValueSource {
  readonly kind: 'environment' | 'file';
  /** The variable's name, or the file's path as resolved. */
  readonly name: string;
  /** For files: permission bits, such as 0o600. */
  readonly mode?: number;
}

/** What a secret file holds, or why it could not be read. */
export type FileValue =
  | { readonly text: string; readonly path: string; readonly mode: number }
  | { readonly path: string; readonly error: string };

/** What `${…}` can name. Reads relative to the configuration file. */
export interface ValueSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readFile(path: string): FileValue;
  /** The same for documents, which may be larger. Absent: `readFile`. */
  readDocument?(path: string): FileValue;
}

/** A scalar after interpolation. */
export interface Interpolated {
  readonly text: string;
  readonly used: readonly ValueSource[];
  /** Paths of files that were asked for, whether they could be read or not. */
  readonly files: readonly string[];
  readonly failures: readonly { readonly message: string; readonly hint: string }[];
}

const PLACEHOLDER = /\$?\$\{[^}]*\}?/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Fills in `${NAME}`, `${NAME:-default}` and `${file:path}`; `$${` stands for `${`.
 *
 * An empty variable counts as missing, because an empty secret is none. What was filled in is not read again.
 */
export function interpolate(scalar: string, sources: ValueSources): Interpolated {
  if (!scalar.includes('${')) return { text: scalar, used: [], files: [], failures: [] };
  const used: ValueSource[] = [];
  const files: string[] = [];
  const failures: { message: string; hint: string }[] = [];
  const text = scalar.replace(PLACEHOLDER, (whole) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const value = whole.endsWith('}') ? resolve(whole.slice(2, -1), sources) : UNCLOSED;
    if (value.file !== undefined) files.push(value.file);
    if (value.source !== undefined) used.push(value.source);
    if (value.failure !== undefined) failures.push(value.failure);
    return value.text;
  });
  return { text, used, files, failures };
}

interface Resolved {
  readonly text: string;
  readonly source?: ValueSource;
  readonly file?: string;
  readonly failure?: { readonly message: string; readonly hint: string };
}

const UNCLOSED: Resolved = {
  text: '',
  failure: { message: 'has a `${` that is never closed', hint: 'Write ${NAME}, or $${ for the characters themselves.' },
};

function resolve(inner: string, sources: ValueSources): Resolved {
  if (inner.startsWith('file:')) return fromFile(inner.slice('file:'.length), sources);
  const match = VARIABLE.exec(inner);
  const [, name = '', fallback] = match ?? [];
  if (match === null) {
    return {
      text: '',
      failure: {
        message: 'has a `${…}` that names no variable',
        hint: 'Write ${NAME}, ${NAME:-default} or ${file:path}.',
      },
    };
  }
  // A plain object's own keys only: `${constructor}` is no variable.
  const value = Object.hasOwn(sources.environment, name) ? sources.environment[name] : undefined;
  if (value !== undefined && value !== '') return { text: value, source: { kind: 'environment', name } };
  if (fallback !== undefined) return { text: fallback };
  const state = value === undefined ? 'not set' : 'empty';
  return {
    text: '',
    failure: {
      message: `needs the variable ${name}, which is ${state}`,
      hint: `Set ${name}, or give a default: \${${name}:-…}.`,
    },
  };
}

function fromFile(path: string, sources: ValueSources): Resolved {
  const value = sources.readFile(path);
  if ('error' in value) {
    return {
      text: '',
      file: value.path,
      failure: { message: `needs a file that ${value.error}`, hint: `Looked at ${value.path}.` },
    };
  }
  const source: ValueSource = { kind: 'file', name: value.path, mode: value.mode };
  return { text: value.text.replace(/\r?\n$/, ''), file: value.path, source };
}
