import type { HeaderList } from './header-list.ts';
import { type ParsedJson, parseStrictJson } from './json/parse.ts';

/** A request in its one canonical spelling: what is judged is what is sent. Made only by `canonicaliseRequest()`. */
export interface CanonicalRequest {
  /** Our own request id; a client's is never taken over. */
  readonly id: string;
  /** In upper case, one of the methods HTTP defines. */
  readonly method: string;
  /** Starts with `/`; dot segments resolved; unreserved bytes decoded, others as upper-case `%XX`. */
  readonly path: string;
  /** Without the `?`; empty when there is none. */
  readonly query: string;
  /** In lower case, with the port where one was named. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** All fields as the client sent them, names in lower case. For judging, never for forwarding. */
  readonly headers: HeaderList;
  /** The address of the caller: the socket's peer, or what trusted proxies say. Canonical text, IPv4-mapped IPv6 as IPv4. */
  readonly clientAddress: string;
  /** The socket's peer. */
  readonly peerAddress: string;
  /** `websocket` for an upgrade that may be forwarded; other upgrades are refused before. */
  readonly upgrade: 'websocket' | undefined;
  /** The declared length of the body; undefined when it is chunked; 0 when there is none. */
  readonly bodyBytes: number | undefined;
}

/** A body as text. */
export interface BodyText {
  readonly text: string;
  readonly isUtf8: boolean;
  /** The text as strict JSON, for whoever keeps what was parsed; `strictJson()` asks it. */
  readonly json?: () => ParsedJson;
}

/** A body as JSON that every reader understands alike, without its byte order mark. Parsed once where the body remembers. */
export function strictJson(body: BodyText): ParsedJson {
  return body.json?.() ?? parseStrictJson(body.text.startsWith('\ufeff') ? body.text.slice(1) : body.text);
}

/** Reads a request's body at most once, however many guards ask. Implemented by the data plane. */
export interface RequestBody {
  /**
   * The whole body.
   *
   * @throws ProblemError `body-too-large` when it exceeds the route's `bodyBytesMax`, `body-timeout` when it stalls
   */
  bytes(): Promise<Uint8Array>;
  /**
   * The body as JSON; undefined when there is no body.
   *
   * @throws ProblemError `body-invalid` when it is not valid UTF-8 or JSON, or has duplicate keys
   */
  json(): Promise<unknown>;
  /**
   * The body as text, without its content encoding: UTF-8, or one character for each octet where it is none.
   *
   * @throws ProblemError `media-type-refused` for an unknown content encoding, `body-invalid` when it does not decode,
   * `body-too-large` when what it decodes to is larger than the route's `bodyBytesMax`
   */
  text(): Promise<BodyText>;
}
