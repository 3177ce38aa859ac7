import type { LoadResult } from './parse-config.ts';
import { parseConfig } from './parse-config.ts';

/** What `--upstream URL` alone means: everything behind a session, `app:read` to read and `app:write` to write. */
export function configForUpstream(url: string): LoadResult {
  const text = JSON.stringify({
    environment: 'development',
    upstreams: { app: { url: url.replaceAll('${', '$${') } },
    routes: [
      {
        path: '/**',
        upstream: 'app',
        access: 'session',
        permission: { read: 'app:read', write: 'app:write' },
        websocket: true,
      },
    ],
  });
  // JSON is YAML: one way in for every configuration.
  return parseConfig(text, '--upstream', { environment: {}, readFile: (path) => ({ path, error: 'does not exist' }) });
}
