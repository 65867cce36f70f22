import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idsOf, rangesOf } from '../../../server/kernel/seal/batch.ts';
import { inclusionPath, leafHash, merkleRoot, provesInclusion, sha256 } from '../../../server/kernel/seal/tree.ts';

const CASES = { numRuns: 2_000 };
const entries = fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 70 });
const place = fc.nat();

/** The definition of RFC 9162, section 2.1.1, word for word. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256('');
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.concat([Buffer.of(1), rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k))]));
}

describe('the Merkle tree', () => {
  it('gives the roots that Certificate Transparency publishes', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex').toString('latin1')));
    expect(merkleRoot([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(merkleRoot(leaves.slice(0, 1)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(merkleRoot(leaves).toString('hex')).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('has the root of its definition', () => {
    fc.assert(
      fc.property(entries, (texts) => {
        const leaves = texts.map(leafHash);
        expect(merkleRoot(leaves)).toEqual(rootByDefinition(leaves));
      }),
      CASES,
    );
  });

  it('proves each leaf at its own place', () => {
    fc.assert(
      fc.property(entries, place, (texts, at) => {
        const leaves = texts.map(leafHash);
        const index = at % leaves.length;
        const path = inclusionPath(leaves, index);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(leaves.length)));
        expect(provesInclusion(leafHash(texts[index] ?? ''), index, leaves.length, path, merkleRoot(leaves))).toBe(true);
      }),
      CASES,
    );
  });

  it('proves no other leaf, no other place, no other root and no other path', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 2, maxLength: 70 }),
        place,
        place,
        (texts, at, other) => {
          const leaves = texts.map(leafHash);
          const size = leaves.length;
          const index = at % size;
          const path = inclusionPath(leaves, index);
          const root = merkleRoot(leaves);
          const leaf = leafHash(texts[index] ?? '');
          const elsewhere = (index + 1 + (other % (size - 1))) % size;
          expect(provesInclusion(leafHash(`${texts[index]}!`), index, size, path, root)).toBe(false);
          expect(provesInclusion(leaf, elsewhere, size, path, root)).toBe(false);
          expect(provesInclusion(leaf, index, size, path, sha256(root))).toBe(false);
          expect(provesInclusion(leaf, index, size, path.slice(1), root)).toBe(false);
          expect(provesInclusion(leaf, index, size, [...path, root], root)).toBe(false);
          expect(provesInclusion(leaf, size, size, path, root)).toBe(false);
        },
      ),
      CASES,
    );
  });

  it('has no path to a leaf that is not there', () => {
    expect(() => inclusionPath([leafHash('only')], 1)).toThrow(RangeError);
  });
});

describe('the ids of a batch', () => {
  it('are the same as ranges', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt({ min: 1n, max: 200n })), (ids) => {
        const ascending = ids.toSorted((a, b) => (a < b ? -1 : 1));
        expect(idsOf(rangesOf(ascending))).toEqual(ascending);
      }),
      CASES,
    );
    expect(rangesOf([1n, 2n, 3n, 6n])).toBe('{[1,4),[6,7)}');
  });
});
