import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const BUDGET_KB = 250;

/** Everything the browser of an agent fetches before the first call: page, route, texts of a language, softphone. */
const AGENT_ENTRIES = [
  'index.html',
  'src/agent/agent-page.tsx',
  'src/i18n/ar/shared.ts',
  'src/i18n/ar/agent.ts',
  'src/softphone/jssip-phone.ts',
];

const manifest = z.record(z.string(), z.object({ file: z.string(), imports: z.array(z.string()).default([]) }));

describe('the agent’s page', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'wusul-consoles-'));
    // A process of its own: a test's NODE_ENV would put React's development build in.
    const built = spawnSync(
      join(ROOT, 'node_modules/.bin/vite'),
      ['build', 'agent-ui', '--outDir', folder, '--logLevel', 'error'],
      {
        cwd: ROOT,
        env: { ...process.env, NODE_ENV: 'production' },
        encoding: 'utf8',
      },
    );
    if (built.status !== 0) throw new Error(`The consoles do not build: ${built.stderr}`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it(`comes with no more than ${BUDGET_KB} KB of script, gzipped`, () => {
    const chunks = manifest.parse(JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')));
    const wanted = new Set<string>();
    function want(name: string): void {
      const chunk = chunks[name];
      if (!chunk) throw new Error(`No chunk for ${name}`);
      if (wanted.has(name)) return;
      wanted.add(name);
      for (const imported of chunk.imports) want(imported);
    }
    for (const entry of AGENT_ENTRIES) want(entry);
    const bytes = [...wanted].reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(folder, chunks[name]?.file ?? ''))).length,
      0,
    );
    expect(wanted.size).toBeGreaterThan(AGENT_ENTRIES.length);
    expect(bytes / 1024).toBeLessThan(BUDGET_KB);
  });
});
