import { z } from 'zod';
import { listUsers, readUser, type SignedIn, type User } from '../../access/store.ts';
import { changeUser, createUser, revokeUser, unknownUser } from '../../access/users.ts';
import { setCampaignsOf } from '../../campaigns/serve.ts';
import { changeUserBody, createUserBody, userRow, type UserRow } from '../../contract/people.ts';
import type { Tx } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });

/** Users, their roles, which campaigns they may serve, and the end of their sign-in sessions. */
export function userRoutes(app: App, services: WebServices): void {
  const { database } = services;
  const change = { permission: 'users.change' } as const;

  app.get('/api/v1/users', { config: { permission: 'users.read' }, schema: { response: { 200: z.array(userRow) } } }, async () =>
    (await listUsers(database)).map(rowOf),
  );

  app.post(
    '/api/v1/users',
    { config: change, schema: { body: createUserBody, response: { 201: userRow } } },
    async (request, reply) => {
      const who = signedIn(request);
      const { campaignIds, ...user } = request.body;
      const created = await database.transaction().execute(async (transaction) => {
        // What an account of the demo makes belongs to the demo.
        const id = await createUser(transaction, { ...user, demo: who.demo }, who.userId);
        await setCampaignsOf(transaction, { id, role: user.role, demo: who.demo }, campaignIds, who.userId);
        return orUnknown(await readUser(transaction, id));
      });
      await services.floor.tell({ type: 'changed', what: 'user', id: created.id });
      return reply.status(201).send(rowOf(created));
    },
  );

  app.patch(
    '/api/v1/users/:id',
    { config: change, schema: { params: byId, body: changeUserBody, response: { 200: userRow } } },
    async (request) => {
      const who = signedIn(request);
      const { id } = request.params;
      const { campaignIds, ...changes } = request.body;
      const { user, revoked } = await database.transaction().execute(async (transaction) => {
        await refuseReal(transaction, who, id);
        const changed = await changeUser(transaction, id, changes, { id: who.userId, spare: who.tokenHash });
        // Whoever is no agent any more serves no campaign.
        const serves = campaignIds ?? (changed.user.role === 'agent' ? null : []);
        if (serves !== null) await setCampaignsOf(transaction, changed.user, serves, who.userId);
        return { user: orUnknown(await readUser(transaction, id)), revoked: changed.revoked };
      });
      if (revoked) await services.announce({ type: 'sessions', userId: id });
      await services.floor.tell({ type: 'changed', what: 'user', id });
      return rowOf(user);
    },
  );

  app.post(
    '/api/v1/users/:id/revoke',
    { config: change, schema: { params: byId, response: { 200: z.object({ sessions: z.number().int() }) } } },
    async (request) => {
      const { id } = request.params;
      const who = signedIn(request);
      await refuseReal(database, who, id);
      const sessions = await revokeUser(database, id, who.userId);
      await services.announce({ type: 'sessions', userId: id });
      return { sessions };
    },
  );
}

/** An account of the demo, whose password is printed at each start, must not become the owner of a real one. */
async function refuseReal(database: WebServices['database'] | Tx, who: SignedIn, userId: string): Promise<void> {
  if (!who.demo) return;
  const user = await readUser(database, userId);
  if (user && !user.demo) {
    throw new Refusal('demo_and_real', 'Accounts of the demo cannot change real ones.', { field: 'id', status: 403 });
  }
}

function rowOf({ createdAt, ...user }: User): UserRow {
  return { ...user, createdAt: createdAt.toString({ fractionalSecondDigits: 3 }) };
}

function orUnknown(user: User | null): User {
  if (!user) throw unknownUser();
  return user;
}
