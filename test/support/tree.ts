import { inject } from 'vitest';
import { openTree, type Tree } from '../../server/machine/tree.ts';

/** The programs that set-up has unpacked. */
export function unpackedTree(): Tree {
  const tree = openTree(inject('treeFolder'));
  if (tree === null) throw new Error('The tree of PostgreSQL, Redis and Asterisk is gone');
  return tree;
}
