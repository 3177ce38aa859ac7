import type { GuardMode } from '../guard.ts';
import type { Api } from '../schema/api.ts';
import type { TextLimits } from '../text/text-policy.ts';
import type { WafPolicy } from '../waf/waf.ts';
import type { Permission } from '../access.ts';
import type { BurstSettings } from '../bursts/burst-meter.ts';
import type { KeyEnvironment } from '../credential/api-key.ts';
import type { SessionAudience } from '../credential/presented-credential.ts';
import type { Rate } from '../limits/bucket-store.ts';
import type { DayQuotas } from '../limits/quota.ts';

/** What the configuration decides, as plain values: defaults filled in, durations in milliseconds, secrets elsewhere. */
export interface Policy {
  readonly environment: 'development' | 'production';
  /** Whose sessions are let in: those of the application's listener, or of the control plane's own. Absent: `session`. */
  readonly audience?: SessionAudience;
  readonly routes: readonly RoutePolicy[];
  readonly ownership: readonly OwnershipPolicy[];
  /** Role name → grants. Always holds `admin` and `viewer`. */
  readonly roles: Readonly<Record<string, readonly Permission[]>>;
  readonly screen: ScreenPolicy;
  readonly limits: LimitsPolicy;
  readonly cors: CorsPolicy;
  /** Own origins, such as `https://app.example.com`: cookie requests from elsewhere need a CSRF token. */
  readonly origins: readonly string[];
  readonly egress: EgressPolicy;
  readonly keys: KeysPolicy;
  readonly blocks: BlocksPolicy;
}

/** When callers are blocked, and for how long. Blocks that somebody made hold in every mode. */
export interface BlocksPolicy {
  /** `alert`: whoever would be blocked is told of. */
  readonly mode: 'enforce' | 'alert' | 'off';
  /** So many violations within so long block. */
  readonly violations: { readonly rate: Rate; readonly text: string };
  /** How long the first block lasts, the second in a row, and so on; the last from then on. */
  readonly stepsMs: readonly number[];
  /** After this long without a block, the next one is a first again. */
  readonly forgetAfterMs: number;
  /** CIDR ranges: nothing from here is refused for a block, or feeds one. */
  readonly allow: readonly string[];
  /** CIDR ranges of listed proxies: they stand for many callers, so nothing of theirs feeds a block. */
  readonly proxies: readonly string[];
}

/** When somebody's requests are a burst, and what is done about it. */
export interface BurstPolicy extends BurstSettings {
  /** `shadow`: told by `explain` only. `alert`: an alert too. */
  readonly mode: 'enforce' | 'alert' | 'shadow' | 'off';
  readonly config: string;
}

/** What is taken as an API key, and how fast each may be used. */
export interface KeysPolicy {
  /** How every key begins, such as `sg_`. */
  readonly prefix: string;
  /** Keys of other environments are refused, unless a route takes them. */
  readonly environments: readonly KeyEnvironment[];
  /** Per key, *instead* of `limits.general`. */
  readonly limit: RouteLimit;
  /** By tenant, instead of `limit`. */
  readonly tenantLimits: Readonly<Record<string, RouteLimit>>;
  /** By tenant, and of tenants that are not listed. */
  readonly quotas: { readonly tenants: Readonly<Record<string, DayQuotas>>; readonly others: DayQuotas };
}

/** Who may use a route: sessions, API keys, either, or everybody. */
export type RouteAccess = 'session' | 'key' | 'any' | 'public';

export interface RoutePolicy {
  /** Where it stands in the configuration, such as `routes[2]`. */
  readonly config: string;
  /** `/api/**`, `/api/chats/{id}`, `/exact`. `**` only at the end: the prefix itself and all below. */
  readonly path: string;
  /** Absent on `deny` routes and on the gate's own. */
  readonly upstream?: string;
  readonly access: RouteAccess;
  /** Environments of API keys that this route takes. Absent: those of `KeysPolicy`. */
  readonly keyEnvironments?: readonly KeyEnvironment[];
  readonly deny: boolean;
  /** Needed by GET and HEAD, and by all other methods. Absent only on `public` and `deny` routes. */
  readonly permission?: { readonly read: Permission; readonly write: Permission };
  /** Absent: all methods that HTTP defines but CONNECT and TRACE. */
  readonly methods?: readonly string[];
  /** Absent: the defaults of `LimitsPolicy`; empty: off. */
  readonly limits?: readonly RouteLimit[];
  readonly bodyBytesMax: number;
  readonly websocket: boolean;
  /** CSRF: `origin` suffices on upstream routes, the gate's own need the `token` (and an acceptable origin). */
  readonly csrf: 'origin-or-token' | 'token' | 'origin';
  readonly guards: { readonly text?: RouteText; readonly schema?: RouteSchema; readonly waf?: RouteWaf };
  readonly cors?: CorsPolicy;
  readonly assertion: 'principal' | 'request';
  /** Blocked addresses may use it: where people log in, which has a budget of its own, and where supervisors ask. */
  readonly isOpenToBlocked?: boolean;
}

/** By which API document a route is judged. Absent from a route: by none. */
export interface RouteSchema {
  readonly mode: GuardMode;
  readonly api: Api;
  /** Whether the query may hold names, and a request a body, that the operation does not know. */
  readonly allowsUnknown: boolean;
  /** What becomes of requests that the document does not describe. */
  readonly unmatched: 'refuse' | 'pass';
  /** Whether answers are judged, too: recorded, and never changed. */
  readonly judgesAnswers: boolean;
  readonly config: string;
}

/** What the texts of a route may hold. Absent from a route: anything. */
export interface RouteText {
  readonly mode: GuardMode;
  readonly limits: TextLimits;
  /** By tenant, instead of `limits`. */
  readonly tenants: Readonly<Record<string, TextLimits>>;
  /** Such as `body:$.text`; empty: every text of query and body. */
  readonly fields: readonly string[];
  /** Whether a refusal counts against the caller (T13). */
  readonly onExcess: 'refuse' | 'violation';
  readonly config: string;
}

/** How a route's content is inspected. Absent from a route: not at all. */
export interface RouteWaf extends WafPolicy {
  readonly mode: GuardMode;
  readonly config: string;
}

export interface RouteLimit {
  readonly per: 'address' | 'principal' | 'tenant' | 'route';
  readonly rate: Rate;
  /** As configured, such as `300/15m`. */
  readonly text: string;
  readonly config: string;
}

/** Defaults; a route's `limits` replace them. */
export interface LimitsPolicy {
  /** Per session principal, else per address. API keys have `KeysPolicy.limit` instead. */
  readonly general: RouteLimit;
  /** Per address, failed credential attempts. */
  readonly credentials: RouteLimit;
  /** Per session family: refresh and log-out. */
  readonly refresh: RouteLimit;
  readonly burst: BurstPolicy;
}

export interface ScreenPolicy {
  /** CIDR ranges; empty: everybody. */
  readonly allowAddresses: readonly string[];
  readonly denyAddresses: readonly string[];
  /** Further paths that are never served, beside the built-in ones. */
  readonly sensitivePaths: readonly string[];
}

export interface CorsPolicy {
  /** Exact origins. Empty: none (the default). */
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

export interface EgressPolicy {
  readonly contentSecurityPolicy: string;
  readonly hstsMaxAgeSeconds: number;
  readonly permissionsPolicy: string;
}

/** One isolated resource of one upstream: where its ids stand in requests and answers (T6). */
export interface OwnershipPolicy {
  readonly config: string;
  readonly upstream: string;
  readonly resource: string;
  /** A regular expression for the whole id: its one canonical spelling (T9). */
  readonly idPattern: string;
  /** `POST /api/chats` → JSON path of the new id in the answer. */
  readonly creates: Readonly<Record<string, string>>;
  /** Path patterns with `{id}`, every method: `/api/chats/{id}/**`. */
  readonly guards: readonly string[];
  /** `POST /api/search` → JSON paths of ids in the request body, or `query:name`. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** `GET /api/chats` → JSON path of ids in the answer; elements of others are removed. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly deletes: readonly string[];
  /** Streams and sockets: messages whose id is not the caller's are dropped. */
  readonly events: readonly { readonly path: string; readonly id: string }[];
  /** What may go up a socket: message type → permission, and where its object id stands (T7). */
  readonly messages: readonly {
    readonly path: string;
    readonly type: string;
    readonly send: Readonly<Record<string, Permission>>;
    readonly id: string;
  }[];
  /** Operations that touch no object: `GET /api/dashboard` → reason. Paths may end in `/**`. */
  readonly unowned: Readonly<Record<string, string>>;
}
