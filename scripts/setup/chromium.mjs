import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startStep } from './progress.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Installs Debian's Chromium where that is possible (root, apt); otherwise says what to install. Tests without it are skipped, and say so. */
export function installChromium() {
  if (NAMES.some((name) => isCommand(name))) return;
  if (process.getuid?.() !== 0 || !isCommand('apt-get')) {
    process.stderr.write(
      '  The browser tests need Chromium, which only root can install: apt-get install chromium. They will be skipped.\n',
    );
    return;
  }
  const step = startStep('installing Chromium for the browser tests');
  const install = ['install', '--yes', '--no-install-recommends', 'chromium'];
  const done = run(install) || (run(['update']) && run(install));
  if (done) step.done();
  else {
    step.failed();
    process.stderr.write('  The browser tests need Chromium (apt-get install chromium). They will be skipped.\n');
  }
}

function run(args) {
  return spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}

function isCommand(name) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}
