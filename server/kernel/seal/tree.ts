import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 9162 (as of RFC 6962), section 2.1: leaves and nodes are hashed with different first bytes, and a tree of n
 * leaves splits at the largest power of two below n.
 */

const HASH_BYTES = 32;
const NODE_PREFIX = 1;

/** SHA-256. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/** The hash of a leaf (RFC 9162, 2.1.1): SHA-256 over a zero byte and the entry's UTF-8 bytes. */
export function leafHash(entry: string): Buffer {
  return sha256(`\0${entry}`);
}

/** The root over leaf hashes in order (RFC 9162, 2.1.1); that of no leaves is the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  let level = leaves;
  while (level.length > 1) level = levelAbove(level);
  const [root] = level;
  return root === undefined ? sha256('') : Buffer.from(root);
}

/** The inclusion proof of the leaf at `index` (RFC 9162, 2.1.3.1), nearest sibling first. Throws when there is no such leaf. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Buffer[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`there is no leaf ${index} among ${leaves.length}`);
  const path: Buffer[] = [];
  let place = index;
  let level = leaves;
  while (level.length > 1) {
    // The last node of an odd level has no sibling: it rises as it is.
    const sibling = level[place ^ 1];
    if (sibling !== undefined) path.push(Buffer.from(sibling));
    place >>= 1;
    level = levelAbove(level);
  }
  return path;
}

/** Whether a leaf hash is at `index` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2). */
export function provesInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let place = index;
  let last = size - 1;
  let node: Uint8Array = leaf;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2);
        last = Math.floor(last / 2);
      }
    } else node = nodeHash(node, sibling);
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(node, root) === 0;
}

function levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index];
    const right = level[index + 1];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}

const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = NODE_PREFIX;

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}
