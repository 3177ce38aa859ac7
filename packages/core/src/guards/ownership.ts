import { deny, type DenyVerdict, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { chosenId } from '../ownership/chosen-id.ts';
import type { Operation, Resource } from '../ownership/operation.ts';
import type { Owners } from '../ownership/owners.ts';
import {
  bodyIds,
  bodyIdsOf,
  bodyShadow,
  hasOddInteger,
  isJsonBody,
  type NamedId,
  type NamedIds,
  queryIds,
  queryIdsOf,
  queryShadow,
} from '../ownership/request-ids.ts';
import type { Principal } from '../principal.ts';

/** More ids in one request are refused: each costs a look-up. */
const IDS_MAX = 1000;

/** What the guard asks about one request. */
interface Asking {
  readonly owners: Owners;
  readonly principal: Principal;
}

/**
 * Lets a request pass only if every object it names belongs to its caller, whatever the caller's role (T4-T6, T9, T10).
 *
 * An object of somebody else, one that does not exist, an id in another spelling and an operation that nobody declared
 * are refused alike, as 404. Fails closed.
 */
export function ownershipGuard(deps: { owners: Owners }): Guard {
  return {
    id: 'ownership',
    phase: 'authorize',
    onError: 'deny',
    evaluate(ctx) {
      const { operation } = ctx.match;
      if (operation === undefined) return PASS;
      if (operation === 'undeclared') return missing('operation undeclared', 'path');
      if (ctx.request.upgrade !== undefined && !isStream(operation)) return missing('upgrade undeclared', 'path');
      if (operation.unowned !== undefined) return PASS;
      // Nobody is nobody's owner: on a public route no object is reached, made or listed.
      if (ctx.principal === undefined) return missing('no principal', 'path');
      return judge(ctx, operation, { owners: deps.owners, principal: ctx.principal });
    },
  };
}

/** T7: without a declaration nothing could be told apart on a socket. */
function isStream(operation: Operation): boolean {
  return operation.events !== undefined || operation.unowned !== undefined || operation.pathIds.length > 0;
}

/** Path and query first, without waiting for a body: who names a foreign object there is not read further. */
function judge(ctx: GuardContext, operation: Operation, asking: Asking): Verdict | Promise<Verdict> {
  const query = queryIds(queryIdsOf(operation), ctx.request.query);
  if (!query.ok) return malformed(query);
  const path = operation.pathIds.map(({ resource, objectId }) => ({ resource, id: objectId, field: 'path' }));
  const verdict = ownAll([...path, ...query.ids], asking);
  if (operation.creates !== undefined) return judgeCreation(ctx, operation, { ...asking, verdict });
  return operation.requestIds.length === 0 ? verdict : judgeBody(ctx, operation, { ...asking, verdict });
}

type AskingAfter = Asking & { readonly verdict: Verdict | Promise<Verdict> };

/** T5: the application names new objects, so that none can be made in the place of one that exists. */
async function judgeCreation(ctx: GuardContext, operation: Operation, asking: AskingAfter): Promise<Verdict> {
  const verdict = operation.requestIds.length === 0 ? await asking.verdict : await judgeBody(ctx, operation, asking);
  if (verdict.kind === 'deny' || operation.creates === undefined) return verdict;
  const { at, resource } = operation.creates;
  const chosen = await chosenId(ctx, at);
  if (chosen === undefined) return verdict;
  if (chosen === 'unreadable') {
    const detail = 'Send the body as JSON in UTF-8, or as a form.';
    return deny('media-type-refused', { rule: 'creation unreadable', field: 'header:content-type' }, { detail });
  }
  const detail = 'The application names new objects: leave the id out.';
  return deny('input-invalid', { rule: 'id chosen by the client', ...chosen, config: resource.config }, { detail });
}

async function judgeBody(ctx: GuardContext, operation: Operation, asking: AskingAfter): Promise<Verdict> {
  const verdict = await asking.verdict;
  if (verdict.kind === 'deny') return verdict;
  const declared = bodyIdsOf(operation);
  if (declared.length === 0 && ctx.request.bodyBytes === 0) return PASS;
  if (!isJsonBody(ctx.request.headers)) {
    const detail = 'Send the body as application/json in UTF-8.';
    return deny('media-type-refused', { rule: 'not JSON', field: 'header:content-type' }, { detail });
  }
  const shadow = queryShadow(declared, ctx.request.query);
  if (shadow !== undefined) return duplicated(shadow);
  return judgeJson(ctx, operation, asking);
}

async function judgeJson(ctx: GuardContext, operation: Operation, asking: Asking): Promise<Verdict> {
  const body = await ctx.body.json();
  const shadow = bodyShadow(queryIdsOf(operation), body);
  if (shadow !== undefined) return duplicated(shadow);
  const named = bodyIds(bodyIdsOf(operation), body);
  if (!named.ok) return malformed(named);
  // Only ids of digits can have been numbers.
  if (named.ids.some(({ id }) => /^-?\d+$/.test(id)) && hasOddInteger(await ctx.body.bytes())) {
    return malformed({ ok: false, code: 'input-invalid', rule: 'number with two readings', field: 'body' });
  }
  return ownAll(named.ids, asking);
}

function ownAll(named: readonly NamedId[], asking: Asking): Verdict | Promise<Verdict> {
  const [first] = named;
  if (first === undefined) return PASS;
  if (named.length > IDS_MAX) {
    const detail = `At most ${IDS_MAX} objects can be named at once.`;
    return deny('input-invalid', { rule: 'too many ids', field: first.field }, { detail });
  }
  const odd = named.find(({ resource, id }) => !resource.isId(id));
  if (odd !== undefined) return missing('id not canonical', odd.field, odd.resource);

  const groups = [...Map.groupBy(named, ({ resource }) => resource).values()];
  const answers = groups.map((group) => firstForeign(group, asking));
  if (answers.some((answer) => answer instanceof Promise)) return settle(answers);
  // None is a promise: just tested.
  return toVerdict(answers as readonly (NamedId | undefined)[]);
}

async function settle(answers: readonly (NamedId | undefined | Promise<NamedId | undefined>)[]): Promise<Verdict> {
  return toVerdict(await Promise.all(answers.map(async (answer) => answer)));
}

function toVerdict(foreign: readonly (NamedId | undefined)[]): Verdict {
  const found = foreign.find((each) => each !== undefined);
  return found === undefined ? PASS : missing('not the owner', found.field, found.resource);
}

/** The first of the ids, all of one resource, that is not the caller's. Stays synchronous as long as `Owners` does. */
function firstForeign(named: readonly NamedId[], asking: Asking): NamedId | undefined | Promise<NamedId | undefined> {
  const [first] = named;
  if (first === undefined) return undefined;
  const { tenantId, userId } = asking.principal;
  const { upstream, name: resource } = first.resource;
  if (named.length === 1) {
    const owner = asking.owners.ownerOf({ tenantId, upstream, resource, objectId: first.id });
    const isMine = (ownerId: string | undefined): NamedId | undefined => (ownerId === userId ? undefined : first);
    return owner instanceof Promise ? owner.then(isMine) : isMine(owner);
  }
  const ids = [...new Set(named.map(({ id }) => id))];
  const owned = asking.owners.ownedOf({ tenantId, upstream, resource, ownerId: userId }, ids);
  const foreign = (mine: ReadonlySet<string>): NamedId | undefined => named.find(({ id }) => !mine.has(id));
  return owned instanceof Promise ? owned.then(foreign) : foreign(owned);
}

/** The one refusal that says nothing: whether an object exists is the owner's business. */
function missing(rule: string, field: string, resource?: Resource): DenyVerdict {
  return deny('not-found', { rule, field, ...(resource === undefined ? {} : { config: resource.config }) });
}

function malformed({ code, rule, field }: NamedIds & { ok: false }): DenyVerdict {
  return deny(code, { rule, field }, { detail: `${field}: ${rule}.` });
}

function duplicated(name: string): DenyVerdict {
  const detail = `"${name}" stands in the query and in the body.`;
  return deny('parameter-duplicated', { rule: 'query and body', field: `query:${name}` }, { detail });
}
