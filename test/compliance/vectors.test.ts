import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { judgeVector, vectorSchema } from '../../server/compliance/vectors.ts';
import { shipped } from './facts.ts';

const vectors = z.array(vectorSchema).parse(JSON.parse(readFileSync(join(import.meta.dirname, '../data/vectors.json'), 'utf8')));

test.each(vectors)('vector $id is judged $expect', (vector) => {
  const result = judgeVector(shipped, vector);
  expect(result.passed, `${result.expected} was expected, got ${result.got}`).toBe(true);
});

test('a vector for a pack that is not there is refused', () => {
  const result = judgeVector(
    shipped,
    vectorSchema.parse({
      id: 'x',
      pack: 'ATLANTIS',
      tz: ['UTC'],
      events: [],
      try: '2026-03-02T10:00',
      expect: 'deny:unknown_pack',
    }),
  );
  expect(result).toMatchObject({ passed: true });
});

test('an attempt and a conversation at one time are one call, two attempts at one time are two', () => {
  const judged = (pack: string, events: unknown, expected: string) =>
    judgeVector(
      shipped,
      vectorSchema.parse({ id: 'x', pack, tz: ['America/Toronto'], events, try: '2026-03-05T10:00', expect: expected }),
    );
  const talk = (day: number) => [
    ['conversation', `2026-03-0${day}T10:00`],
    ['attempt', `2026-03-0${day}T10:00`],
  ];
  expect(judged('CA-ON', [...talk(1), ...talk(2), ...talk(3)], 'allow').passed).toBe(true);
  const twice = ['attempt', '2026-03-04T10:00'];
  expect(judged('US-MA', [twice, twice], 'deny:2in7').passed).toBe(true);
});
