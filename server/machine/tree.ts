import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** The programs that set-up unpacks under `.runtime/tree/`, or finds on the machine. */
export const TREE_PROGRAMS = ['asterisk', 'redis-server'] as const;
export type TreeProgram = (typeof TREE_PROGRAMS)[number];

/** A program ready to be spawned: the file to run and its arguments. */
export interface Command {
  file: string;
  args: string[];
}

/** Where the parts of PostgreSQL, Redis and Asterisk lie; all paths absolute. */
export interface Tree {
  /** The folder of PostgreSQL's programs `initdb` and `postgres`, which are started as they are. */
  postgres: string;
  /** Asterisk's loadable modules: `astmoddir`. */
  modules: string;
  /** Asterisk's read-only data: `sounds/`, `moh/`, `rest-api/` (the description that ARI serves) and `static-http/`. */
  share: string;
  /** The folder of the program `asterisk`: `astsbindir`. */
  programs: string;
  /** Names of packages with their versions, for the record; empty where the machine's own programs are used. */
  packages: { name: string; version: string }[];
  /** How to start a program of the tree: through the tree's own loader, so that no library of the machine is needed. */
  command(program: TreeProgram, args: readonly string[]): Command;
}

const Facts = z.object({
  origin: z.enum(['packages', 'machine']),
  loader: z.string().nullable(),
  packages: z.array(z.object({ name: z.string(), version: z.string() })),
});

const POSTGRES = 'usr/lib/postgresql/18/bin';
/** Files that hold a program; `redis-server` is one program under several names and chooses by the name it is called with. */
const FILES: Record<TreeProgram, readonly string[]> = {
  asterisk: ['usr/sbin/asterisk'],
  'redis-server': ['usr/bin/redis-server', 'usr/bin/redis-check-rdb'],
};

const NOT_UNPACKED =
  'PostgreSQL, Redis and Asterisk 22 are not unpacked. Run the set-up again (`npm start` does), or set DATABASE_URL, REDIS_URL, ARI_URL, ARI_USER and ARI_PASSWORD to servers of your own.';

/** Reads what set-up left in `folder` (normally `.runtime/tree`); throws what to do when it found neither packages nor programs. */
export function openTree(folder: string): Tree {
  const file = join(folder, 'tree.json');
  if (!existsSync(file)) throw new Error(NOT_UNPACKED);
  const facts = Facts.parse(JSON.parse(readFileSync(file, 'utf8')));
  const root = facts.origin === 'machine' ? '/' : folder;
  const libraries = libraryFolders(root);
  const modules = libraries.map((path) => join(path, 'asterisk/modules')).find((path) => existsSync(path));
  if (modules === undefined) throw new Error(NOT_UNPACKED);
  return {
    postgres: join(root, POSTGRES),
    modules,
    share: join(root, 'usr/share/asterisk'),
    programs: join(root, 'usr/sbin'),
    packages: facts.packages,
    command(program, args) {
      const path = FILES[program].map((name) => join(root, name)).find((name) => existsSync(name));
      if (path === undefined) throw new Error(`${folder} holds no ${program}: remove it and run the set-up again`);
      if (facts.loader === null) return { file: path, args: [...args] };
      const start = ['--library-path', libraries.join(':'), '--argv0', program, path];
      return { file: join(root, facts.loader), args: [...start, ...args] };
    },
  };
}

function libraryFolders(root: string): string[] {
  const home = join(root, 'usr/lib');
  const names = existsSync(home) ? readdirSync(home).filter((name) => name.endsWith('-linux-gnu')) : [];
  const folders = names.flatMap((name) => [join(home, name), join(home, name, 'nss')]);
  return [...folders, home].filter((path) => existsSync(path));
}
