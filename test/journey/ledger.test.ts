import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countByRecord } from '../../scripts/ledger/record.ts';
import { environmentWith } from '../../server/config.ts';
import { answerRule } from '../../server/contract/abandonment.ts';
import { endProcess } from '../../server/machine/process.ts';
import { correctScreening } from '../../server/queue/correction.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { attemptsAt, endCall, endedAttempt, everyAttemptEnds, talkIsWritten } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/ledger.ts');

let floor: TestFloor;
let agent: TestAgent;
beforeAll(async () => {
  floor = await openFloor({
    // Time enough for a slow machine to bring an agent, and for a caller to leave before.
    connectWithinMs: 4_000,
    pacing: { mode: 'ratio', ratio: 15, abandonCap: 0.03, maxLinesPerAgent: 15, minAgentsForPredictive: 5, agentHoldback: 0 },
  });
  agent = await floor.addAgent();
  await agent.logIn();
});
afterAll(() => floor.close());

async function ledger() {
  return floor.database.selectFrom('abandonment_ledger').selectAll().execute();
}
const causeOf = async (partyId: string): Promise<string | undefined> => {
  const { id } = await endedAttempt(floor, partyId, 40_000);
  return (await ledger()).find((row) => row.attempt_id === id)?.cause;
};
/** Two people answer at once and one agent is there, then come the others; whom the agent took says the desk. */
async function whileBusy(others: readonly string[] = []): Promise<{ talking: string; waiting: string; others: string[] }> {
  await agent.ask({ type: 'ready' });
  const [one = '', two = '', ...rest] = await floor.addDebtors(['98', '98', ...others]);
  const desk = await agent.until('one is bridged', (each) => each.state === 'talking', 30_000);
  const taken = (await attemptsAt(floor, [one])).some((attempt) => attempt.id === desk.call?.attemptId);
  return { talking: taken ? one : two, waiting: taken ? two : one, others: rest };
}

describe('the ledger of a floor', () => {
  it('says of each answered call what became of it, with and without screening', async () => {
    const { talking, waiting, others } = await whileBusy(['50', '80']);
    const [early = '', busy = ''] = others;
    expect(await causeOf(waiting)).toBe('no_agent_in_time');
    expect(await causeOf(early)).toBe('left_early');
    await endCall(agent);
    expect(await causeOf(talking)).toBe('agent');
    // A busy line is no answered call.
    expect(await causeOf(busy)).toBeUndefined();
    await floor.setCampaign({ settings: { screening: { enabled: true, machine: 'hang_up' } } });
    await agent.ask({ type: 'ready' });
    const [person = '', voice = ''] = await floor.addDebtors(['00', '60']);
    await agent.until('a person is bridged', (desk) => desk.state === 'talking', 30_000);
    await endCall(agent, 'pause', { code: 'answering_machine' });
    expect(await causeOf(person)).toBe('agent');
    expect(await causeOf(voice)).toBe('machine');
    const { id } = await endedAttempt(floor, person);
    const row = (await ledger()).find((each) => each.attempt_id === id);
    expect(row).toMatchObject({ corrected: 'machine', corrected_by: agent.agentId, answered: false, abandoned: false });
    expect(row?.detection).toMatch(/^human HUMAN-\d+-\d+/);
    const greetingMs = row?.greeting_ended_at?.epochMilliseconds ?? 0;
    expect(row?.deadline_at.epochMilliseconds).toBe(greetingMs + 4_000);
    expect(greetingMs).toBeGreaterThan(row?.answered_at.epochMilliseconds ?? Infinity);
  });

  it('holds calls whose dialer was killed, as whoever ends them reads them in the switch’s record', async () => {
    await floor.setCampaign({ settings: { screening: { enabled: false, machine: 'hang_up' } } });
    const { talking, waiting } = await whileBusy();
    await talkIsWritten(floor, agent, talking);
    await endProcess(floor.dialer().identity, 'SIGKILL', 5_000);
    await floor.startDialer();
    await agent.until('they talk still', (desk) => desk.state === 'talking', 30_000);
    await endCall(agent);
    expect(await causeOf(talking)).toBe('agent');
    expect(await causeOf(waiting)).toBe('no_agent_in_time');
  });

  it('is what the board shows as the campaign’s budget, with what was learnt of a call since', async () => {
    await everyAttemptEnds(floor);
    const { attempt_id: attemptId, party_id: partyId } = await floor.database
      .selectFrom('abandonment_ledger')
      .innerJoin('contact_attempt', 'contact_attempt.id', 'attempt_id')
      .select(['attempt_id', 'party_id'])
      .where('abandonment_ledger.cause', '=', 'machine')
      .executeTakeFirstOrThrow();
    const said = { partyId, attemptId, was: 'human', userId: agent.agentId } as const;
    expect(await correctScreening(floor.database, said)).toBe(floor.campaignId);
    await floor.tell({ type: 'corrected', campaignId: floor.campaignId, was: 'human' });
    const rows = await ledger();
    const answered = rows.filter((row) => row.answered).length;
    const abandoned = rows.filter((row) => row.abandoned).length;
    expect(abandoned).toBeGreaterThan(0);
    await eventually('the board counts as the ledger does', () => {
      const budget = floor.board()?.campaigns[0]?.budget;
      return budget?.answered === answered && budget.abandoned === abandoned;
    });
    expect(floor.board()?.campaigns[0]?.budget).toMatchObject({ window: 'rolling24h', cap: 0.03, allowed: 0 });
  });

  it('gives the same share as the switch’s own record, call by call', async () => {
    await everyAttemptEnds(floor);
    const rows = await ledger();
    const legIds = await floor.database.selectFrom('contact_attempt').select('id').execute();
    const rules = new Map(rows.map((row) => [row.attempt_id, answerRule.parse(row.rule)]));
    const [some] = rules.values();
    if (!some) throw new Error('nobody answered');
    const recorded = countByRecord(
      await readRecord(floor.asterisk.recordFile, 0),
      legIds.map((each) => each.id),
      (id) => rules.get(id) ?? some,
    );
    const corrected = (id: string): boolean => rows.some((row) => row.attempt_id === id && row.corrected !== null);
    const ours = rows.map(({ attempt_id, answered, abandoned }) => [attempt_id, { answered, abandoned }] as const);
    expect(new Map([...recorded].filter(([id]) => !corrected(id)))).toEqual(new Map(ours.filter(([id]) => !corrected(id))));
  });

  it('is printed by its command, which finds the record to agree', async () => {
    const env = environmentWith({ DATABASE_URL: floor.databaseUrl, CEL_FILE: floor.asterisk.recordFile });
    const child = spawn(process.execPath, [SCRIPT, '--campaign', floor.campaignId, '--json'], { env });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    const found: unknown = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    const rows = await ledger();
    const [answered, abandoned] = [rows.filter((row) => row.answered).length, rows.filter((row) => row.abandoned).length];
    expect(found).toMatchObject({
      name: 'ledger',
      answered,
      abandoned,
      rate: abandoned / answered,
      corrected: 2,
      record: { answered, abandoned, differing: [] },
    });
    expect(code).toBe(0);
  });
});
