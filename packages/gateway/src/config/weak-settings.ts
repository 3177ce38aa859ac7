import { isLoopbackHost } from './address.ts';
import { ownAddress } from './own-address.ts';
import type { LoadedConfig } from './parse-config.ts';
import type { Config } from './schema.ts';
import { targetsOf } from './schema-upstreams.ts';
import { connectionFindings, fileFindings, secretFindings } from './weak-surroundings.ts';
import { countersFindings } from './weak-counters.ts';
import { metricsFindings } from './weak-metrics.ts';
import { storeFindings } from './weak-store.ts';
import type { SettingFacts, WeakSetting } from './weak-finding.ts';

type Loaded = Pick<LoadedConfig, 'config' | 'interpolated'>;

/** Every weak setting of a loaded configuration in its surroundings, critical ones first. Pure. */
export function auditSettings(loaded: Loaded, facts: SettingFacts): readonly WeakSetting[] {
  const { config } = loaded;
  const findings = [
    ...listenerFindings(config),
    ...controlFindings(config),
    ...metricsFindings(config),
    ...proxyFindings(config),
    ...corsFindings(config),
    ...routeFindings(config),
    ...upstreamFindings(config),
    ...storeFindings(loaded),
    ...countersFindings(loaded),
    ...secretFindings(loaded, facts),
    ...fileFindings(loaded, facts),
    ...connectionFindings(facts.environment),
  ];
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

/** The findings that forbid to start: all critical ones in production; in development only a public bind. */
export function refusingFindings(
  findings: readonly WeakSetting[],
  environment: Config['environment'],
): readonly WeakSetting[] {
  return findings.filter(({ severity, code }) => {
    return severity === 'critical' && (environment === 'production' || code === 'listener-development-public');
  });
}

function rank({ severity }: WeakSetting): number {
  return severity === 'critical' ? 0 : 1;
}

function listenerFindings(config: Config): readonly WeakSetting[] {
  const { listen } = config;
  const listeners = [
    { path: 'listen', ...listen },
    ...(listen.control === undefined ? [] : [{ path: 'listen.control', ...listen.control }]),
  ];
  return listeners.flatMap((listener) => {
    if (config.environment === 'development') return developmentFindings(listener);
    return [...plainHttpFindings(listener, config), ...hostFindings(listener)];
  });
}

interface Listener {
  readonly path: string;
  readonly host: string;
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

function developmentFindings({ path, host }: Listener): readonly WeakSetting[] {
  if (isLoopbackHost(host)) return [];
  return [
    {
      severity: 'critical',
      code: 'listener-development-public',
      path: `${path}.host`,
      message: 'Development listens on an address that others can reach.',
      hint: 'Bind 127.0.0.1, or set environment: production.',
    },
  ];
}

function plainHttpFindings({ path, host }: Listener, config: Config): readonly WeakSetting[] {
  if (config.tls !== undefined || isLoopbackHost(host)) return [];
  return [
    {
      severity: 'critical',
      code: 'listener-plain-http',
      path: `${path}.host`,
      message: 'A public listener speaks plain HTTP, and nothing is said to end TLS before it.',
      hint: 'Name the proxy that does in tls.terminatedBy, or bind 127.0.0.1.',
    },
  ];
}

/** Pages of the application must be strangers to the console: another origin, better another host (T1). */
function controlFindings({ listen, environment }: Config): readonly WeakSetting[] {
  if (listen.control === undefined || environment === 'development') return [];
  const theirs = ownAddress(listen, environment).origins;
  const ours = ownAddress(listen.control, environment).origins;
  const hostsOf = (origins: readonly string[]) => origins.map((origin) => new URL(origin).hostname);
  const at = { path: 'listen.control', hint: 'Give it a host name of its own, such as https://control.example.com.' };
  if (ours.some((origin) => theirs.includes(origin))) {
    const message = 'The control plane has the same origin as the application, whose pages could then drive it.';
    return [{ ...at, severity: 'critical', code: 'control-origin-shared', message }];
  }
  if (!hostsOf(ours).some((host) => hostsOf(theirs).includes(host))) return [];
  const message =
    'The control plane shares its host name with the application: browsers tell cookies apart by host, not by port.';
  return [{ ...at, severity: 'warning', code: 'control-host-shared', message }];
}

function hostFindings({ path, hosts, origins }: Listener): readonly WeakSetting[] {
  if (hosts.length > 0 || origins.length > 0) return [];
  return [
    {
      severity: 'warning',
      code: 'hosts-open',
      path,
      message: 'Requests for any host name are answered.',
      hint: 'List the own origins, such as https://app.example.com, in listen.origins.',
    },
  ];
}

function proxyFindings(config: Config): readonly WeakSetting[] {
  const everyone = config.trustedProxies.flatMap((range, at): readonly WeakSetting[] => {
    if (!/\/[0-7]$/.test(range)) return [];
    const path = `trustedProxies[${String(at)}]`;
    const message = 'Almost everybody is trusted to say where a request comes from.';
    return [
      {
        severity: 'critical',
        code: 'proxies-everyone',
        path,
        message,
        hint: 'List the addresses of your own proxies only.',
      },
    ];
  });
  if (config.tls?.terminatedBy === undefined || config.trustedProxies.length > 0) return everyone;
  const message = 'TLS ends at a proxy that is not trusted: all clients then share its address, and its limits.';
  return [
    {
      severity: 'warning',
      code: 'proxy-untrusted',
      path: 'tls.terminatedBy',
      message,
      hint: 'List its address in trustedProxies.',
    },
  ];
}

function corsFindings(config: Config): readonly WeakSetting[] {
  const places = [
    { path: 'guards.cors', cors: config.guards.cors },
    ...config.routes.map((route, at) => ({ path: `routes[${String(at)}].cors`, cors: route.cors })),
  ];
  return places.flatMap(({ path, cors }) =>
    (cors?.origins ?? []).flatMap((origin, at): readonly WeakSetting[] => {
      if (origin !== '*' && origin !== 'null') return [];
      const message = `CORS is meant for ${origin === '*' ? 'every origin' : 'the null origin, which any sandboxed page has'}.`;
      return [
        {
          severity: 'critical',
          code: 'cors-open',
          path: `${path}.origins[${String(at)}]`,
          message,
          hint: 'List exact origins.',
        },
      ];
    }),
  );
}

function routeFindings(config: Config): readonly WeakSetting[] {
  return config.routes.flatMap((route, at): readonly WeakSetting[] => {
    if (route.path !== '/**' || route.access !== 'public' || route.deny) return [];
    const path = `routes[${String(at)}].access`;
    const message = 'Whatever no other route covers is open to everybody.';
    return [
      { severity: 'warning', code: 'route-public-all', path, message, hint: 'Open single paths by name instead.' },
    ];
  });
}

function upstreamFindings(config: Config): readonly WeakSetting[] {
  if (config.environment === 'development') return [];
  return Object.entries(config.upstreams).flatMap(([name, upstream]) =>
    targetsOf(upstream).flatMap(({ url }, at) => {
      const path = upstream.url === undefined ? `targets[${String(at)}].url` : 'url';
      return plainTextFinding(url, `upstreams.${name}.${path}`);
    }),
  );
}

function plainTextFinding(url: string, path: string): readonly WeakSetting[] {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || !hostname.includes('.') || isPrivate(hostname)) return [];
  const message = 'Requests travel to this upstream in plain text.';
  return [
    { severity: 'warning', code: 'upstream-plain-http', path, message, hint: 'Use https, or a private address.' },
  ];
}

/** Addresses and names that do not leave one's own network; names without a dot are such, too. */
function isPrivate(hostname: string): boolean {
  return /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|\.(local|internal|localhost)$/.test(hostname);
}
