import { listUpstreams } from '@steadygate/contract';
import type { FastifyInstance } from 'fastify';
import { listingOf } from '../upstreams/listing.ts';
import type { UpstreamView } from '../upstreams/view.ts';
import { mount } from './mount.ts';

/** How upstreams do is of the whole gate: only the platform sees it (T15). */
export function upstreamRoutes(app: FastifyInstance, views: () => readonly UpstreamView[]): void {
  mount(app, listUpstreams, async () => listingOf(views()));
}
