import type { RouteText, TextLimits } from '@steadygate/core';

import type { Config } from './schema.ts';

type ConfigRoute = Config['routes'][number];
type ConfigText = NonNullable<Config['guards']['text']>;
type Amount = number | 'off';
type Amounts = Readonly<Record<keyof TextLimits, Amount>>;

const DEFAULTS: Amounts = { charactersMax: 8192, urlsMax: 5, phonesMax: 3 };
const LIMITS = ['charactersMax', 'urlsMax', 'phonesMax'] as const;

/** What the texts of a route may hold: its own settings before those of all routes, and a tenant's before either. */
export function toRouteText(route: ConfigRoute, { guards, routes }: Config): RouteText | undefined {
  const own = route.guards.text;
  const shared = guards.text;
  if (own === undefined && shared === undefined) return undefined;
  return {
    ...toConduct(shared, own),
    limits: toLimits(merged(DEFAULTS, shared, own)),
    tenants: tenantLimits(shared, own),
    config: own === undefined ? 'guards.text' : `routes[${String(routes.indexOf(route))}].guards.text`,
  };
}

type Shared = ConfigText | undefined;
type Own = ConfigRoute['guards']['text'];

const CONDUCT = { mode: 'enforce', fields: [], onExcess: 'violation' } as const;

function toConduct(shared: Shared, own: Own): Pick<RouteText, 'mode' | 'fields' | 'onExcess'> {
  const { mode, fields = CONDUCT.fields, onExcess } = shared ?? CONDUCT;
  return { mode: own?.mode ?? mode, fields: own?.fields ?? fields, onExcess: own?.onExcess ?? onExcess };
}

function tenantLimits(shared: Shared, own: Own): RouteText['tenants'] {
  const tenants = [shared, own].flatMap((section) => Object.keys(section?.tenants ?? {}));
  return Object.fromEntries(
    tenants.map((tenant) => {
      return [tenant, toLimits(merged(DEFAULTS, shared, ofTenant(shared, tenant), own, ofTenant(own, tenant)))];
    }),
  );
}

type Section = Partial<{ readonly [Key in keyof Amounts]: Amount | undefined }>;

function ofTenant(section: Shared | Own, tenant: string): Section | undefined {
  const tenants = section?.tenants ?? {};
  return Object.hasOwn(tenants, tenant) ? tenants[tenant] : undefined;
}

/** Later sections win where they say something. */
function merged(base: Amounts, ...sections: readonly (Section | undefined)[]): Amounts {
  const pick = (key: keyof Amounts): Amount =>
    sections.findLast((section) => section?.[key] !== undefined)?.[key] ?? base[key];
  return { charactersMax: pick('charactersMax'), urlsMax: pick('urlsMax'), phonesMax: pick('phonesMax') };
}

function toLimits(amounts: Amounts): TextLimits {
  return Object.fromEntries(LIMITS.flatMap((key) => (amounts[key] === 'off' ? [] : [[key, amounts[key]]])));
}
