import { isLoopbackHost, type ListenAddress, parseListenAddress } from '../config/address.ts';
import { type Arguments, type CliCommand, JSON_OPTION } from './command.ts';
import { startLocations } from './locations.ts';
import { UsageError } from './usage-error.ts';

/** `steadygate start` */
export const START_COMMAND: CliCommand = {
  name: 'start',
  summary: 'Serve; without configuration and upstream, the assistant example on 127.0.0.1:8080',
  options: {
    config: { kind: 'text', value: 'FILE', help: 'The configuration. Default: ./steadygate.yaml, if there is one' },
    data: {
      kind: 'text',
      value: 'DIR',
      help: 'Where it keeps its data. Default: ./.steadygate (demo: ./.steadygate/demo)',
    },
    listen: { kind: 'text', value: 'HOST:PORT', help: 'Where it listens; port 0 takes a free one' },
    upstream: { kind: 'text', value: 'URL', help: 'Protect this application without a configuration' },
    json: { ...JSON_OPTION, help: 'Print one JSON object a line, the first when it is ready' },
  },
  examples: [
    'start',
    'start --upstream http://127.0.0.1:3000',
    'start --config steadygate.yaml --data /var/lib/steadygate',
  ],
  run: ({ args, io, deps }) => {
    const { source, dataDir } = startLocations(args, io);
    const listen = listenOf(args);
    if (source.kind === 'demo' && listen !== undefined && !isLoopbackHost(listen.host)) {
      throw new UsageError(
        'The demo is for this machine only (T16): listen on 127.0.0.1, or name a configuration.',
        'start',
      );
    }
    if (source.kind === 'upstream') assertUpstream(source.url);
    return deps.start({ source, dataDir, listen, isJson: args.flag('json') });
  },
};

function listenOf(args: Arguments): ListenAddress | undefined {
  const text = args.text('listen');
  if (text === undefined) return undefined;
  const address = parseListenAddress(text);
  if (address === undefined)
    throw new UsageError('--listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080.', 'start');
  return address;
}

/** An address with credentials in it is not echoed: the message names the option only. */
function assertUpstream(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return;
  throw new UsageError('--upstream takes an address such as http://127.0.0.1:3000.', 'start');
}
