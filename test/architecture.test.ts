import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** The floors of the house, top to bottom. A file may import from floors below its own and from its own room, nothing else. */
const FLOORS: readonly (readonly string[])[] = [
  ['main'],
  ['machine'],
  ['web', 'dialer', 'worker'],
  ['queue', 'insight'],
  ['campaigns', 'agents'],
  ['debtors', 'compliance', 'scoring', 'pacing', 'telephony', 'access'],
  ['kernel'],
  ['contract'],
];

/** Rooms that decide and do nothing else; their `store.ts` and `routes.ts` alone touch the world. */
const PURE_ROOMS = new Set(['compliance', 'scoring', 'pacing']);
const DOORS_OF_PURE_ROOMS = new Set(['store.ts', 'routes.ts']);
/** The only packages a pure file may use: shapes and values. */
const PURE_PACKAGES = new Set([
  'zod',
  'libphonenumber-js',
  'libphonenumber-js/max',
  'libphonenumber-js/min',
  'libphonenumber-js/core',
]);
/** What stands beside the rooms: `config.ts` may be read at the top only, where values are handed down. */
const READERS_OF_CONFIG = new Set(['main', 'machine']);

interface Import {
  file: string;
  from: string;
  /** What stands between `import` and the name of the file. */
  names: string;
  typeOnly: boolean;
}

const texts = new Map<string, string>();
const files = ['server', 'agent-ui', 'scripts', 'test'].flatMap((folder) => sources(join(ROOT, folder)));
const imports = files.flatMap(importsOf);

describe('the map of imports', () => {
  it('was drawn from the whole house', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(imports.length).toBeGreaterThan(200);
    const rooms = new Set(files.map(roomOf).filter((room) => room !== null));
    for (const room of ['contract', 'kernel', 'telephony', 'compliance', 'debtors', 'machine', 'main'])
      expect(rooms).toContain(room);
  });

  it('knows every room', () => {
    const known = new Set(FLOORS.flat());
    const strangers = files.map(roomOf).filter((room) => room !== null && room !== 'config' && !known.has(room));
    expect(new Set(strangers)).toEqual(new Set());
  });

  it('leads downward only, or stays in the room', () => {
    expect(faults(({ file, target }) => crossing(file, target))).toEqual([]);
  });

  it('lets the consoles see the contract alone', () => {
    expect(
      faults(({ file, target }) => isUnder(file, 'agent-ui') && isUnder(target, 'server') && roomOf(target) !== 'contract'),
    ).toEqual([]);
  });

  it('lets nothing of the product lean on its tests or scripts', () => {
    const product = (file: string): boolean => isUnder(file, 'server') || isUnder(file, 'agent-ui');
    expect(faults(({ file, target }) => product(file) && (isUnder(target, 'test') || isUnder(target, 'scripts')))).toEqual([]);
    expect(faults(({ file, target }) => isUnder(file, 'scripts') && isUnder(target, 'test'))).toEqual([]);
  });
});

describe('what decides', () => {
  it('touches neither files, network nor database', () => {
    const outside = imports.filter(({ file, from, names, typeOnly }) => {
      if (!isPure(file) || typeOnly) return false;
      if (from.startsWith('.')) return !isPureTarget(resolve(file, '..', from));
      return !isPurePackage(from, names);
    });
    expect(outside.map(described)).toEqual([]);
  });

  it('has neither clock nor chance', () => {
    const impure = files
      .filter(isPure)
      .filter((file) => /Temporal\.Now|Date\.now|new Date\(\)|Math\.random|performance\.now|process\.env/.test(code(file)));
    expect(impure.map(short)).toEqual([]);
  });

  it('keeps the doors of a pure room to itself', () => {
    const throughDoor = (file: string, target: string): boolean =>
      PURE_ROOMS.has(roomOf(target) ?? '') &&
      DOORS_OF_PURE_ROOMS.has(nameOf(target)) &&
      roomOf(file) === roomOf(target) &&
      !DOORS_OF_PURE_ROOMS.has(nameOf(file));
    expect(faults(({ file, target }) => throughDoor(file, target))).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read in server/config.ts and nowhere else in the server', () => {
    const readers = files.filter((file) => isUnder(file, 'server') && /process\.env\b/.test(code(file)));
    expect(readers.map(short)).toEqual(['server/config.ts']);
  });

  it('reaches the rooms as values: only main and machine import the settings', () => {
    expect(
      faults(
        ({ file, target }) =>
          roomOf(target) === 'config' && isUnder(file, 'server') && !READERS_OF_CONFIG.has(roomOf(file) ?? ''),
      ),
    ).toEqual([]);
  });
});

describe('names', () => {
  it('say what a file is', () => {
    const vague = files.filter((file) => /(^|\/)(utils?|helpers?|misc|common|managers?)(\.|\/)/.test(short(file)));
    expect(vague.map(short)).toEqual([]);
  });

  it('end in .ts where they are imported, since nothing is built', () => {
    const bare = imports.filter(
      ({ file, from }) => isUnder(file, 'server') && from.startsWith('.') && !/\.(ts|json)$/.test(from),
    );
    expect(bare.map(described)).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist', 'generated'].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Static imports, re-exports and dynamic imports of a literal. */
function importsOf(file: string): Import[] {
  const pattern = /^\s*(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...code(file).matchAll(pattern)].map(([, type, names, from, dynamic]) => ({
    file,
    from: from ?? dynamic ?? '',
    names: names ?? '',
    typeOnly: type !== undefined,
  }));
}

/** A file without its comments, which may speak of anything. */
function code(file: string): string {
  const known = texts.get(file) ?? readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  texts.set(file, known);
  return known;
}

/** `queue` for server/queue/…, `main` and `config` for the files of those names, null outside the server. */
function roomOf(file: string): string | null {
  const [top, room] = short(file).split('/');
  if (top !== 'server' || room === undefined) return null;
  return room.replace(/\.ts$/, '');
}

function crossing(file: string, target: string): boolean {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === null || to === null || from === to || to === 'config') return false;
  return floorOf(to) <= floorOf(from);
}

function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.includes(room));
}

function isPure(file: string): boolean {
  const room = roomOf(file);
  if (room === null) return false;
  if (nameOf(file) === 'rules.ts') return true;
  return PURE_ROOMS.has(room) && !DOORS_OF_PURE_ROOMS.has(nameOf(file));
}

/** A pure file may stand on pure files, on the contract, and on a value-only file beside it. */
function isPureTarget(target: string): boolean {
  return isPure(target) || roomOf(target) === 'contract' || !reachesWorld(target, new Set());
}

function reachesWorld(file: string, seen: Set<string>): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  return imports
    .filter((found) => found.file === file && !found.typeOnly)
    .some(({ from, names }) => {
      if (from.startsWith('.')) return reachesWorld(resolve(file, '..', from), seen);
      return !isPurePackage(from, names);
    });
}

/** Shapes and values; and of `node:crypto` the digests, which are functions of their input. */
function isPurePackage(from: string, names: string): boolean {
  if (from === 'node:crypto') return /^\{\s*(createHash|createHmac|hash)\s*\} from\s+$/.test(names);
  return PURE_PACKAGES.has(from);
}

function faults(isFault: (found: { file: string; target: string }) => boolean): string[] {
  return imports
    .filter(({ file, from }) => from.startsWith('.') && isFault({ file, target: resolve(file, '..', from) }))
    .map(described);
}

function described({ file, from }: Import): string {
  return `${short(file)} imports ${from.startsWith('.') ? short(resolve(file, '..', from)) : from}`;
}

function short(file: string): string {
  return relative(ROOT, file);
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function isUnder(file: string, folder: string): boolean {
  return short(file).startsWith(`${folder}/`);
}
