/** What people see of a server that starts. */
export interface StartOutput {
  /** It serves from now on. */
  ready(ready: Ready): void;
  /** Something worth knowing that does not stop it. */
  notice(text: string): void;
  /** It cannot start, or not go on. */
  failure(lines: readonly string[]): void;
}

/** Where a server is to be found. */
export interface Ready {
  /** What it listens on. */
  readonly url: string;
  /** How people reach it: the first own origin, else `url`. */
  readonly publicUrl: string;
  readonly console: string | null;
  /** The first invite, where it may be shown. */
  readonly invite: string | null;
  readonly inviteLink: string | null;
  /** Where the first invite was written instead. */
  readonly inviteFile: string | null;
  readonly isDemo: boolean;
  readonly environment: 'development' | 'production';
  readonly dataDir: string;
}

type Sink = { write(text: string): unknown };

/** One JSON object a line on stdout, the first of them `ready`; failures as text on stderr too. */
export function jsonOutput(stdout: Sink, stderr: Sink): StartOutput {
  const line = (value: object): void => void stdout.write(`${JSON.stringify(value)}\n`);
  return {
    ready: ({ url, console, invite }) => line({ event: 'ready', url, console, invite }),
    notice: (text) => void stderr.write(`${text}\n`),
    failure: (lines) => void stderr.write(`${lines.join('\n')}\n`),
  };
}

/** Text for people. */
export function textOutput(stdout: Sink, stderr: Sink, version: string): StartOutput {
  return {
    ready: (ready) => void stdout.write(banner(ready, version)),
    notice: (text) => void stderr.write(`${text}\n`),
    failure: (lines) => void stderr.write(`${lines.join('\n')}\n`),
  };
}

/** There is one first invite: a later start has none to show. */
const ANOTHER_INVITE = 'steadygate invite create --role admin   (somebody is in already; this makes another)';

function banner(ready: Ready, version: string): string {
  const rows: (readonly [string, string] | undefined)[] = [
    ['Application', ready.publicUrl],
    ready.url === ready.publicUrl ? undefined : ['Listens on', ready.url],
    ready.console === null ? undefined : ['Console', publicAddress(ready.console, ready)],
    ready.invite === null ? undefined : ['Invite', `${ready.invite}   (administrator, one use)`],
    ready.inviteLink === null ? undefined : ['or open', ready.inviteLink],
    ready.inviteFile === null ? undefined : ['Invite', `written to ${ready.inviteFile}`],
    ready.invite === null && ready.inviteFile === null ? ['Invite', ANOTHER_INVITE] : undefined,
    ['Data', ready.dataDir],
  ];
  const title = `Steadygate ${version} · ${ready.environment}${ready.isDemo ? ' · demo: the assistant example' : ''}`;
  const lines = rows.filter((row) => row !== undefined).map(([name, value]) => `  ${name.padEnd(12)} ${value}`);
  return `\n${title}\n\n${lines.join('\n')}\n\nStop with Ctrl+C.\n\n`;
}

/** An address of this listener as people reach it; one of another listener is as it is. */
function publicAddress(address: string, { url, publicUrl }: Ready): string {
  const { origin, pathname } = new URL(address);
  return origin === new URL(url).origin ? new URL(pathname, publicUrl).href : address;
}
