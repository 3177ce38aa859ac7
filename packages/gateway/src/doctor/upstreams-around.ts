import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isLoopbackHost } from '../config/address.ts';
import { type ConfigUpstream, targetsOf } from '../config/schema-upstreams.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

const CONNECT_MS_MAX = 1000;

/** Whether an upstream answers on an address that others can reach, around the gate (SB20). */
export const upstreamsAround: Check = {
  id: 'upstream-around',
  look: ({ loaded }: Patient) => lookAround(loaded?.config.upstreams ?? {}, publicAddresses()),
};

type Upstreams = Readonly<Record<string, Pick<ConfigUpstream, 'url' | 'targets'>>>;

/** Tries every target of every upstream on `addresses`, those of this machine that others can reach. */
export async function lookAround(upstreams: Upstreams, addresses: readonly string[]): Promise<Verdict> {
  const found = await Promise.all(
    Object.entries(upstreams).flatMap(([name, upstream]) =>
      targetsOf(upstream).map(({ url }) => tryTarget(name, new URL(url), addresses)),
    ),
  );
  const exposed = found.flatMap((ways) => ways.exposed);
  if (exposed.length > 0) {
    return {
      state: 'failed',
      message: `Reachable around the gate: ${exposed.join(', ')}.`,
      hint: 'Bind the upstream to 127.0.0.1, or let its firewall accept the gate only.',
    };
  }
  const elsewhere = found.flatMap((ways) => ways.elsewhere);
  if (elsewhere.length > 0) {
    return {
      state: 'warning',
      message: `On other machines, where this one cannot see who else reaches them: ${elsewhere.join(', ')}.`,
      hint: 'Let their firewalls accept the gate only, and let them check X-Steadygate-Assertion.',
    };
  }
  if (found.length === 0) return fine('No upstreams are configured.');
  const tried = addresses.length === 0 ? 'this machine has no other addresses' : `tried ${addresses.join(', ')}`;
  return fine(`No upstream answers around the gate: ${tried}.`);
}

interface Ways {
  readonly exposed: readonly string[];
  readonly elsewhere: readonly string[];
}

async function tryTarget(name: string, url: URL, addresses: readonly string[]): Promise<Ways> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!(await isHere(host, addresses))) return { exposed: [], elsewhere: [`${name} (${host})`] };
  const tried = await Promise.all(addresses.map(async (address) => ((await answers(address, port)) ? [address] : [])));
  return { exposed: tried.flat().map((address) => `${name} on ${address} port ${port}`), elsewhere: [] };
}

/** Whether a host is this machine. A name that does not resolve is somewhere else, as far as anybody can tell. */
async function isHere(host: string, addresses: readonly string[]): Promise<boolean> {
  if (isLoopbackHost(host)) return true;
  const resolved = await lookup(host, { all: true }).catch(() => []);
  return resolved.some(({ address }) => isLoopbackHost(address) || addresses.includes(address));
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS_MAX });
    const finish = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}

/** Link-local IPv6 needs a zone to be tried: its interface has another address that is. */
function publicAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:')).map(({ address }) => address);
}
