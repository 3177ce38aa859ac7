import {
  type AnswerVerdict,
  deny,
  type Guard,
  type GuardContext,
  PASS,
  type PassVerdict,
  type Verdict,
} from '../guard.ts';
import { firstHeader, type HeaderList } from '../header-list.ts';
import { type OriginJudge, shownOrigin } from '../policy/origins.ts';
import type { CorsPolicy } from '../policy/policy.ts';

/** What the CORS guard of a route is compiled from. */
export interface CorsGuardOptions {
  readonly cors: CorsPolicy;
  readonly origins: OriginJudge;
  /** Every method that some route of this path takes. */
  readonly methods: readonly string[];
}

interface Compiled {
  readonly origins: OriginJudge;
  readonly passes: ReadonlyMap<string, PassVerdict>;
  readonly preflights: ReadonlyMap<string, AnswerVerdict>;
  readonly unlisted: PassVerdict;
  readonly options: AnswerVerdict;
}

/**
 * Lets exactly the listed origins read answers (SB8, WK8), answers every OPTIONS itself (T9), and refuses WebSocket
 * upgrades of pages on other origins, which CORS would not stop.
 *
 * Other requests of unlisted origins pass without CORS fields: browsers keep their answers from the page, and the
 * `csrf` guard decides whether they may act.
 */
export function corsGuard(options: CorsGuardOptions): Guard {
  const compiled = compile(options);
  return { id: 'cors', phase: 'screen', onError: 'deny', evaluate: (ctx) => judge(compiled, ctx) };
}

function judge(compiled: Compiled, { request }: GuardContext): Verdict {
  const origin = firstHeader(request.headers, 'origin');
  if (request.method === 'OPTIONS') return preflight(compiled, origin, request.headers);
  if (origin === undefined) return compiled.unlisted;
  if (request.upgrade !== undefined && !compiled.origins.isAcceptable(origin, request)) {
    const evidence = shownOrigin(origin);
    const exception = `cors.origins: [${evidence}]`;
    return deny('origin-refused', {
      rule: 'unlisted origin',
      field: 'header:origin',
      evidence,
      config: 'cors.origins',
      exception,
    });
  }
  return compiled.passes.get(origin) ?? compiled.unlisted;
}

function preflight(compiled: Compiled, origin: string | undefined, headers: HeaderList): Verdict {
  const isPreflight = origin !== undefined && firstHeader(headers, 'access-control-request-method') !== undefined;
  return (isPreflight ? compiled.preflights.get(origin) : undefined) ?? compiled.options;
}

function compile({ cors, origins, methods }: CorsGuardOptions): Compiled {
  const vary = cors.origins.length === 0 ? [] : ['vary', 'Origin'];
  const allow = ['allow', [...methods, 'OPTIONS'].join(', ')];
  return {
    origins,
    passes: new Map(cors.origins.map((origin) => [origin, { kind: 'pass', answerHeaders: readFields(cors, origin) }])),
    preflights: new Map(
      cors.origins.map((origin) => [origin, answer([...actFields(cors, origin, methods), ...allow])]),
    ),
    unlisted: cors.origins.length === 0 ? PASS : { kind: 'pass', answerHeaders: vary },
    options: answer([...allow, ...vary]),
  };
}

function answer(answerHeaders: HeaderList): AnswerVerdict {
  return { kind: 'answer', status: 204, answerHeaders };
}

/** Fetch §3.2.3: who may read, and with which credentials. */
function readFields(cors: CorsPolicy, origin: string): HeaderList {
  return [
    'access-control-allow-origin',
    origin,
    'vary',
    'Origin',
    ...(cors.credentials ? ['access-control-allow-credentials', 'true'] : []),
    ...(cors.exposeHeaders.length > 0 ? ['access-control-expose-headers', cors.exposeHeaders.join(', ')] : []),
  ];
}

function actFields(cors: CorsPolicy, origin: string, methods: readonly string[]): HeaderList {
  return [
    ...readFields({ ...cors, exposeHeaders: [] }, origin),
    'access-control-allow-methods',
    methods.join(', '),
    ...(cors.allowHeaders.length > 0 ? ['access-control-allow-headers', cors.allowHeaders.join(', ')] : []),
    'access-control-max-age',
    String(cors.maxAgeSeconds),
  ];
}
