import type { Socket } from 'node:net';

/** How many connections may be open at once. */
export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly perAddressMax: number;
  /** Connections without a request in progress, over all addresses; beyond it the oldest is closed. */
  readonly idleMax: number;
  readonly idlePerAddressMax: number;
}

/** Holds 5,000 slow headers and 1,000 sockets of one office off each other with room to spare. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  connectionsMax: 10_000,
  perAddressMax: 2_048,
  idleMax: 2_048,
  idlePerAddressMax: 256,
};

interface Peer {
  open: number;
  /** Oldest first: sets keep the order of insertion. */
  readonly idle: Set<Socket>;
}

/**
 * Keeps room for those who send requests, against those who only hold connections (slow headers, floods).
 *
 * A connection without a request in progress is expendable: when room runs out the oldest of them goes, first of the
 * same address. Addresses of trusted proxies stand for many clients and have no share of their own.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #isShared: (address: string) => boolean;
  readonly #peers = new Map<string, Peer>();
  readonly #idle = new Set<Socket>();
  readonly #open = new Set<Socket>();
  readonly #raw = new WeakMap<Socket, Socket>();

  constructor(limits: ConnectionLimits, isSharedAddress: (address: string) => boolean) {
    this.#limits = limits;
    this.#isShared = isSharedAddress;
  }

  get openCount(): number {
    return this.#open.size;
  }

  get idleCount(): number {
    return this.#idle.size;
  }

  /** Admits a new connection or destroys it. */
  admit(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const peer = this.#peers.get(address) ?? { open: 0, idle: new Set<Socket>() };
    if (!this.#hasRoom(address, peer)) {
      socket.destroy();
      return false;
    }
    peer.open += 1;
    this.#peers.set(address, peer);
    this.#open.add(socket);
    this.#markIdle(socket, peer);
    socket.once('close', () => this.#forget(socket, address));
    return true;
  }

  /** A TLS handshake ended: its requests come by another object, for the same connection. */
  adopt(secure: Socket): void {
    const raw = [...(this.#peers.get(secure.remoteAddress ?? '')?.idle ?? [])].find((socket) => {
      return socket.remotePort === secure.remotePort;
    });
    if (raw !== undefined) this.#raw.set(secure, raw);
  }

  /** A whole request head arrived: the connection is no longer expendable. */
  busy(carrier: Socket): void {
    const socket = this.#raw.get(carrier) ?? carrier;
    this.#idle.delete(socket);
    this.#peers.get(carrier.remoteAddress ?? '')?.idle.delete(socket);
  }

  /** Its answer was sent. */
  idle(carrier: Socket): void {
    const socket = this.#raw.get(carrier) ?? carrier;
    const peer = this.#peers.get(carrier.remoteAddress ?? '');
    if (peer !== undefined && this.#open.has(socket)) this.#markIdle(socket, peer);
  }

  /** Closes what has no request in progress, or everything. */
  close(which: 'idle' | 'all'): void {
    for (const socket of which === 'idle' ? this.#idle : this.#open) socket.destroy();
  }

  #hasRoom(address: string, peer: Peer): boolean {
    const { connectionsMax, perAddressMax } = this.#limits;
    if (!this.#isShared(address) && peer.open >= perAddressMax && !evictOldest(peer.idle)) return false;
    return this.#open.size < connectionsMax || evictOldest(this.#idle);
  }

  #markIdle(socket: Socket, peer: Peer): void {
    this.#idle.add(socket);
    peer.idle.add(socket);
    const { idleMax, idlePerAddressMax } = this.#limits;
    if (peer.idle.size > idlePerAddressMax && !this.#isShared(socket.remoteAddress ?? '')) evictOldest(peer.idle);
    if (this.#idle.size > idleMax) evictOldest(this.#idle);
  }

  #forget(socket: Socket, address: string): void {
    this.#open.delete(socket);
    this.#idle.delete(socket);
    const peer = this.#peers.get(address);
    if (peer === undefined) return;
    peer.idle.delete(socket);
    peer.open -= 1;
    if (peer.open === 0) this.#peers.delete(address);
  }
}

function evictOldest(sockets: Set<Socket>): boolean {
  for (const socket of sockets) {
    // Out of the set at once: `close` comes later, and the next eviction must find another.
    sockets.delete(socket);
    socket.destroy();
    return true;
  }
  return false;
}
