/**
 * Makes this folder ready for a command, run by npm before it: `node scripts/setup.mjs start|test|check|services`.
 * Plain JavaScript without dependencies: the machine's own Node (20 or later) runs it, before there is anything else.
 * With nothing to do it takes a small part of a second.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsoles } from './setup/consoles.mjs';
import { installChromium } from './setup/chromium.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { CannotHave } from './setup/fault.mjs';
import { alone } from './setup/lock.mjs';
import { preparePackages } from './setup/packages.mjs';
import { isSet } from './setup/settings.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const RUNTIME = join(ROOT, '.runtime');

const STEPS = {
  check: [dependencies],
  services: [dependencies, packages],
  start: [dependencies, packages, consoles],
  test: [dependencies, packages, consoles, chromium],
};

const steps = STEPS[process.argv[2] ?? ''];
if (!steps) {
  process.stderr.write(`Usage: node scripts/setup.mjs ${Object.keys(STEPS).join('|')}\n`);
  process.exit(2);
}

try {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new CannotHave(`Node ${process.versions.node} is too old: install Node 20 or later`);
  if (process.platform !== 'linux') throw new CannotHave('Wusul runs on Linux (Debian or Ubuntu)');
  await alone(RUNTIME, () => {
    for (const step of steps) step();
  });
} catch (error) {
  if (!(error instanceof CannotHave)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exit(1);
}

function dependencies() {
  installDependencies(ROOT);
}

function packages() {
  const ownServers = ['DATABASE_URL', 'REDIS_URL', 'ARI_URL'].every((name) => isSet(ROOT, name));
  if (!ownServers) preparePackages(RUNTIME);
}

function consoles() {
  buildConsoles(ROOT);
}

function chromium() {
  installChromium();
}
