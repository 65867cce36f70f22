/** Holidays year by year: a starting table from `date-holidays`, decided by people. Those reckoned by the moon are proposals. */
import { sql, type Kysely } from 'kysely';
import type { HolidayRow } from '../../contract/packs.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { isoDate } from '../packs.ts';
import { judgeAgain } from '../store.ts';

type Store = Kysely<Schema>;

const COLUMNS = ['id', 'country', 'date', 'name', 'status', 'lunar'] as const;
const LUNAR_MONTH = /Muharram|Safar|Rabi|Jumada|Rajab|Shaban|Ramadan|Shawwal|Dhu al/i;
const LENGTH_IN_DAYS = /\bP(\d{1,2})D\b/;

/** Holidays of a country in a year, by date. */
export function listHolidays(database: Store, country: string, year: number): Promise<HolidayRow[]> {
  return database
    .selectFrom('holiday')
    .select(COLUMNS)
    .where('country', '=', country)
    .where('date', '>=', `${year}-01-01`)
    .where('date', '<=', `${year}-12-31`)
    .orderBy('date')
    .orderBy('name')
    .execute();
}

/**
 * Lays the starting table of a country's year and returns how many days it added. What is there already, also what somebody removed,
 * stays as it is. Days reckoned by the moon are proposed, the others confirmed. A country the table does not know adds none.
 */
export async function startHolidays(database: Store, country: string, year: number, userId: string): Promise<number> {
  const days = await tableOf(country, year);
  if (days.length === 0) return 0;
  return database.transaction().execute(async (transaction) => {
    const added = await transaction
      .insertInto('holiday')
      .values(days)
      .onConflict((conflict) => conflict.columns(['country', 'date', 'name']).doNothing())
      .returning('id')
      .execute();
    await record(transaction, [
      { kind: 'holidays.started', subject: 'holiday', subjectId: country, actor: userId, body: { year, added: added.length } },
    ]);
    return added.length;
  });
}

/** Adds a confirmed holiday, or confirms the one that is known. Throws `impossible_date`. */
export async function addHoliday(
  database: Store,
  { country, date, name }: { country: string; date: string; name: string },
  userId: string,
): Promise<HolidayRow> {
  if (!isoDate.safeParse(date).success) {
    throw new Refusal('impossible_date', `${date} is not a date that exists.`, { field: 'date', status: 422 });
  }
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('holiday')
      .values({ country, date, name, ...decided('confirmed', userId) })
      .onConflict((conflict) => conflict.columns(['country', 'date', 'name']).doUpdateSet(decided('confirmed', userId)))
      .returning(COLUMNS)
      .executeTakeFirstOrThrow();
    await recordDecision(transaction, row, userId);
    return row;
  });
}

/** Confirms or removes a holiday. Throws `unknown_holiday`. */
export async function decideHoliday(
  database: Store,
  id: string,
  status: 'confirmed' | 'removed',
  userId: string,
): Promise<HolidayRow> {
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('holiday')
      .set(decided(status, userId))
      .where('id', '=', id)
      .returning(COLUMNS)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal('unknown_holiday', 'There is no such holiday.', { field: 'id', status: 404 });
    await recordDecision(transaction, row, userId);
    return row;
  });
}

function decided<Status extends 'confirmed' | 'removed'>(status: Status, userId: string) {
  return { status, decided_by: userId, decided_at: sql<string>`clock_timestamp()` };
}

async function recordDecision(
  transaction: Store,
  { id, country, date, name, status }: HolidayRow,
  userId: string,
): Promise<void> {
  await judgeAgain(transaction);
  const body = { country, date, name, status };
  await record(transaction, [{ kind: `holiday.${status}`, subject: 'holiday', subjectId: id, actor: userId, body }]);
}

interface NewHoliday {
  country: string;
  date: string;
  name: string;
  lunar: boolean;
  status: 'confirmed' | 'proposed';
}

async function tableOf(country: string, year: number): Promise<NewHoliday[]> {
  // Forty megabytes of tables, wanted once a year.
  const { default: Holidays } = await import('date-holidays');
  const known = new Holidays(country, { types: ['public'], languages: ['en'] }).getHolidays(year, 'en');
  const days = known.flatMap((holiday) => {
    const first = Temporal.PlainDate.from(holiday.date.slice(0, 10));
    const lunar = LUNAR_MONTH.test(holiday.rule);
    const length = Number(LENGTH_IN_DAYS.exec(holiday.rule)?.[1] ?? 1);
    return Array.from({ length }, (_, i): NewHoliday => ({
      country,
      date: first.add({ days: i }).toString(),
      name: holiday.name,
      lunar,
      status: lunar ? 'proposed' : 'confirmed',
    }));
  });
  // Two rules may give one name to one day.
  return [...new Map(days.map((day) => [`${day.date} ${day.name}`, day])).values()];
}
