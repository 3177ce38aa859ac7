import { disableUser, listUsers } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { User, Users } from '../store/users.ts';
import type { Unconfirmed } from '../feed/confirmations.ts';
import { by } from './by.ts';
import { ended } from './ended.ts';
import { mount } from './mount.ts';

/** Members of a tenant. */
export function userRoutes(
  app: FastifyInstance,
  users: Pick<Users, 'list' | 'disable'>,
  unconfirmed: Unconfirmed,
): void {
  mount(app, listUsers, async ({ access, query }) => {
    const page = await users.list(access, query);
    return { users: page.items.map(toView), nextCursor: page.nextCursor };
  });

  mount(app, disableUser, async ({ access, params, own }) => {
    if (!(await users.disable(params['id'] ?? '', by(access, own)))) throw new ProblemError('not-found');
    return ended(unconfirmed);
  });
}

function toView(user: User) {
  const { id, name, role, createdAtMs, disabledAtMs } = user;
  return { id, name: name ?? null, role, createdAt: createdAtMs, disabledAt: disabledAtMs ?? null };
}
