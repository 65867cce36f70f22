/**
 * PostgreSQL 18, Redis and Asterisk 22 as files of this folder: packages of the machine's own mirror, unpacked under
 * `.runtime/tree/` with every library they need, started by the tree's own loader. Neither root nor a container is wanted,
 * and nothing outside `.runtime/` is touched.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { candidateVersion, closureOf, distribution, download, openApt } from './apt.mjs';
import { cannotHave } from './fault.mjs';
import { loaderOf, makeStartable, missingLibraries, packageOfLibrary, POSTGRES, prune } from './libraries.mjs';
import { startStep } from './progress.mjs';

/** Change this whenever the contents of the tree change: an older tree is then built anew. */
const RECIPE = 3;
const SEEDS = ['libc6', 'postgresql-18', 'asterisk', 'asterisk-modules', 'redis-tools'];
/** Suites to look in when the machine's own release has no PostgreSQL 18 or Asterisk 22: the distribution's next ones. */
const NEXT_SUITES = { debian: ['forky', 'sid'], ubuntu: ['devel'], unknown: [] };

/** Debian's PostgreSQL looks for them here, wherever it lies itself. */
const ZONES = '/usr/share/zoneinfo/Asia/Riyadh';

/** True when the tree is there and was built by this recipe for this architecture; takes a few milliseconds. */
export function treeIsCurrent(runtime) {
  const facts = readFacts(join(runtime, 'tree'));
  return facts !== null && facts.recipe === RECIPE && (facts.architecture === nodeArchitecture() || facts.origin === 'machine');
}

/**
 * Unpacks the tree unless it is current. Throws CannotHave, naming the settings to use instead, when neither the mirror
 * nor the cache nor the machine itself has what is needed.
 */
export function preparePackages(runtime) {
  if (!existsSync(ZONES))
    cannotHave('PostgreSQL reads the time zones of this machine, and there are none: apt-get install tzdata');
  if (treeIsCurrent(runtime)) return;
  mkdirSync(runtime, { recursive: true });
  try {
    unpackFromMirror(runtime);
  } catch (error) {
    if (useMachinesOwn(runtime)) return;
    const reason = error instanceof Error ? error.message : String(error);
    cannotHave(
      `PostgreSQL 18, Redis and Asterisk 22 could not be unpacked: ${reason}\n` +
        '  Set DATABASE_URL to a PostgreSQL of your own (18 or later), REDIS_URL to a Redis (6.2 or later), and ARI_URL, ARI_USER, ARI_PASSWORD and AMI_URL to an Asterisk 22.',
    );
  }
}

function unpackFromMirror(runtime) {
  for (const tool of ['apt-get', 'apt-cache', 'dpkg', 'dpkg-deb']) {
    if (!isCommand(tool)) cannotHave(`this machine has no ${tool} (set-up knows Debian and Ubuntu)`);
  }
  const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  if (architecture !== 'amd64' && architecture !== 'arm64')
    cannotHave(`the architecture ${architecture} is not served, only amd64 and arm64`);

  const cache = join(runtime, 'cache', 'packages');
  const building = join(runtime, `tree.${process.pid}`);
  mkdirSync(cache, { recursive: true });
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building);
  try {
    const packages = fromCache(cache, building) ?? fromMirror(runtime, cache, building);
    prune(building);
    makeStartable(building);
    const facts = { recipe: RECIPE, architecture, origin: 'packages', loader: loaderOf(building), packages };
    writeFileSync(join(building, 'tree.json'), `${JSON.stringify(facts, null, 2)}\n`);
    replaceFolder(building, join(runtime, 'tree'));
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function fromMirror(runtime, cache, building) {
  const reading = startStep('reading the package lists of this machine’s mirror');
  const apt = findSuite(join(runtime, 'apt'));
  if (apt === null) {
    reading.failed();
    cannotHave('no suite of this machine’s mirror has PostgreSQL 18 and Asterisk 22');
  }
  const closure = closureOf(apt, ['asterisk', 'redis-server', ...SEEDS]);
  reading.done(apt.suite === null ? 'own release' : `suite ${apt.suite}`);

  const unpacking = startStep('unpacking PostgreSQL 18, Redis, Asterisk 22 and their libraries');
  const unpacked = [];
  let wanted = [...SEEDS];
  while (wanted.length > 0) {
    const packages = wanted.map((name) => closure.get(name) ?? cannotHave(`the mirror has no package ${name}`));
    download(
      apt,
      wanted.filter((name) => !existsSync(join(cache, closure.get(name)?.file ?? ''))),
      cache,
    );
    for (const { file } of packages) unpack(join(cache, file), building);
    unpacked.push(...packages);
    prune(building);
    const had = new Set(unpacked.map(({ name }) => name));
    const missing = missingLibraries(building).map((library) => ({ library, name: packageOfLibrary(library, closure) }));
    const hopeless = missing.find(({ name }) => name === null || had.has(name));
    if (hopeless) cannotHave(`no package of the mirror holds the library ${hopeless.library}`);
    wanted = [...new Set(missing.map(({ name }) => name))];
  }
  const sums = unpacked.map(({ name, version, file }) => ({ name, version, file, sha256: sha256(join(cache, file)) }));
  writeFileSync(join(cache, 'packages.json'), `${JSON.stringify({ recipe: RECIPE, packages: sums }, null, 2)}\n`);
  for (const file of readdirSync(cache)) {
    if (file.endsWith('.deb') && !sums.some((kept) => kept.file === file)) rmSync(join(cache, file));
  }
  rmSync(join(runtime, 'apt'), { recursive: true, force: true });
  unpacking.done(`${sums.length} packages`);
  return sums;
}

/** Unpacks what an earlier set-up downloaded; null when the cache is incomplete or a sum differs. */
function fromCache(cache, building) {
  const list = join(cache, 'packages.json');
  if (!existsSync(list)) return null;
  const { recipe, packages } = JSON.parse(readFileSync(list, 'utf8'));
  const whole =
    recipe === RECIPE &&
    packages.every(({ file, sha256: sum }) => existsSync(join(cache, file)) && sha256(join(cache, file)) === sum);
  if (!whole) return null;
  const step = startStep('unpacking PostgreSQL 18, Redis and Asterisk 22 from the cache');
  for (const { file } of packages) unpack(join(cache, file), building);
  step.done(`${packages.length} packages`);
  return packages;
}

function findSuite(folder) {
  for (const suite of [null, ...NEXT_SUITES[distribution()]]) {
    rmSync(folder, { recursive: true, force: true });
    const apt = openApt(folder, suite);
    const hasAsterisk = /^(\d+:)?22\./.test(candidateVersion(apt, 'asterisk') ?? '');
    if (hasAsterisk && candidateVersion(apt, 'postgresql-18') !== null) return apt;
  }
  return null;
}

/** Where the mirror gives nothing, a PostgreSQL 18, a Redis and an Asterisk 22 installed on the machine serve as well. */
function useMachinesOwn(runtime) {
  if (!isCommand('asterisk') || !isCommand('redis-server') || !existsSync(join('/', POSTGRES, 'bin/postgres'))) return false;
  if (!/Asterisk 22\./.test(execFileSync('asterisk', ['-V'], { encoding: 'utf8' }))) return false;
  const building = join(runtime, `tree.${process.pid}`);
  mkdirSync(building, { recursive: true });
  const facts = { recipe: RECIPE, architecture: nodeArchitecture(), origin: 'machine', loader: null, packages: [] };
  writeFileSync(join(building, 'tree.json'), `${JSON.stringify(facts, null, 2)}\n`);
  replaceFolder(building, join(runtime, 'tree'));
  process.stderr.write('  using the PostgreSQL 18, the Redis and the Asterisk 22 installed on this machine\n');
  return true;
}

function replaceFolder(from, to) {
  const old = `${to}.old.${process.pid}`;
  if (existsSync(to)) renameSync(to, old);
  renameSync(from, to);
  rmSync(old, { recursive: true, force: true });
}

function unpack(file, folder) {
  execFileSync('dpkg-deb', ['-x', file, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function readFacts(tree) {
  try {
    return JSON.parse(readFileSync(join(tree, 'tree.json'), 'utf8'));
  } catch {
    return null;
  }
}

function nodeArchitecture() {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function isCommand(name) {
  return (
    (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name))) || existsSync(join('/usr/sbin', name))
  );
}
