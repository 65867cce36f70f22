import type { TrunkRow } from '../../contract/trunks.ts';
import type { Database } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { refuseMixing, type Actor } from '../lifecycle.ts';
import { faultOfArming } from './rules.ts';
import { lockTrunk, writeArmed } from './store.ts';

/**
 * Arms or disarms a trunk and returns it. Throws `unknown_trunk`; `demo_and_real` when the demo reaches for a real one;
 * `trunk_untested`, `trunk_changed_since_test` or `trunk_test_expired` when no test call speaks for a real one as it is set now.
 */
export async function armTrunk(database: Database, name: string, armed: boolean, actor: Actor): Promise<TrunkRow> {
  return database.transaction().execute(async (transaction) => {
    const trunk = orUnknownTrunk(await lockTrunk(transaction, name), name);
    if (armed) {
      refuseMixing(actor, trunk);
      const fault = trunk.armed ? null : faultOfArming(trunk.proof);
      if (fault) throw new Refusal(fault.code, fault.message, { field: fault.field, status: 409 });
    }
    await writeArmed(transaction, name, armed);
    await record(transaction, [
      {
        kind: armed ? 'trunk.armed' : 'trunk.disarmed',
        subject: 'trunk',
        subjectId: name,
        actor: actor.userId,
        body: { digest: trunk.digest },
      },
    ]);
    return { ...trunk, armed };
  });
}

/** The trunk, or the refusal `unknown_trunk`. */
export function orUnknownTrunk<Trunk>(trunk: Trunk | null, name: string): Trunk {
  if (!trunk) throw new Refusal('unknown_trunk', `There is no trunk named ${name}.`, { field: 'name', status: 404 });
  return trunk;
}
