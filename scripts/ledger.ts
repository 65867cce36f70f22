import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../server/config.ts';
import { ruleOf } from '../server/campaigns/pacing.ts';
import { dayZoneOf } from '../server/campaigns/rules.ts';
import { readCampaign } from '../server/campaigns/store.ts';
import { allowedOf, windowStart } from '../server/compliance/ledger/rules.ts';
import { readLedger, type WrittenCall } from '../server/compliance/ledger/store.ts';
import { currentCatalogue } from '../server/compliance/store.ts';
import { LEDGER_CAUSES, type AnswerRule } from '../server/contract/abandonment.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import type { Database } from '../server/kernel/database.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { readRecord } from '../server/telephony/asterisk/record.ts';
import { countByRecord } from './ledger/record.ts';
import { readDialed } from './ledger/store.ts';
import { evidenceOf, wordsOf, type FoundLedger, type Recount } from './ledger/words.ts';
import { withPool } from './postgres.ts';
import { misuse, readOptions } from './report.ts';

/**
 * `npm run ledger -- --campaign ID [--at MOMENT] [--all] [--json]`: the share of abandoned calls of a campaign's window, the calls it is made
 * of, and the same counted anew from the switch's own record where that can be read. Exits 1 when the two differ.
 */

const COMMAND = 'ledger';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A call answered at the beginning of the window was dialed before it. */
const DIALED_BEFORE_MS = 600_000;

const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  campaign: { type: 'string' },
  at: { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});
if (positionals.length > 0) misuse(COMMAND, `what is '${positionals[0]}'? It takes options only`);
if (values.campaign === undefined || !UUID.test(values.campaign)) misuse(COMMAND, '--campaign takes the id of a campaign');
const campaignId = values.campaign;
const at = values.at === undefined ? Temporal.Now.instant() : momentOf(values.at);

const settings = loadSettings();
const borrowed = await borrowDatabase(settings);
try {
  await withPool(borrowed.databaseUrl, async (_, database) => {
    await migrateToLatest(database);
    await show(database);
  });
} finally {
  await borrowed.release();
}

async function show(database: Database): Promise<void> {
  const campaign = await readCampaign(database, campaignId);
  if (!campaign) {
    process.stderr.write(`${COMMAND}: there is no campaign with this id\n`);
    process.exitCode = 2;
    return;
  }
  const rule = ruleOf(campaign, (await currentCatalogue(database)).catalogue);
  const window = {
    nowMs: at.epochMilliseconds,
    startedMs: campaign.startedAt.epochMilliseconds,
    zone: dayZoneOf(campaign.settings),
  };
  const since = Temporal.Instant.fromEpochMilliseconds(windowStart(rule.window, window));
  const calls = await readLedger(database, { campaignId, since, until: at });
  const counted = {
    answered: calls.filter((call) => call.answered).length,
    abandoned: calls.filter((call) => call.abandoned).length,
  };
  const recount = await recountFrom(database, calls, rule, since);
  const found: FoundLedger = {
    name: COMMAND,
    campaign: { id: campaign.id, name: campaign.name },
    rule,
    since: since.toString(),
    until: at.toString(),
    ...counted,
    rate: counted.answered === 0 ? 0 : counted.abandoned / counted.answered,
    allowed: allowedOf(counted.answered, rule.cap),
    causes: Object.fromEntries(LEDGER_CAUSES.map((cause) => [cause, calls.filter((call) => call.cause === cause).length])),
    corrected: calls.filter((call) => call.corrected !== null).length,
    record: recount,
    evidence: calls.filter((call) => values.all || call.abandoned).map(evidenceOf),
  };
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : wordsOf(found));
  if (recount !== null && recount.differing.length > 0) process.exitCode = 1;
}

/** The same window from the switch's record; null where that cannot be read from here. What people corrected stays corrected. */
async function recountFrom(
  database: Database,
  calls: readonly WrittenCall[],
  rule: AnswerRule,
  since: Temporal.Instant,
): Promise<Recount | null> {
  const file = settings.CEL_FILE ?? join(settings.DATA_DIR, 'asterisk/log/record.csv');
  if (!existsSync(file)) return null;
  const written = new Map(calls.map((call) => [call.attemptId, call]));
  const dialed = await readDialed(database, { campaignId, since: since.subtract({ milliseconds: DIALED_BEFORE_MS }), until: at });
  const events = await readRecord(file, since.epochMilliseconds - DIALED_BEFORE_MS);
  const answeredInside = new Set(
    events.filter((each) => each.type === 'ANSWER' && each.stampMs >= since.epochMilliseconds).map((each) => each.legId),
  );
  const recorded = countByRecord(
    events,
    dialed.filter((id) => written.has(id) || answeredInside.has(id)),
    (id) => written.get(id)?.rule ?? rule,
  );
  const differing = new Set<string>();
  let [answered, abandoned] = [0, 0];
  for (const id of new Set([...written.keys(), ...recorded.keys()])) {
    const call = written.get(id);
    const seen = call?.corrected ? call : (recorded.get(id) ?? { answered: false, abandoned: false });
    if (seen.answered) answered += 1;
    if (seen.abandoned) abandoned += 1;
    if (seen.answered !== (call?.answered ?? false) || seen.abandoned !== (call?.abandoned ?? false)) differing.add(id);
  }
  return { answered, abandoned, differing: [...differing] };
}

function momentOf(text: string): Temporal.Instant {
  try {
    return text.includes('[') ? Temporal.ZonedDateTime.from(text).toInstant() : Temporal.Instant.from(text);
  } catch {
    return misuse(COMMAND, `--at takes a moment such as 2026-11-22T15:00Z, not '${text}'`);
  }
}
