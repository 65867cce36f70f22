/** `npm run check`: format, types, lint, dead code, the generated parts of the settings, and the map of imports. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settingsExample, settingsTable } from '../server/config.ts';

const ROOT = join(import.meta.dirname, '..');
const TABLE = /(<!-- settings -->\n)[\s\S]*?(\n<!-- \/settings -->)/;

const CHECKS: { name: string; command: [string, ...string[]] }[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet', '.'] },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  { name: 'map of imports', command: ['vitest', 'run', '--config', 'test/architecture.config.ts', '--reporter', 'dot'] },
];

const { values } = parseArgs({ options: { write: { type: 'boolean' } } });
let failed = checkSettings(values.write ?? false);
for (const { name, command } of CHECKS) {
  const began = performance.now();
  const { code, output } = await run(command);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(`${output}\n`);
  failed ||= code !== 0;
}
process.exit(failed ? 1 : 0);

/** Compares `.env.example` and the README's table with the schema, or with `--write` makes them anew; true when they differ. */
function checkSettings(write: boolean): boolean {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const made: Record<string, string> = {
    '.env.example': settingsExample(),
    'README.md': readme.replace(TABLE, (_, begin: string, end: string) => `${begin}${settingsTable()}${end}`),
  };
  if (!TABLE.test(readme)) {
    process.stdout.write('✗ settings: README.md has no place for their table (<!-- settings --> … <!-- /settings -->)\n');
    return true;
  }
  const old = Object.keys(made).filter((name) => read(name) !== made[name]);
  if (write) for (const name of old) writeFileSync(join(ROOT, name), made[name] ?? '');
  const stale = write ? [] : old;
  process.stdout.write(
    stale.length === 0 ? '✓ settings\n' : `✗ settings: ${stale.join(', ')} not current; run \`npm run check -- --write\`\n`,
  );
  return stale.length > 0;
}

function read(name: string): string {
  try {
    return readFileSync(join(ROOT, name), 'utf8');
  } catch {
    return '';
  }
}

function run([program, ...args]: [string, ...string[]]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', program), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (output += part.toString()));
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
