import { expect, test } from 'vitest';
import { hashOfNobody, hashPassword, verifyPassword } from '../../server/access/passwords.ts';

test('a password is hashed with argon2id and the cost that OWASP names', async () => {
  expect(await hashPassword('correct horse')).toMatch(
    /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
});

test('the same password has another hash each time', async () => {
  expect(await hashPassword('correct horse')).not.toBe(await hashPassword('correct horse'));
});

test('the right password is known again, composed or decomposed, and a wrong one is not', async () => {
  const stored = await hashPassword('گذرواژهٔ é ۱۲۳');
  expect(await verifyPassword('گذرواژهٔ é ۱۲۳'.normalize('NFD'), stored)).toBe(true);
  expect(await verifyPassword('گذرواژهٔ é ۱۲۴', stored)).toBe(false);
});

test('nobody signs in with what is no hash, or as nobody', async () => {
  expect(await verifyPassword('', 'plain text')).toBe(false);
  expect(await verifyPassword('', hashOfNobody())).toBe(false);
});
