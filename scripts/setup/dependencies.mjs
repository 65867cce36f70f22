import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotHave } from './fault.mjs';
import { startStep } from './progress.mjs';

const PLATFORM = `linux-${process.arch}`;

/** Installs exactly what package-lock.json names, unless that is what node_modules holds. */
export function installDependencies(root) {
  if (!differs(root)) return;
  const step = startStep('installing the locked dependencies and Node 26');
  // A lock written where the registry lacks the packages of other platforms names them not, which `npm ci` refuses.
  let npm = runNpm(root, ['ci']);
  if (npm.status !== 0 && /from lock file/.test(npm.stderr ?? '')) npm = runNpm(root, ['install', '--no-save']);
  if (npm.status !== 0) {
    step.failed();
    const said = (npm.stderr ?? '').split('\n').filter((line) => line.startsWith('npm error'));
    cannotHave(`npm could not install the dependencies:\n${said.slice(0, 12).join('\n') || npm.error?.message}`);
  }
  step.done();
  if (!existsSync(join(root, 'node_modules/.bin/node')))
    cannotHave(`there is no Node 26 for ${PLATFORM} among the dependencies; only x64 and arm64 are served`);
}

/** The machine's own npm and Node: those of node_modules are about to be replaced. No package's install script is run. */
function runNpm(root, command) {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin'));
  return spawnSync('npm', [...command, '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path.join(':'), NODE_ENV: '' },
  });
}

/** npm records what it has installed; a package of the lock that is absent or of another version calls for a new installation. */
function differs(root) {
  const installed = readPackages(join(root, 'node_modules/.package-lock.json'));
  const locked = readPackages(join(root, 'package-lock.json'));
  if (locked === null) cannotHave('package-lock.json is missing');
  if (installed === null) return true;
  return Object.entries(locked).some(([path, entry]) => {
    if (path === '') return false;
    const there = installed[path];
    return there === undefined ? !entry.optional && !entry.peer && !entry.devOptional : there.version !== entry.version;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}
