import { UpstreamList } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { listingOf } from '../upstreams/listing.ts';
import { defineCommand } from './command.ts';

/** Lists the upstreams of the running server, their targets and how they do. */
export const listUpstreams = defineCommand({
  name: 'upstream.list',
  summary: 'List the upstreams and their targets',
  needsServer: true,
  input: z.strictObject({}),
  output: UpstreamList,
  async run({ upstreams }) {
    if (upstreams === undefined) {
      throw new ProblemError('unavailable', { detail: 'How upstreams do is known by a running server only.' });
    }
    return listingOf(upstreams());
  },
});
