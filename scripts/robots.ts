import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { misuse, readOptions, tell, wholeNumber } from './report.ts';
import { signIn } from './robots/client.ts';
import { demandDemo, demoCampaigns, enrolRobots, NoPlaceForRobots, startFleet, type Fleet } from './robots/fleet.ts';
import { openNotes } from './robots/notes.ts';
import { DEMO_HABITS } from './robots/rules.ts';

/** `npm run robots -- --agents N`: robot agents on the demo floor of the server that `npm start` runs, until they are told to stop. */

const COMMAND = 'robots';
const LEAVE_WITHIN_MS = 4_000;
const readyFile = z.object({
  url: z.string(),
  accounts: z.array(z.object({ role: z.string(), user: z.string(), password: z.string() })),
});

const { values } = readOptions(COMMAND, process.argv.slice(2), {
  agents: { type: 'string' },
  seed: { type: 'string' },
  ready: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const agents = wholeNumber(COMMAND, 'agents', values.agents, { otherwise: 8, least: 1, most: 200 });
const seed = wholeNumber(COMMAND, 'seed', values.seed, { otherwise: 1, least: 0, most: 1_000_000 });
const path = values.ready ?? join(import.meta.dirname, '../.runtime/ready.json');
if (!existsSync(path)) misuse(COMMAND, 'no server is running here: start one with `npm start`');
const ready = readyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
const account = ready.accounts.find((candidate) => candidate.role === 'admin');
if (account === undefined) misuse(COMMAND, 'the running server has no demo accounts: robots work on the demo floor only');

const notes = openNotes();
const stop = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
try {
  const fleet = await Promise.race([work(ready.url, account), stop.then(() => null)]);
  await stop;
  await fleet?.leave(LEAVE_WITHIN_MS);
} catch (fault) {
  if (fault instanceof NoPlaceForRobots) misuse(COMMAND, fault.message);
  throw fault;
}
const talks = notes.talks();
const summary = {
  agents,
  talks: talks.length,
  heard: talks.filter((talk) => talk.heardAfterMs !== null).length,
  outcomes: talks.filter((talk) => talk.saved !== null).length,
  refusals: notes.refusals(),
};
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
else tell(`${summary.talks} calls taken, ${summary.heard} debtors heard, ${summary.outcomes} outcomes saved`);
process.exit(0);

async function work(url: string, { user, password }: { user: string; password: string }): Promise<Fleet> {
  const admin = await signIn(url, user, password);
  await demandDemo(admin);
  const campaignIds = (await demoCampaigns(admin)).map((campaign) => campaign.id);
  if (campaignIds.length === 0) throw new NoPlaceForRobots('there is no demo campaign for robots to serve');
  const accounts = await enrolRobots(admin, agents, campaignIds);
  await admin.signOut();
  const fleet = await startFleet({ url, accounts, campaignIds, habits: DEMO_HABITS, seed, notes });
  tell(`${fleet.robots.length} of ${agents} robots at work on ${url}; Ctrl-C ends them`);
  return fleet;
}
