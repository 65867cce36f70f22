import { generateKeyPairSync } from 'node:crypto';
import { loadSettings } from '../../server/config.ts';
import type { Database } from '../../server/kernel/database.ts';
import { record, type HistoryEvent } from '../../server/kernel/history.ts';
import { auditHistory } from '../../server/kernel/seal/audit.ts';
import { listHeads, signHeads } from '../../server/kernel/seal/heads.ts';
import { keyName } from '../../server/kernel/seal/keys.ts';
import { Sealer } from '../../server/kernel/seal/sealer.ts';
import { runningDatabase } from '../../server/machine/borrow.ts';
import { withPool, withScratchDatabase } from '../postgres.ts';
import { atMost, readOptions, report, tell, wholeNumber } from '../report.ts';

const COMMAND = 'bench audit';
const MILLION = 1_000_000;
const AUDIT_LIMIT_S = 60;
const WRITTEN_AT_ONCE = 2_000;
const MONTHS = 3;
const KINDS = ['reserved', 'dialing', 'ringing', 'answered', 'screened', 'connected', 'ended', 'outcome'] as const;

/**
 * `npm run bench -- audit [--rows 1000000] [--json]`: writes events of whole calls into a database of its own, spread over three months, seals them and
 * signs a head, then verifies everything: every body against its leaf, every row against its batch, the chain, the signature. The limit is for a million.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, { rows: { type: 'string' }, json: { type: 'boolean', default: false } });
  const rows = wholeNumber(COMMAND, 'rows', values.rows, { otherwise: MILLION, least: 1_000, most: 10 * MILLION });
  await withScratchDatabase(runningDatabase(loadSettings()), (url) =>
    withPool(url, async (_, database) => {
      tell(`Writing ${rows} events…`);
      const writing = await timed(() => writeEvents(database, rows));
      tell('Sealing them…');
      const sealing = await timed(() => sealAll(database));
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const tomorrow = Temporal.Now.plainDateISO('UTC').add({ days: 1 }).toString();
      const signed = await signHeads(database, privateKey, tomorrow);
      tell('Verifying everything…');
      const auditing = await timed(async () => {
        const exported = (await listHeads(database, signed)).map((head) => ({ file: 'head.json', head }));
        return auditHistory({ database, keys: new Map([[keyName(publicKey), publicKey]]), exported });
      });
      const { events, batches, heads, unsealed, months, faultsInAll } = auditing.value;
      const checks = [
        ...(rows === MILLION ? [atMost('audit_1m_s', auditing.seconds, AUDIT_LIMIT_S)] : []),
        atMost('audit_faults', faultsInAll, 0),
        atMost('audit_rows_missed', Math.abs(rows - events) + unsealed, 0),
      ];
      const figures = {
        rows,
        batches,
        heads,
        months: months.length,
        audit_s: Math.round(auditing.seconds * 10) / 10,
        audit_cpu_s: Math.round(auditing.cpuSeconds * 10) / 10,
        audited_per_s: Math.round(events / auditing.seconds),
        sealed_per_s: Math.round(sealing.value / sealing.seconds),
        written_per_s: Math.round(rows / writing.seconds),
        peak_mb: Math.round(process.resourceUsage().maxRSS / 1_024),
      };
      report(COMMAND, checks, figures, values);
    }),
  );
}

async function writeEvents(database: Database, rows: number): Promise<void> {
  const start = Temporal.Now.zonedDateTimeISO('UTC').with({ day: 1 }).startOfDay();
  const span = start.add({ months: MONTHS }).epochMilliseconds - start.epochMilliseconds;
  for (let from = 0; from < rows; from += WRITTEN_AT_ONCE) {
    const count = Math.min(WRITTEN_AT_ONCE, rows - from);
    await record(
      database,
      Array.from({ length: count }, (_, index) => {
        const at = start.epochMilliseconds + Math.floor((span * (from + index)) / rows);
        return inventEvent(from + index, Temporal.Instant.fromEpochMilliseconds(at));
      }),
    );
  }
}

/** An event as a call leaves it, of a like size. */
function inventEvent(step: number, at: Temporal.Instant): HistoryEvent {
  const id = (kind: number) => `0199f000-0000-7000-8${kind}00-${String(step).padStart(12, '0')}`;
  return {
    kind: KINDS[step % KINDS.length] ?? 'ended',
    subject: 'attempt',
    subjectId: id(0),
    actor: 'dialer',
    body: {
      campaignId: id(1),
      partyId: id(2),
      phoneId: id(3),
      epoch: step % 7,
      verdict: { verdict: 'allow', packs: ['eg-2026-1', 'base-3'], reasons: ['within_hours', 'caps_free'], zone: 'Africa/Cairo' },
      figures: { ringMs: step % 25_000, share: (step % 100) / 100 },
    },
    at,
  };
}

function sealAll(database: Database): Promise<number> {
  return database.connection().execute(async (connection) => {
    const sealer = new Sealer(connection);
    let sealed = 0;
    for (let last = -1; last !== 0;) {
      last = await sealer.round();
      sealed += last;
    }
    return sealed;
  });
}

/** How long work took, and how much of it this process computed. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number; cpuSeconds: number }> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, seconds: (performance.now() - began) / 1_000, cpuSeconds: (user + system) / 1_000_000 };
}
