import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Server, startServer } from './proc.ts';

/** A small JSON document, as most calls of an API answer with. */
const BODY = JSON.stringify({
  items: Array.from({ length: 10 }, (_, id) => ({ id, name: `item ${id}`, inStock: true })),
});

/** The application behind all of them: nginx, so that it is never the slowest part. */
export function startUpstream(folder: string): Promise<Server> {
  const port = freePort();
  const site = `location / { default_type application/json; return 200 '${BODY}'; }`;
  return startNginx({ name: 'upstream', folder, port, http: '', site }, 'load');
}

/** nginx as a bare reverse proxy: kept-alive connections, no log. */
export function startProxy(folder: string, upstreamPort: number): Promise<Server> {
  const http = `
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    upstream app { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000000; }`;
  const pass = `
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $host;`;
  const site = `
    location / { ${pass} }
    location /events { ${pass} proxy_buffering off; }`;
  return startNginx({ name: 'nginx', folder, port: freePort(), http, site }, 'server');
}

interface Site {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly http: string;
  readonly site: string;
}

function startNginx({ name, folder, port, http, site }: Site, side: 'server' | 'load'): Promise<Server> {
  const file = join(folder, `${name}.conf`);
  writeFileSync(
    file,
    `worker_processes 1;
daemon off;
pid ${join(folder, `${name}.pid`)};
error_log ${join(folder, `${name}.error.log`)} error;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path ${join(folder, `${name}-body`)};
  proxy_temp_path ${join(folder, `${name}-proxy`)};
  fastcgi_temp_path ${join(folder, `${name}-fastcgi`)};
  uwsgi_temp_path ${join(folder, `${name}-uwsgi`)};
  scgi_temp_path ${join(folder, `${name}-scgi`)};
  ${http}
  server { listen 127.0.0.1:${port}; ${site} }
}
`,
  );
  return startServer({ name, command: ['nginx', '-c', file], port, log: join(folder, `${name}.log`) }, side);
}
