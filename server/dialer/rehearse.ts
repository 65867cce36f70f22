import { randomUUIDv7 } from 'node:crypto';
import { readDebtorFile } from '../debtors/file.ts';
import type { Floor } from './floor.ts';

const TIMES = 25;

/**
 * Goes through the requests of a bridge with legs and a person that do not exist, so that the first caller does not pay for
 * connections not yet open and code not yet compiled: without it the first bridge took some 50 ms longer than the tenth.
 */
export async function rehearse(floor: Floor): Promise<void> {
  const bridgeId = randomUUIDv7();
  const nobody = randomUUIDv7();
  await floor.telephone.createBridge(bridgeId);
  try {
    for (let time = 0; time < TIMES; time += 1) {
      await Promise.allSettled([
        floor.telephone.disarm(nobody).then(() => floor.telephone.join(bridgeId, nobody)),
        floor.telephone.join(bridgeId, nobody),
        readDebtorFile(floor.database, nobody),
      ]);
    }
  } finally {
    await floor.telephone.destroyBridge(bridgeId);
  }
}
