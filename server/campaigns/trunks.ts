import type { TrunkRow } from '../contract/campaigns.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { refuseMixing, type Actor } from './lifecycle.ts';
import { readTrunk, writeArmed } from './store.ts';

/** Arms or disarms a trunk and returns it. Throws `unknown_trunk`; `demo_and_real` when the demo reaches for a real one. */
export async function armTrunk(database: Database, name: string, armed: boolean, actor: Actor): Promise<TrunkRow> {
  return database.transaction().execute(async (transaction) => {
    const before = await readTrunk(transaction, name);
    if (armed) refuseMixing(actor, before);
    const trunk = await writeArmed(transaction, name, armed);
    if (!trunk) throw new Refusal('unknown_trunk', `There is no trunk named ${name}.`, { field: 'name', status: 404 });
    await record(transaction, [
      { kind: armed ? 'trunk.armed' : 'trunk.disarmed', subject: 'trunk', subjectId: name, actor: actor.userId, body: {} },
    ]);
    return trunk;
  });
}
