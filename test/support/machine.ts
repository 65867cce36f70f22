import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../../server/config.ts';
import { identify, type ProcessIdentity } from '../../server/machine/process.ts';

const PROGRAM = join(import.meta.dirname, 'programs/machine.ts');

/** Starts a supervisor with idle roles as a process of its own, which a test may kill; resolves when it is ready. */
export async function startMachineProcess(settings: Settings): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = z.tuple([z.literal('ready')]).parse(await once(child, 'message').then(([said]: unknown[]) => [said]));
  const identity = identify(child.pid ?? 0);
  if (message !== 'ready' || identity === null) throw new Error('The supervisor ended while starting');
  return identity;
}
