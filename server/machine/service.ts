import { readFileSync } from 'node:fs';
import type { RunningProcess } from './process.ts';

/** A server that we started and therefore stop. */
export interface Service {
  name: string;
  process: RunningProcess;
  /** Stops the server in its own clean way; resolves when its process is gone. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Waits for a server to answer; fails as soon as its process ends, so that a fault is told at once and not as a time-out, or
 * when the start is broken off.
 */
export async function whenReady(
  running: RunningProcess,
  logFile: string,
  limitMs: number,
  answers: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const start = performance.now();
  while (!(await answers())) {
    signal?.throwIfAborted();
    if (running.hasExited()) throw new Error(`${running.name} ended while starting; ${lastWords(logFile)}`);
    if (performance.now() - start > limitMs) {
      throw new Error(`${running.name} did not answer within ${limitMs / 1_000} s; ${lastWords(logFile)}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 15);
    });
  }
}

/** The end of a log written while starting, when no call and no debtor has been near it. */
function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-6);
  return `the end of ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
