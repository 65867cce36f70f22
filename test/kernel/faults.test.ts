import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAway } from '../../server/kernel/faults.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

describe('the log', () => {
  it('says of an error where and what it is, and nothing that the database quotes of a row', async () => {
    const lines: string[] = [];
    const log = createLogger('test', 'info', { write: (line) => lines.push(line) });
    const error = await fresh.database
      .insertInto('phone')
      .values({ e164: '+966512345678 ', country: 'Secret place' })
      .execute()
      .then(
        () => null,
        (thrown: unknown) => thrown,
      );
    expect(JSON.stringify(error)).toContain('966512345678');
    log.error({ err: error }, 'write refused');
    log.error({ err: new TypeError('of +966512345678') }, 'something else');
    expect(lines.join('')).not.toMatch(/966512345678|Secret place/);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ msg: 'write refused', err: { name: 'error', code: '23514' } });
    expect(second).toMatchObject({
      err: { name: 'TypeError', code: null, at: expect.arrayContaining([expect.stringContaining('faults.test.ts')]) },
    });
  });
});

describe('trouble that passes', () => {
  const failure = (code: string): Error => Object.assign(new Error('said by a driver'), { code });

  it('is told from what a database refuses', () => {
    for (const code of ['40P01', '40001', '57P01', '08006', '53300', 'ECONNREFUSED', 'EPIPE', 'EAI_AGAIN']) {
      expect([code, isAway(failure(code))]).toEqual([code, true]);
    }
    for (const code of ['23505', '42P01', '22P02', 'ENOENT', 'EACCES', 'FST_ERR_CTP_BODY_TOO_LARGE']) {
      expect([code, isAway(failure(code))]).toEqual([code, false]);
    }
    expect(isAway(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isAway(new Error('timeout exceeded when trying to connect'))).toBe(true);
    expect(isAway(new TypeError('x is not a function'))).toBe(false);
    expect(isAway('ECONNREFUSED')).toBe(false);
  });
});
