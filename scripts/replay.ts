/**
 * `npm run replay -- --campaign ID --from MOMENT --to MOMENT [--json]`: plays a campaign's recorded pacing again, through the pacer of this
 * program, and compares each decision bit for bit. Exits 1 at the first difference, 2 when there is nothing to replay.
 */
import { join } from 'node:path';
import { loadSettings } from '../server/config.ts';
import { recordFolder } from '../server/dialer/pacing-record.ts';
import { commitOf } from '../server/kernel/commit.ts';
import { partsOf, replayFiles, type Finding } from './replay/read.ts';
import { atLeast, atMost, misuse, readOptions, report, tell } from './report.ts';

const COMMAND = 'replay';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SHOWN = 400;

const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  campaign: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean', default: false },
});
if (positionals.length > 0) misuse(COMMAND, `what is '${positionals[0]}'?`);
const { campaign } = values;
if (campaign === undefined || !UUID.test(campaign)) misuse(COMMAND, 'takes the id of a campaign: --campaign ID');
const fromMs = values.from === undefined ? 0 : momentOf('from', values.from);
const toMs = values.to === undefined ? Infinity : momentOf('to', values.to);
if (fromMs >= toMs) misuse(COMMAND, '--from is not before --to');

const files = partsOf(recordFolder(loadSettings().DATA_DIR, campaign), fromMs, toMs);
if (files.length === 0) misuse(COMMAND, 'nothing is recorded of this campaign in this time');
const replayed = replayFiles(files, fromMs, toMs);
if (replayed.decisions === 0 && replayed.difference === null) misuse(COMMAND, 'no decision is recorded in this time');

const { difference, ranBy } = replayed;
if (difference !== null) tell(wordsOf(difference));
const here = { commit: commitOf(join(import.meta.dirname, '..')), node: process.versions.node };
for (const { commit, node } of ranBy) {
  if (commit !== here.commit) tell(`recorded at commit ${commit ?? 'unknown'}, replayed at ${here.commit ?? 'unknown'}`);
  if (node !== here.node) tell(`recorded by Node ${node}, replayed by Node ${here.node}`);
}
report(
  COMMAND,
  [atLeast('decisions_compared', replayed.decisions, 1), atMost('differences', difference === null ? 0 : 1, 0)],
  {
    events: replayed.events,
    parts: replayed.parts,
    beginnings: replayed.beginnings,
    first: replayed.first ?? 'none',
    last: replayed.last ?? 'none',
    ...(difference === null
      ? {}
      : { difference: { ...difference, recorded: cut(difference.recorded), replayed: cut(difference.replayed) } }),
  },
  { json: values.json },
);

function wordsOf({ what, file, line, at, recorded, replayed: found }: Finding): string {
  const place = `${file}, line ${line}${at === null ? '' : `, ${at}`}`;
  if (what === 'changed') return `${place}: is not as it was written`;
  if (what === 'unreadable') return `${place}: cannot be read`;
  const name = { decision: 'another decision', snapshot: 'another state of the pacer', refused: 'refused' }[what];
  return `${place}: ${name}\n  recorded ${cut(recorded)}\n  replayed ${cut(found)}`;
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
}

function momentOf(option: string, text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return misuse(COMMAND, `--${option} takes a moment such as 2026-11-22T15:00Z, not '${text}'`);
  }
}
