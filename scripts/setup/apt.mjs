import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotHave } from './fault.mjs';

/**
 * A private state of apt: the machine's own mirror, proxy and keys, but its own lists, cache and an empty list of
 * installed packages, so that an ordinary user may use it and nothing on the machine is changed.
 *
 * `suite` null takes the machine's sources as they are; otherwise that one suite of the machine's own archive.
 */
export function openApt(folder, suite) {
  for (const part of ['lists/partial', 'archives/partial', 'empty']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), suite === null ? '' : sourceLine(suite));
  const ownSources = `
Dir::Etc::sourcelist "${join(folder, 'sources.list')}";
Dir::Etc::sourceparts "${join(folder, 'empty')}";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${join(folder, 'empty')}";`;
  // The hooks that images of containers put here would clean the machine's cache, which an ordinary user may not.
  writeFileSync(
    join(folder, 'apt.conf'),
    `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "${folder}";
Dir::State::lists "${join(folder, 'lists')}";
Dir::State::status "${join(folder, 'status')}";
Dir::Cache "${folder}";
Dir::Cache::pkgcache "pkgcache.bin";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";${suite === null ? '' : ownSources}
`,
  );
  const apt = { folder, suite, options: ['-c', join(folder, 'apt.conf')] };
  updateLists(apt);
  return apt;
}

/** The version of a package that would be installed, or null where the suite has none. */
export function candidateVersion(apt, name) {
  const found = /Candidate: (\S+)/.exec(run('apt-cache', [...apt.options, 'policy', name]))?.[1];
  return found === undefined || found === '(none)' ? null : found;
}

/** Everything that `names` depend on, themselves included: package name → { name, file, version }. */
export function closureOf(apt, names) {
  const lines = run('apt-get', [...apt.options, 'install', '--yes', '--print-uris', ...names]).split('\n');
  const found = new Map();
  for (const line of lines) {
    const file = /^'[^']+' (\S+\.deb) \d+/.exec(line)?.[1];
    const [name, version] = file?.replace(/\.deb$/, '').split('_') ?? [];
    if (file && name && version) found.set(name, { name, file, version: decodeURIComponent(version) });
  }
  return found;
}

/** Downloads the named packages into `folder`; apt checks each against the archive's signed index. */
export function download(apt, names, folder) {
  if (names.length > 0) run('apt-get', [...apt.options, '--quiet', '--quiet', 'download', ...names], folder);
}

function updateLists(apt) {
  const update = [...apt.options, '--quiet', '--quiet', '--error-on=any', 'update'];
  try {
    run('apt-get', update);
  } catch (error) {
    // A suite that is still moving may be signed for fewer days than a machine's clock is off; the signature still counts.
    if (!/not valid yet|expired|Release file/i.test(String(error.message))) throw error;
    run('apt-get', ['-o', 'Acquire::Check-Valid-Until=false', '-o', 'Acquire::Check-Date=false', ...update]);
  }
}

/** The archive that serves the machine's own release, as one line of a sources file for another suite of it. */
function sourceLine(suite) {
  const releases = [...run('apt-get', ['update', '--print-uris']).matchAll(/'([^']+?)dists\/([^']+)\/(?:In)?Release'/g)];
  const main = releases.find(([, , name]) => !/[-/]/.test(name)) ?? releases[0];
  if (!main) cannotHave('apt has no source of packages configured');
  const [, address] = main;
  const key = signedBy(address);
  const components = distribution() === 'ubuntu' ? 'main universe' : 'main';
  return `deb ${key === null ? '' : `[signed-by=${key}] `}${address} ${suite} ${components}\n`;
}

/** `debian`, `ubuntu` or another word of /etc/os-release. */
export function distribution() {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const value = (name) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return [value('ID'), ...value('ID_LIKE').split(' ')].find((word) => word === 'debian' || word === 'ubuntu') ?? 'unknown';
}

/** The key file that the machine's sources name for this archive, else the distribution's own keyring. */
function signedBy(address) {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [])];
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name) && existsSync(name))) {
    for (const stanza of readFileSync(file, 'utf8').split(file.endsWith('.list') ? '\n' : /\n\s*\n/)) {
      const key = /^\s*#/.test(stanza) ? undefined : /signed-by\s*[:=]\s*(\/[^\s\]]+)/i.exec(stanza)?.[1];
      if (key && stanza.includes(address.replace(/\/$/, '')) && existsSync(key)) return key;
    }
  }
  const keyring = `/usr/share/keyrings/${distribution()}-archive-keyring.gpg`;
  return existsSync(keyring) ? keyring : null;
}

function run(command, args, cwd) {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    const said = String(error.stderr ?? '')
      .split('\n')
      .filter((line) => /^[EW]:/.test(line));
    throw new Error(`${command} ${args.at(-1)}: ${said.join(' ') || error.message}`, { cause: error });
  }
}
