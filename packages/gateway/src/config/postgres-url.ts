/** What a `postgres://` address says. */
export interface PostgresUrl {
  /** A name, an address, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** As written; undefined when the address says nothing of TLS. */
  readonly sslMode: SslMode | undefined;
}

/** What libpq calls `sslmode`, without those that let whoever stands between choose. */
export type SslMode = (typeof SSL_MODES)[number];

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** What is wrong with an address, and what would help. Never quotes it. */
export interface UrlFault {
  readonly message: string;
  readonly hint: string;
}

const SHAPE: UrlFault = {
  message: 'is not a postgres address',
  hint: 'Such as postgres://steadygate_app:${PASSWORD}@db.example.com:5432/steadygate, or over a socket: postgres://steadygate_app@%2Frun%2Fpostgresql/steadygate.',
};

/** Reads an address as libpq does, and refuses what it would leave to chance. */
export function parsePostgresUrl(text: string): PostgresUrl | UrlFault {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text) || !isDecodable(text)) return SHAPE;
  return read(new URL(text));
}

function read(url: URL): PostgresUrl | UrlFault {
  const parts = {
    host: decodeURIComponent(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
  };
  if ([parts.host, parts.user, parts.database].includes('') || parts.port === 0 || url.hash !== '') return SHAPE;
  if ([...url.searchParams.keys()].some((name) => name !== 'sslmode')) {
    return { message: 'has a parameter other than sslmode', hint: 'Everything else is a setting of its own here.' };
  }
  return withSslMode(parts, url.searchParams.get('sslmode') ?? undefined);
}

/** Whether a parsed address is a fault. */
export function isFault(parsed: PostgresUrl | UrlFault): parsed is UrlFault {
  return 'message' in parsed;
}

/** Whether a host is the folder of a Unix socket: what goes there does not leave the machine. */
export function isSocketFolder(host: string): boolean {
  return host.startsWith('/');
}

function withSslMode(parts: Omit<PostgresUrl, 'sslMode'>, written: string | undefined): PostgresUrl | UrlFault {
  const sslMode = SSL_MODES.find((mode) => mode === written);
  if (written === undefined || sslMode !== undefined) return { ...parts, sslMode };
  if (written === 'allow' || written === 'prefer') {
    const message = 'leaves it to whoever answers whether there is TLS';
    return { message, hint: 'Write sslmode=verify-full, or sslmode=disable for a server on this machine.' };
  }
  return { message: 'has an sslmode that is not known', hint: `Write one of ${SSL_MODES.join(', ')}.` };
}

function isDecodable(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    // decodeURIComponent has no other way to say no.
    return false;
  }
}
