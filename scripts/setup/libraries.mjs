import { existsSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { neededLibraries } from './elf.mjs';

/**
 * Modules of Asterisk that Wusul has no use for and whose libraries would double the tree: other databases, fax, LDAP,
 * SNMP, calendars, XMPP, sound cards, video and rare codecs.
 */
const UNWANTED_MODULE =
  /(odbc|pgsql|sqlite3|_tds|radius|ldap|snmp|_lua|jack|console|motif|xmpp|calendar|fax|codec2|codec_amr|speex|vorbis|ogg_|curl|http_media_cache|stir_shaken|unbound|app_mp3|festival|voicemail|minivm|directory|iax2|unistim|dundi|aeap|phoneprov|adsi|smdi|alarmreceiver|ael|res_prometheus|geolocation|res_http_post|app_image)/;
/** Where PostgreSQL and its modules lie. */
export const POSTGRES = 'usr/lib/postgresql/18';
/** Folders of packages that nothing of ours reads. */
const UNREAD = [
  'etc',
  'var',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/lintian',
  'usr/share/locale',
  'usr/share/bug',
  'usr/lib/systemd',
  `${POSTGRES}/lib/bitcode`,
  'usr/share/asterisk/firmware',
  'usr/share/asterisk/phoneprov',
];
/** The compiler of statements, which would bring all of LLVM; statements here are too short for it. */
const UNWANTED_OF_POSTGRES = /^llvmjit/;
/** The programs of it that we run. */
const POSTGRES_PROGRAMS = ['initdb', 'postgres'];
/** What PostgreSQL loads to make a cluster and for us; nobody asks for the rest of its modules. */
const POSTGRES_MODULES = ['plpgsql.so', 'dict_snowball.so', 'libpqwalreceiver.so', 'pg_prewarm.so'];
/** Opened by name at run time, so that no file lists them: the tokens of NSS, on which SRTP stands. */
const OPENED_BY_NAME = ['libsoftokn3.so', 'libfreebl3.so', 'libfreeblpriv3.so'];
const C_LIBRARY = /^(ld-linux.*|lib(c|m|mvec|dl|rt|pthread|resolv|util|anl|nsl))\.so/;

/** The folder of shared libraries inside a tree, as in `usr/lib/x86_64-linux-gnu`. */
function libraryFolder(tree) {
  const home = join(tree, 'usr/lib');
  const triplet = readdirSync(home).find((name) => name.endsWith('-linux-gnu'));
  return join(home, triplet ?? '');
}

/** Path of the dynamic loader inside the tree, relative to it. */
export function loaderOf(tree) {
  const folder = libraryFolder(tree);
  const name = readdirSync(folder).find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
  if (name === undefined) throw new Error('the tree has no dynamic loader');
  return join(folder, name).slice(tree.length + 1);
}

/** Removes what is never read: manuals, services, and modules that are not wanted. */
export function prune(tree) {
  for (const folder of UNREAD) rmSync(join(tree, folder), { recursive: true, force: true });
  const folder = libraryFolder(tree);
  rmSync(join(folder, 'gconv'), { recursive: true, force: true });
  const modules = join(folder, 'asterisk/modules');
  for (const name of readdirSync(modules)) if (UNWANTED_MODULE.test(name)) rmSync(join(modules, name));
  const ofPostgres = join(tree, POSTGRES, 'lib');
  for (const name of readdirSync(ofPostgres)) if (UNWANTED_OF_POSTGRES.test(name)) rmSync(join(ofPostgres, name));
}

/**
 * Puts a script in the place of each program of PostgreSQL that starts it by the tree's own loader: `initdb` starts `postgres` itself, from its own
 * folder, and both look from there for what they share.
 */
export function makeStartable(tree) {
  const loader = loaderOf(tree);
  for (const name of POSTGRES_PROGRAMS) {
    const program = join(tree, POSTGRES, 'bin', name);
    renameSync(program, `${program}.bin`);
    const script = `#!/bin/sh
tree=\${0%/${POSTGRES}/bin/*}
exec "$tree/${loader}" --library-path "$tree/${dirname(loader)}" "$0.bin" "$@"
`;
    writeFileSync(program, script, { mode: 0o755 });
  }
}

/** Names of the libraries that the programs and modules of the tree ask for and that it does not hold yet. */
export function missingLibraries(tree) {
  const folder = libraryFolder(tree);
  const modules = join(folder, 'asterisk/modules');
  const queue = [
    join(tree, 'usr/sbin/asterisk'),
    realpathSync(join(tree, 'usr/bin/redis-check-rdb')),
    ...POSTGRES_PROGRAMS.map((name) => join(tree, POSTGRES, 'bin', name)),
    ...POSTGRES_MODULES.map((name) => join(tree, POSTGRES, 'lib', name)),
    ...readdirSync(modules).map((name) => join(modules, name)),
    ...OPENED_BY_NAME.flatMap((name) => [join(folder, name), join(folder, 'nss', name)]).filter((file) => existsSync(file)),
  ];
  const seen = new Set();
  const missing = new Set();
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const library of neededLibraries(file)) {
      if (seen.has(library)) continue;
      seen.add(library);
      const path = [folder, join(folder, 'nss')].map((place) => join(place, library)).find((place) => existsSync(place));
      if (path) queue.push(path);
      else missing.add(library);
    }
  }
  return [...missing].toSorted((a, b) => a.localeCompare(b));
}

/** The package of `closure` that holds a library, by the distribution's naming rule: `libfoo-1.so.2` is in `libfoo-1-2`. */
export function packageOfLibrary(library, closure) {
  if (C_LIBRARY.test(library)) return 'libc6';
  if (/^lib(nss3|nssutil3|smime3|ssl3)\.so$/.test(library)) return 'libnss3';
  if (/^lib(nspr4|plc4|plds4)\.so$/.test(library)) return 'libnspr4';
  if (library.startsWith('libz.so')) return 'zlib1g';
  if (library.startsWith('libpam.so')) return 'libpam0g';
  const icu = /^libicu(?:data|i18n|uc)\.so\.(\d+)$/.exec(library)?.[1];
  if (icu !== undefined) return `libicu${icu}`;
  if (library.startsWith('libcrypto.so')) return packageOfLibrary(library.replace('crypto', 'ssl'), closure);
  const [, base, version] = /^lib(.+?)\.so(?:\.(.+))?$/.exec(library) ?? [];
  if (base === undefined) return null;
  const stem = `lib${base.toLowerCase().replaceAll('_', '-')}`;
  const tries =
    version === undefined
      ? [stem]
      : [`${stem}${/\d$/.test(stem) ? '-' : ''}${version}`, `${stem}-${version}`, `${stem}${version}`];
  const exact = tries.flatMap((name) => [name, `${name}t64`]).find((name) => closure.has(name));
  // A few packages carry a longer version than their library: `libxslt.so.1` is in `libxslt1.1`.
  return exact ?? [...closure.keys()].find((name) => tries.some((start) => name.startsWith(`${start}.`))) ?? null;
}
