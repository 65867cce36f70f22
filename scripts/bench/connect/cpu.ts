import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's CPU in hundredths of a second for whoever asks from outside. */
const TICK_MS = 10;

/** User and system CPU since they began, in ms, of every process that lives, with that of its direct children. */
export function cpuOfFamilies(): Map<number, number> {
  const families = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const fields = /^[0-9]+$/.test(name) ? statOf(Number(name)) : null;
    if (fields === null) continue;
    const usedMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    for (const head of [Number(name), Number(fields[1])]) families.set(head, (families.get(head) ?? 0) + usedMs);
  }
  return families;
}

/** User and system CPU of one process since it began, in ms; 0 when it is gone. */
export function cpuOf(pid: number): number {
  const fields = statOf(pid);
  return fields === null ? 0 : (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The fields of /proc/PID/stat after the program's name, which stands in brackets and may itself hold spaces and brackets. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
