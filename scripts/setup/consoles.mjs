import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotHave } from './fault.mjs';
import { startStep } from './progress.mjs';

/** What the consoles are made of; anything else that changes leaves the built ones as they are. */
const SOURCES = ['agent-ui', 'server/contract', 'package-lock.json'];
const NOT_SOURCES = new Set(['dist', 'node_modules']);

/** Builds the consoles into agent-ui/dist unless their sources are those they were last built from. */
export function buildConsoles(root) {
  if (!existsSync(join(root, 'agent-ui/vite.config.ts'))) return;
  const stamp = join(root, 'agent-ui/dist/.sources');
  const sum = sumOf(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sum) return;
  const step = startStep('building the consoles');
  const programs = join(root, 'node_modules/.bin');
  const built = spawnSync(join(programs, 'vite'), ['build', 'agent-ui', '--logLevel', 'error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${programs}:${process.env.PATH ?? ''}`, NODE_ENV: 'production' },
  });
  if (built.status !== 0) {
    step.failed();
    cannotHave(`the consoles could not be built:\n${built.stdout}${built.stderr || built.error?.message}`);
  }
  writeFileSync(stamp, sum);
  step.done();
}

function sumOf(root) {
  const hash = createHash('sha256');
  function add(path) {
    const entries = readdirSync(join(root, path), { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const inner = `${path}/${entry.name}`;
      if (entry.isDirectory() && !NOT_SOURCES.has(entry.name)) add(inner);
      else if (entry.isFile()) addFile(inner);
    }
  }
  function addFile(path) {
    hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  }
  for (const source of SOURCES) {
    if (source.endsWith('.json')) addFile(source);
    else if (existsSync(join(root, source))) add(source);
  }
  return hash.digest('hex');
}
