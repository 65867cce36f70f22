import { expect, test } from 'vitest';
import { SignInLimits } from '../../server/access/limits.ts';

function fail(limits: SignInLimits, login: string, address: string, nowMs: number): void {
  limits.begin(login, nowMs);
  limits.failed(address, nowMs);
}

test('the eleventh failure of a name has to wait out the quarter of an hour, from whatever address', () => {
  const limits = new SignInLimits();
  for (let i = 0; i < 9; i++) fail(limits, 'sara', `10.0.0.${i}`, 0);
  expect(limits.waitSeconds('sara', '10.0.0.99', 0)).toBe(0);
  fail(limits, 'sara', '10.0.0.9', 0);
  expect(limits.waitSeconds('sara', '10.0.0.99', 60_000)).toBe(14 * 60);
  expect(limits.waitSeconds('omar', '10.0.0.99', 60_000)).toBe(0);
  expect(limits.waitSeconds('sara', '10.0.0.99', 15 * 60_000)).toBe(0);
});

test('an address that tries many names has to wait, whatever the name', () => {
  const limits = new SignInLimits();
  for (let i = 0; i < 50; i++) fail(limits, `name-${i}`, '10.0.0.1', 0);
  expect(limits.waitSeconds('sara', '10.0.0.1', 0)).toBeGreaterThan(0);
  expect(limits.waitSeconds('sara', '10.0.0.2', 0)).toBe(0);
});

test('a success clears the name', () => {
  const limits = new SignInLimits();
  for (let i = 0; i < 10; i++) fail(limits, 'sara', '10.0.0.1', 0);
  limits.succeeded('sara');
  expect(limits.waitSeconds('sara', '10.0.0.1', 0)).toBe(0);
});

test('what an attacker fills the memory with is forgotten, oldest first', () => {
  const limits = new SignInLimits();
  for (let i = 0; i < 10; i++) fail(limits, 'sara', '10.0.0.1', 0);
  for (let i = 0; i < 25_000; i++) fail(limits, `name-${i}`, `address-${i}`, 0);
  expect(limits.waitSeconds('sara', '10.9.9.9', 0)).toBe(0);
});

test('tries that are under way count against their name, and not any more once they turn out to be no failure', () => {
  const limits = new SignInLimits();
  for (let i = 0; i < 10; i++) limits.begin('sara', 0);
  expect(limits.waitSeconds('sara', '10.0.0.1', 0)).toBeGreaterThan(0);
  limits.takeBack('sara');
  expect(limits.waitSeconds('sara', '10.0.0.1', 0)).toBe(0);
});
