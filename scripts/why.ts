import { createInterface } from 'node:readline';
import { loadSettings } from '../server/config.ts';
import { explainVerdict } from '../server/compliance/explain.ts';
import { writtenNumber, type NotRestored } from '../server/contract/contact-check.ts';
import type { Database } from '../server/kernel/database.ts';
import { Refusal } from '../server/kernel/errors.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { answerOf, mayCall } from '../server/queue/check-answer.ts';
import { checkContact, type CheckedPerson, type CheckSubject, type PersonJudgement } from '../server/queue/check.ts';
import { withPool } from './postgres.ts';
import { misuse, readOptions } from './report.ts';

/**
 * `npm run why -- ID [--at MOMENT] [--campaign NAME] [--json]`: may this debtor (or whoever this telephone belongs to) be called, if not why,
 * and when? A number is the first line of standard input, never an argument: those can be read by every process of the machine.
 * Exits 0 with an answer, whatever it is, and 2 when there is nobody to ask about.
 */

const COMMAND = 'why';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOTHING: Readonly<Record<NonNullable<PersonJudgement['nothing']>, string>> = {
  no_number_left: 'refused: no number is left to call (no_number_left)',
  number_left: 'refused: the number is no longer used for this person (number_left)',
  no_open_debt: 'refused: nothing is owed (no_open_debt)',
};

const NOW_ONLY: Readonly<Record<NotRestored, string>> = {
  settings: 'the campaign’s settings',
  numbers: 'which numbers are in use',
  debts: 'debts',
  place: 'address, zones and where numbers ring',
};

const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  at: { type: 'string' },
  campaign: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const [id, ...more] = positionals;
if (more.length > 0) misuse(COMMAND, 'one debtor or telephone at a time');
if (id !== undefined && !UUID.test(id)) {
  misuse(COMMAND, 'takes the id of a debtor or a telephone; a number is read from standard input, never from the command line');
}
const at = values.at === undefined ? null : momentOf(values.at);
const number = id === undefined ? await readNumber() : null;

const borrowed = await borrowDatabase(loadSettings());
try {
  await withPool(borrowed.databaseUrl, async (_, database) => {
    await migrateToLatest(database);
    await answer(database);
  });
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${COMMAND}: ${error.message}\n`);
  process.exitCode = 2;
} finally {
  await borrowed.release();
}

async function answer(database: Database): Promise<void> {
  const campaignId = values.campaign === undefined ? null : await campaignNamed(database, values.campaign);
  const subject = id === undefined ? { number: number ?? '' } : await subjectNamed(database, id);
  const checked = await checkContact(database, { subject, at, campaignId });
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ name: COMMAND, ...answerOf(checked) })}\n`);
    return;
  }
  for (const person of checked.people) process.stdout.write(wordsOf(person));
}

/** A debtor's id, or else a telephone's. */
async function subjectNamed(database: Database, uuid: string): Promise<CheckSubject> {
  const party = await database.selectFrom('party').select('id').where('id', '=', uuid).executeTakeFirst();
  if (party) return { partyId: uuid };
  const phone = await database.selectFrom('phone').select('id').where('id', '=', uuid).executeTakeFirst();
  if (phone) return { phoneId: uuid };
  throw new Refusal('unknown_debtor', 'there is no debtor and no telephone with this id', { status: 404 });
}

async function campaignNamed(database: Database, name: string): Promise<string> {
  const found = await database.selectFrom('campaign').select('id').where('name', '=', name).execute();
  const [campaign, another] = found;
  if (!campaign) throw new Refusal('unknown_campaign', `there is no campaign named ${name}`, { status: 404 });
  if (another) throw new Refusal('unknown_campaign', `several campaigns are named ${name}`, { status: 409 });
  return campaign.id;
}

/** One line for each campaign and number; people and numbers by their ids. */
function wordsOf({ partyId, timeZones, judgements, notRestored }: CheckedPerson): string {
  const zone = timeZones[0] ?? 'UTC';
  const lines = judgements.flatMap((judgement) => {
    const { campaign, nothing, numbers, chosen, queue } = judgement;
    const place = campaign === null ? 'by law alone' : `campaign ${campaign.name} (${campaign.state})`;
    const verdict = nothing === null ? (mayCall(judgement) ? 'may be called' : 'may not be called') : NOTHING[nothing];
    return [
      `  ${place}: ${verdict}`,
      ...(nothing === null
        ? numbers.map(
            (each) => `    ${each === chosen ? '›' : ' '} telephone ${each.phone.id}: ${explainVerdict(each.verdict, zone)}`,
          )
        : []),
      ...(queue === null ? [] : [`      in the queue: ${queueWords(queue, zone)}`]),
    ];
  });
  const now =
    notRestored.length === 0
      ? []
      : [`  as it is now, not as it was then: ${notRestored.map((each) => NOW_ONLY[each]).join(', ')}`];
  return [`debtor ${partyId}`, ...lines, ...now, ''].join('\n');
}

function queueWords({ state, reason, notBefore, score }: NonNullable<PersonJudgement['queue']>, zone: string): string {
  const local = notBefore?.toZonedDateTimeISO(zone).toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ');
  const until = state === 'waiting' && local !== undefined ? ` until ${local} ${zone}` : '';
  return `${state}${reason === null ? '' : ` (${reason})`}${until}, score ${score}`;
}

function momentOf(text: string): Temporal.Instant {
  try {
    return text.includes('[') ? Temporal.ZonedDateTime.from(text).toInstant() : Temporal.Instant.from(text);
  } catch {
    return misuse(COMMAND, `--at takes a moment such as 2026-11-22T15:00Z or 2026-11-22T15:00+03:00, not '${text}'`);
  }
}

async function readNumber(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Number with its country code: ');
  const lines = createInterface({ input: process.stdin });
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
  lines.close();
  const read = writtenNumber.safeParse(line);
  return read.success ? read.data : misuse(COMMAND, 'give an id, or a number with its country code on standard input');
}
