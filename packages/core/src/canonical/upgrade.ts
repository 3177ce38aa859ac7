import { firstHeader, type HeaderList } from '../header-list.ts';
import { headerKind } from './header-kind.ts';
import { bodyFraming, connectionOptions } from './framing.ts';
import { refusal, type Refusal } from './refusal.ts';

/** What an upgrade is judged by. */
export interface UpgradeFacts {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: HeaderList;
}

type Upgrade = { readonly ok: true; readonly upgrade: 'websocket' | undefined };
const NO_UPGRADE: Upgrade = { ok: true, upgrade: undefined };

/**
 * Which protocol the connection becomes: WebSocket with an exact RFC 6455 handshake, or none.
 *
 * An `Upgrade` that `Connection` does not name is no upgrade and is not forwarded. HTTP/2 over clear text is refused
 * wherever it is named: a forwarded h2c upgrade is a tunnel past every guard.
 */
export function connectionUpgrade(facts: UpgradeFacts): Upgrade | Refusal {
  const options = connectionOptions(facts.headers);
  if (options === undefined) return refusal('connection-malformed', 'header:connection');
  // RFC 9110 §7.6.1: an option must not name a field for the final recipient. Whoever obeyed would judge one request
  // and send another (`Connection: Content-Type`).
  if (options.some((option) => headerKind(option)?.endToEnd === true)) {
    return refusal('connection-names-end-to-end', 'header:connection');
  }
  const protocol = firstHeader(facts.headers, 'upgrade')?.toLowerCase();
  if (protocol === undefined) return NO_UPGRADE;
  if (protocol.includes('h2c')) return refusal('upgrade-unsupported', 'header:upgrade');
  return options.includes('upgrade') ? namedUpgrade(protocol, facts) : NO_UPGRADE;
}

function namedUpgrade(protocol: string, facts: UpgradeFacts): Upgrade | Refusal {
  if (protocol !== 'websocket') return refusal('upgrade-unsupported', 'header:upgrade');
  return isHandshake(facts) ? { ok: true, upgrade: 'websocket' } : refusal('websocket-handshake', 'header:upgrade');
}

/** RFC 6455 §4.2.1. A body would leave bytes that one side reads as frames and the other as a request. */
function isHandshake({ method, httpVersion, headers }: UpgradeFacts): boolean {
  const framing = bodyFraming(headers, httpVersion);
  if (method !== 'GET' || httpVersion !== '1.1' || !framing.ok || framing.bodyBytes !== 0) return false;
  if (firstHeader(headers, 'sec-websocket-version') !== '13') return false;
  // 16 bytes in Base64: the last character before the padding carries two bits.
  return /^[A-Za-z\d+/]{21}[AQgw]==$/.test(firstHeader(headers, 'sec-websocket-key') ?? '');
}
