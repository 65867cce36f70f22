/** Policies to compare the pacer with. */
import type { PacingEvent } from '../interface.ts';
import type { Policy } from './run.ts';

/** Counts of a floor as a policy without a model sees it. */
export interface FloorCounts {
  idle: number;
  talking: number;
  wrapping: number;
  away: number;
  /** Dialed, ringing or screened. */
  unanswered: number;
  waiting: number;
  /** Connected to an agent or waiting for one. */
  live: number;
  apply: (event: PacingEvent) => void;
}

/** Counts kept from the events of a run without faults. */
export function createCounts(): FloorCounts {
  const doing = new Map<number, 'idle' | 'talking' | 'wrapping' | 'away'>();
  const ready = new Set<number>();
  const counts: FloorCounts = { idle: 0, talking: 0, wrapping: 0, away: 0, unanswered: 0, waiting: 0, live: 0, apply };

  function move(agent: number, next: 'idle' | 'talking' | 'wrapping' | 'away'): void {
    const before = doing.get(agent);
    if (before !== undefined) counts[before] -= 1;
    doing.set(agent, next);
    counts[next] += 1;
  }

  function leaveQueue(call: number): void {
    if (ready.delete(call)) counts.waiting -= 1;
    else counts.unanswered -= 1;
  }

  function apply(event: PacingEvent): void {
    switch (event.type) {
      case 'call.dialed':
        counts.unanswered += 1;
        return;
      case 'call.ready':
        ready.add(event.call);
        counts.unanswered -= 1;
        counts.waiting += 1;
        return;
      case 'call.ended':
      case 'call.abandoned':
        leaveQueue(event.call);
        return;
      case 'call.connected':
        leaveQueue(event.call);
        move(event.agent, 'talking');
        return;
      case 'agent.available':
        move(event.agent, 'idle');
        return;
      case 'agent.wrap':
        move(event.agent, 'wrapping');
        return;
      case 'agent.away':
        move(event.agent, 'away');
    }
  }
  return counts;
}

/** One line per idle agent. */
export function progressivePolicy(): Policy {
  const counts = createCounts();
  return {
    holdsBreaks: true,
    apply: counts.apply,
    tick: () => ({ dial: Math.max(0, counts.idle - counts.unanswered - counts.waiting) }),
  };
}

/** Calls in flight or connected up to `ratio` per agent who is ready or in a call, set every 2.5 s: a fixed ratio as VICIdial dials it. */
export function ratioPolicy(ratio: number): Policy {
  const counts = createCounts();
  let dueAt = 0;
  return {
    apply: counts.apply,
    tick(now) {
      if (now < dueAt) return { dial: 0 };
      dueAt = now + 2_500;
      const goal = Math.round(ratio * (counts.idle + counts.talking));
      return { dial: Math.max(0, goal - counts.unanswered - counts.waiting - counts.talking) };
    },
  };
}
