import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from 'node:tls';

/** The other end of connections: one origin. */
export interface Origin {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The name or address that its certificate must be for. */
  readonly certified: string;
}

/** The origin of an `http:` or `https:` URL. `named`: whose certificate it shows, if not the URL's host; a port is ignored. */
export function originOf({ hostname, port, protocol }: URL, named?: string): Origin {
  const isTls = protocol === 'https:';
  const host = withoutBrackets(hostname);
  const certified = named === undefined ? host : withoutBrackets(named.replace(/:\d+$/, ''));
  return { host, port: port === '' ? (isTls ? 443 : 80) : Number(port), isTls, certified };
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** One read of a plain connection. What is read is taken before the next one begins, so all share one piece of memory. */
const READ_BYTES = 64 * 1024;
const PROBE_MS = 60_000;

/** Opens connections to an origin. */
export interface Opener {
  /** `onBytes` gets what arrives and must not keep it; `onReady` is called once the connection stands. */
  open(onBytes: (bytes: Buffer) => void, onReady: () => void): Socket;
}

/** Plain TCP, or TLS with the certificate verified for the origin's name and sessions resumed. */
export function openerOf(origin: Origin): Opener {
  return origin.isTls ? tlsOpener(origin) : plainOpener(origin);
}

function plainOpener({ host, port }: Origin): Opener {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  return {
    open(onBytes, onReady) {
      const socket = connect({
        host,
        port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: PROBE_MS,
        // Spares each read a buffer of its own and the stream's bookkeeping.
        onread: {
          buffer,
          callback: (count) => {
            onBytes(buffer.subarray(0, count));
            return true;
          },
        },
      });
      return socket.once('connect', onReady);
    },
  };
}

/** Wants a certificate for a name or address, whatever was connected to. */
export function certifiedAs(certified: string): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  return {
    // RFC 6066 §3: an address is no server name, but the certificate must be for it all the same.
    servername: isIP(certified) === 0 ? certified : '',
    checkServerIdentity: (_name, certificate) => checkServerIdentity(certified, certificate),
  };
}

function tlsOpener({ host, port, certified }: Origin): Opener {
  let session: Buffer | undefined;
  return {
    open(onBytes, onReady) {
      const socket = connectTls({
        host,
        port,
        ...certifiedAs(certified),
        ALPNProtocols: ['http/1.1'],
        ...(session === undefined ? {} : { session }),
      });
      socket.setNoDelay(true).setKeepAlive(true, PROBE_MS);
      socket.on('session', (fresh) => {
        session = fresh;
      });
      // A session that was refused is not offered again.
      socket.once('error', () => {
        session = undefined;
      });
      return socket.on('data', onBytes).once('secureConnect', onReady);
    },
  };
}
