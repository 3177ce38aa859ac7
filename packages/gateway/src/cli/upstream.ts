import { listUpstreams } from '../operator/upstreams.ts';
import type { Call, CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';
import { timeText } from './text.ts';

type Upstream = Awaited<ReturnType<typeof listUpstreams.run>>['upstreams'][number];
type Target = Upstream['targets'][number];

const COLUMNS = ['TARGET', 'STATE', 'WEIGHT', 'IN FLIGHT', 'REQUESTS', 'FAILURES', 'EJECTIONS', 'LAST CHECK'];

/** `steadygate upstream …` */
export const UPSTREAM_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'upstream list',
    summary: 'Show upstreams, their targets and how they do',
    operator: listUpstreams,
    options: {},
    notes: ['Exit code 1 when a target is out of service, or a breaker is not closed.'],
    examples: ['upstream list', 'upstream list --json'],
    input: () => ({}),
    isBad: ({ upstreams }) => upstreams.some(isBad),
    print({ upstreams }, call) {
      for (const upstream of upstreams) print(upstream, call);
      if (upstreams.length === 0) call.out.line('No upstreams.');
    },
  }),
];

function isBad({ breaker, targets }: Upstream): boolean {
  return (breaker ?? 'closed') !== 'closed' || targets.some(({ state }) => state === 'down' || state === 'ejected');
}

function print(upstream: Upstream, { out }: Call): void {
  const { name, balance, inFlight, inFlightMax, queued, queueMax, breaker, counts } = upstream;
  const facts = [
    balance,
    `in flight ${ofMost(inFlight, inFlightMax)}`,
    ...(queueMax === null ? [] : [`queued ${ofMost(queued, queueMax)}`]),
    ...(breaker === null ? [] : [`breaker ${breaker}`]),
    `retries ${counts.retries}`,
    `refused ${counts.queueFull + counts.waitedTooLong + counts.refusedByBreaker}`,
  ];
  out.line(`${out.tone('bold', out.plain(name))}  ${facts.join(', ')}`);
  out.table(COLUMNS, upstream.targets.map(rowOf), 'No targets.');
  out.line();
}

function rowOf({ url, state, weight, inFlight, ejectedUntil, lastCheck, counts }: Target): readonly string[] {
  const shown = ejectedUntil === null ? state : `${state} until ${timeText(ejectedUntil).slice(11)}`;
  const check = lastCheck === null ? '-' : `${lastCheck.isGood ? 'good' : 'bad'}: ${lastCheck.detail}`;
  return [
    url,
    shown,
    `${weight}`,
    `${inFlight}`,
    `${counts.requests}`,
    `${counts.failures}`,
    `${counts.ejections}`,
    check,
  ];
}

function ofMost(count: number, most: number | null): string {
  return most === null ? `${count}` : `${count} of ${most}`;
}
