import type { Api, RouteSchema } from '@steadygate/core';

import type { Config } from './schema.ts';

type ConfigRoute = Config['routes'][number];
type ConfigSchema = NonNullable<Config['guards']['schema']>;

/** How a route is judged by a document, before the document is read. */
export interface SchemaSettings extends Omit<ConfigSchema, 'basePath'> {
  readonly basePath: string | undefined;
  /** Where it stands in the configuration. */
  readonly config: string;
}

/** Documents that were read, by `apiKey`. */
export type Apis = ReadonlyMap<string, Api>;

/** One compiled document serves every route that means it in the same way. */
export function apiKey({ file, basePath, unknownProperties, answers }: Omit<SchemaSettings, 'config'>): string {
  return JSON.stringify([file, basePath, unknownProperties, answers]);
}

/** What a route's settings say, its own before those of all routes; undefined where no document is meant. */
export function schemaSettings(route: ConfigRoute, { guards, routes }: Config): SchemaSettings | undefined {
  const own = route.guards.schema;
  const shared = guards.schema;
  const file = own?.file ?? shared?.file;
  if (route.deny || file === undefined) return undefined;
  const config = own === undefined ? 'guards.schema' : `routes[${String(routes.indexOf(route))}].guards.schema`;
  return { ...USUAL, ...written(shared), ...written(own), file, basePath: basePathOf(own, shared), config };
}

/** The base path of one document says nothing about another. */
function basePathOf(own: ConfigRoute['guards']['schema'], shared: ConfigSchema | undefined): string | undefined {
  return own?.basePath ?? (own?.file === undefined ? shared?.basePath : undefined);
}

const USUAL = { mode: 'enforce', unknownProperties: 'refuse', unmatched: 'refuse', answers: 'off' } as const;

/** What a section says, without what it leaves open. */
function written(section: ConfigSchema | ConfigRoute['guards']['schema']): Partial<typeof USUAL> {
  return Object.fromEntries(
    Object.entries(section ?? {}).filter(([key, value]) => key in USUAL && value !== undefined),
  );
}

/** A route's document and how it is used. @throws Error when the document was not read: a bug of composition */
export function toRouteSchema(route: ConfigRoute, config: Config, apis: Apis): RouteSchema | undefined {
  const settings = schemaSettings(route, config);
  if (settings === undefined || settings.mode === 'off') return undefined;
  const api = apis.get(apiKey(settings));
  if (api === undefined) throw new Error(`${settings.config}: the document was not read`);
  return {
    mode: settings.mode,
    api,
    allowsUnknown: settings.unknownProperties === 'allow',
    unmatched: settings.unmatched,
    judgesAnswers: settings.answers === 'shadow',
    config: settings.config,
  };
}
