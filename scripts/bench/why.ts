import { sql } from 'kysely';
import type { Database } from '../../server/kernel/database.ts';
import { answerOf } from '../../server/queue/check-answer.ts';
import { checkContact, type CheckSubject } from '../../server/queue/check.ts';
import { withLaidDatabase, withPool } from '../postgres.ts';
import { atMost, percentile, readOptions, report, tell, wholeNumber } from '../report.ts';
import { layQueue, warmUp, type LaidQueue } from './queue/lay.ts';

const COMMAND = 'bench why';
const MILLION = 1_000_000;
const WHY_LIMIT_MS = 50;
const WARM_UP = 200;
const QUESTIONS = 3_000;
const HOUR_MS = 3_600_000;
const SPREAD_HOURS = 24 * 30;

/**
 * `npm run bench -- why [--rows 1000000] [--json]`: lays a queue of debtors with their pasts into a PostgreSQL of its own and asks of people
 * chosen at random, by id and by number in turn, whether they may be called at moments up to a month before and after. The limit is
 * for a million.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, { rows: { type: 'string' }, json: { type: 'boolean', default: false } });
  const rows = wholeNumber(COMMAND, 'rows', values.rows, { otherwise: MILLION, least: 1_000, most: MILLION });
  tell(`Laying a queue of ${rows}…`);
  const lay = (url: string): Promise<LaidQueue> => layQueue(url, rows);
  await withLaidDatabase(lay, (url, queue) =>
    withPool(url, async (_, database) => {
      await warmUp(url);
      tell('Asking…');
      const subjects = await chooseSubjects(database, WARM_UP + QUESTIONS);
      const took: number[] = [];
      let allowed = 0;
      for (const [index, subject] of subjects.entries()) {
        const hours = Math.round((Math.random() * 2 - 1) * SPREAD_HOURS);
        const at = queue.now.add({ milliseconds: hours * HOUR_MS });
        const began = performance.now();
        const answer = answerOf(await checkContact(database, { subject, at, campaignId: null }));
        if (index < WARM_UP) continue;
        took.push(performance.now() - began);
        if (answer.people[0]?.judgements[0]?.answer.mayCall) allowed += 1;
      }
      const p99 = percentile(took, 0.99);
      report(
        COMMAND,
        rows === MILLION ? [atMost('why_p99_ms', p99, WHY_LIMIT_MS)] : [],
        {
          rows: queue.rows,
          questions: took.length,
          allowed,
          p50_ms: rounded(percentile(took, 0.5)),
          p99_ms: rounded(p99),
          most_ms: rounded(percentile(took, 1)),
        },
        values,
      );
    }),
  );
}

/** People at random, half of them by the number they are called on. */
async function chooseSubjects(database: Database, count: number): Promise<CheckSubject[]> {
  const { rows } = await sql<{ id: string; number: string }>`
    select q.party_id as id, n.e164 as number
    from (select party_id from dial_queue order by random() limit ${count}) q
    join lateral (select phone_id from party_phone where party_id = q.party_id order by rank limit 1) pp on true
    join phone n on n.id = pp.phone_id`.execute(database);
  return rows.map(({ id, number }, index) => (index % 2 === 0 ? { partyId: id } : { number }));
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
