import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentWith } from '../../server/config.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../../server/contract/campaigns.ts';
import { endProcess } from '../../server/machine/process.ts';
import { recordFolder } from '../../server/dialer/pacing-record.ts';
import { endCall } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestFloor } from '../support/floor.ts';

const PREDICTIVE = { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'predictive', minAgentsForPredictive: 1 } as const;

interface Said {
  code: number;
  errors: string;
  checks: { name: string; value: number }[];
  figures: Record<string, unknown>;
}

let floor: TestFloor;
beforeAll(async () => {
  floor = await openFloor({ pacing: PREDICTIVE, ringTimeoutMs: 5_000 });
});
afterAll(() => floor?.close());

/** Runs the command as a person would, over a floor's record or a copy of it. */
async function replay(dataDir: string): Promise<Said> {
  const script = join(import.meta.dirname, '../../scripts/replay.ts');
  const run = promisify(execFile)(process.execPath, [script, '--campaign', floor.campaignId, '--json'], {
    env: environmentWith({ DATA_DIR: dataDir }),
  });
  const { code, stdout, stderr } = await run.then(
    (ended) => ({ code: 0, ...ended }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const { checks, figures } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Pick<Said, 'checks' | 'figures'>;
  return { code, errors: stderr, checks, figures };
}

/** The record as it stands, while the dialer goes on writing. */
function copyOf(name: string): string {
  const dataDir = `${floor.dataDir}-${name}`;
  cpSync(floor.dataDir, dataDir, { recursive: true });
  return dataDir;
}

function lines(dataDir: string): { file: string; text: string[] }[] {
  const folder = recordFolder(dataDir, floor.campaignId);
  return readdirSync(folder)
    .toSorted()
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), 'utf8').split('\n') }));
}

describe('the record of a live floor', () => {
  it('replays to identical decisions: calls, an agent’s work, changed settings, and a dialer that was killed', async () => {
    const agent = await floor.addAgent();
    await agent.logIn();
    await agent.ask({ type: 'ready' });
    await floor.addDebtors(['97', '80', '97', '97']);
    await agent.until('the agent talks', (desk) => desk.state === 'talking');
    await floor.setCampaign({ settings: { pacing: { ...PREDICTIVE, abandonCap: 0.02 } } });
    await agent.until('the call has ended', (desk) => desk.state === 'wrap_up');
    await eventually('the changed settings are in the record', () =>
      lines(floor.dataDir).some(({ text }) => text.some((line) => line.startsWith('["e"') && line.includes('"cap":0.02'))),
    );
    await endProcess(floor.dialer().identity, 'SIGKILL', 0);
    await floor.startDialer();
    await eventually(
      'the successor decides',
      () => lines(floor.dataDir)[1]?.text.some((line) => line.startsWith('["t"')) ?? false,
    );
    const said = await replay(copyOf('whole'));
    expect(said).toMatchObject({ code: 0, figures: { beginnings: 2 } });
    const compared = said.checks.find((check) => check.name === 'decisions_compared');
    const decided = lines(`${floor.dataDir}-whole`).flatMap(({ text }) =>
      text.slice(0, -1).filter((line) => line.startsWith('["t"')),
    );
    expect(compared?.value).toBe(decided.length);
  }, 90_000);

  it('ends where a crash cut it off: what stands before counts', async () => {
    const dataDir = copyOf('cut');
    const [first] = lines(dataDir);
    writeFileSync(first?.file ?? '', (first?.text ?? []).join('\n').slice(0, -40));
    expect((await replay(dataDir)).code).toBe(0);
  });

  it('names the line that is not as it was written', async () => {
    const dataDir = copyOf('changed');
    const [first] = lines(dataDir);
    const { file, text } = first ?? { file: '', text: [] };
    const at = text.findIndex((line) => line.startsWith('["e"') && line.includes('call.dialed'));
    text[at] = text[at]?.replace('call.dialed', 'call.ringing') ?? '';
    writeFileSync(file, text.join('\n'));
    const said = await replay(dataDir);
    expect(said.code).toBe(1);
    expect(said.errors).toContain(`line ${at + 1}: is not as it was written`);
  });

  it('that cannot be written any more is told on the board and in the history, and nobody waits for it', async () => {
    const { identity, exited } = floor.dialer();
    process.kill(identity.pid, 'SIGKILL');
    await exited;
    // A folder that is none, as on a disk that was taken away.
    rmSync(recordFolder(floor.dataDir, floor.campaignId), { recursive: true });
    writeFileSync(recordFolder(floor.dataDir, floor.campaignId), '');
    await floor.database.updateTable('floor').set({ expires_at: '2020-01-01T00:00:00Z' }).execute();
    await floor.startDialer();
    await eventually('the board tells', () => floor.board()?.campaigns[0]?.why.figures['recordGap'] === 1);
    const agent = await floor.addAgent();
    await agent.logIn();
    await floor.addDebtors(['98']);
    await agent.ask({ type: 'ready' });
    await agent.until('the agent talks', (desk) => desk.state === 'talking', 30_000);
    await endCall(agent);
    const told = floor.database.selectFrom('event').select('id').where('kind', '=', 'campaign.record_gap');
    await eventually('the history tells', async () => (await told.execute()).length > 0);
  }, 60_000);
});
