import { waitUntil } from '../../server/machine/process.ts';

/** Waits until `condition` holds; fails with `what` after `limitMs`. Tests never sleep for a fixed time. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  if (!(await waitUntil(condition, limitMs))) throw new Error(`Not within ${limitMs / 1_000} s: ${what}`);
}
