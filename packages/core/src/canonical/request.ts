import { parseAddress, type AddressRange } from '../net/address.ts';
import { clientAddress } from '../net/client-address.ts';
import { firstHeader, type HeaderList } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';
import { readFields, type HeadBounds } from './fields.ts';
import { bodyFraming, isMetExpectation } from './framing.ts';
import { canonicalHost, isAllowedHost } from './host.ts';
import { refusal, type Refusal } from './refusal.ts';
import { canonicalTarget } from './target.ts';
import { connectionUpgrade } from './upgrade.ts';

/** A request as the socket gave it. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** Flat, as received: repetitions and spellings kept, each octet one character. */
  readonly rawHeaders: readonly string[];
  readonly peerAddress: string;
  readonly tls: boolean;
  /** Such as `1.1`. */
  readonly httpVersion: string;
}

/** What a configuration says about canonical requests. */
export interface CanonicalOptions extends HeadBounds {
  /** Empty: nobody's forwarding fields are believed. */
  readonly trustedProxies: readonly AddressRange[];
  /** Host names, with a port to allow only that one. Empty: any that is valid. */
  readonly allowedHosts: readonly string[];
  readonly targetBytesMax: number;
}

/** The one spelling of a request, or why there is none. */
export type Canonical =
  | {
      readonly ok: true;
      readonly request: CanonicalRequest;
      /** An unlisted peer sent forwarding fields: an alert, never a block (T13). */
      readonly forwardingForged: boolean;
    }
  | Refusal;

/**
 * Gives a request its one spelling, or refuses it. Never throws.
 *
 * Refuses what a strict HTTP/1.1 reader would, and what two readers could read differently. HTTP/1.0 is spoken, because
 * proxies in front and health checks use it, but with a `Host`, without chunks and without upgrades.
 */
export function canonicaliseRequest(raw: RawRequest, options: CanonicalOptions, requestId: string): Canonical {
  if (raw.httpVersion !== '1.1' && raw.httpVersion !== '1.0') return refusal('version-unsupported');
  const fields = readFields(raw.rawHeaders, options);
  if (!fields.ok) return fields;
  const { headers } = fields;
  const framing = bodyFraming(headers, raw.httpVersion);
  if (!framing.ok) return framing;
  const connection = connectionUpgrade({ method: raw.method, httpVersion: raw.httpVersion, headers });
  if (!connection.ok) return connection;
  if (!isMetExpectation(headers)) return refusal('expectation-unsupported', 'header:expect');
  const target = canonicalTarget(raw.method, raw.target, options.targetBytesMax);
  if (!target.ok) return target;
  const origin = requestOrigin(raw, headers, options);
  if (!origin.ok) return origin;
  const { ok: _, forged, ...caller } = origin;
  const { method, path, query } = target;
  const { bodyBytes } = framing;
  const request = { id: requestId, method, path, query, ...caller, headers, upgrade: connection.upgrade, bodyBytes };
  return { ok: true, request, forwardingForged: forged };
}

interface Origin extends Pick<CanonicalRequest, 'host' | 'scheme' | 'clientAddress' | 'peerAddress'> {
  readonly ok: true;
  readonly forged: boolean;
}

function requestOrigin(raw: RawRequest, headers: HeaderList, options: CanonicalOptions): Origin | Refusal {
  const named = firstHeader(headers, 'host');
  if (named === undefined) return refusal('host-missing', 'header:host');
  const host = canonicalHost(named);
  if (host === undefined) return refusal('host-malformed', 'header:host');
  if (!isAllowedHost(host, options.allowedHosts)) return refusal('host-not-allowed', 'header:host');
  const peer = parseAddress(raw.peerAddress);
  if (peer === undefined) return refusal('peer-unknown');
  const client = clientAddress(peer, headers, options.trustedProxies);
  const scheme = client.scheme ?? (raw.tls ? 'https' : 'http');
  return { ok: true, host, scheme, clientAddress: client.address, peerAddress: peer.text, forged: client.forged };
}
