import { flushSync } from 'react-dom';
import type { Desk, DeskCommand, DeskReply } from '../../../server/contract/desk.ts';
import type { Problem } from '../../../server/contract/people.ts';
import { hear, mayReturn, NO_DESK, type DeskModel, type DeskNews } from './desk-model.ts';
import type { AppSocket } from './socket.ts';

/** A command without an answer after this long is shown as failed, with a button to try again. */
const ANSWER_WITHIN_MS = 5_000;
const HELD_KEY = 'wusul:desk-held-until';

/** A desk as its console sees it: the model, and the means to ask. */
export interface DeskStore {
  get: () => DeskModel;
  subscribe: (listener: () => void) => () => void;
  /** Asks the dialer; always resolves, with problem `unreachable` when no answer came in time. */
  send: (command: DeskCommand) => Promise<DeskReply>;
  /** Asks for the desk again, after it was refused. */
  open: () => void;
  /** Takes the desk from whichever tab holds it. */
  takeOver: () => void;
  /** Listens to the line and opens the desk over it; returns how to stop. */
  attend: () => () => void;
}

/** The desk over a socket, kept true through every loss of the line while it is attended. */
export function createDeskStore(socket: AppSocket): DeskStore {
  let model: DeskModel = NO_DESK;
  const listeners = new Set<() => void>();
  const tab = crypto.randomUUID();
  /** Settled once the server has answered, or five seconds have gone. */
  let opening: Promise<void> | null = null;
  let returned = false;

  function apply(news: DeskNews): void {
    const next = hear(model, news);
    if (next === model) return;
    model = next;
    // The file is in the page before this handler returns: a debtor is already speaking.
    if (listeners.size > 0) {
      flushSync(() => {
        for (const listener of listeners) listener();
      });
    }
    if (model.needsSnapshot && model.claim === 'mine' && opening === null) open(false);
  }

  function hold(): void {
    sessionStorage.setItem(HELD_KEY, String(Date.now()));
  }

  function open(takeOver: boolean): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    opening = promise;
    socket.timeout(ANSWER_WITHIN_MS).emit('desk:open', { takeOver, tab }, (failure, reply) => {
      opening = null;
      resolve();
      // Typed as always there; null when the answer came in time.
      if (failure as Error | null) {
        if (socket.connected) open(takeOver);
        return;
      }
      if (reply.ok) {
        hold();
        apply({ type: 'snapshot', desk: reply.desk, atMs: performance.now() });
        return;
      }
      if (reply.problem.code !== 'desk_open_elsewhere') {
        apply({ type: 'refused', problem: reply.problem });
        return;
      }
      if (!takeOver && !returned && mayReturn(navigation(), heldUntil(), Date.now())) {
        returned = true;
        open(true);
      } else apply({ type: 'elsewhere' });
    });
  }

  function onConnect(): void {
    apply({ type: 'link_open' });
    if (model.claim !== 'taken') open(false);
  }
  function onDisconnect(): void {
    if (model.claim === 'mine') hold();
    apply({ type: 'link_lost', atMs: performance.now() });
  }
  function onDesk(desk: Desk): void {
    performance.mark('wusul:desk-event', { detail: { seq: desk.seq, attemptId: desk.call?.attemptId ?? null } });
    apply({ type: 'desk', desk, atMs: performance.now() });
  }
  function onPing(answer: () => void): void {
    answer();
  }
  function onTaken(): void {
    sessionStorage.removeItem(HELD_KEY);
    apply({ type: 'taken' });
  }
  function onLeave(): void {
    if (model.claim === 'mine') hold();
    // Told apart from a lost line, so that the next page finds the desk free.
    socket.disconnect();
  }
  /** A page that the browser froze and brought back has a closed socket. */
  function onReturn(event: PageTransitionEvent): void {
    if (event.persisted) socket.connect();
  }

  return {
    get: () => model,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async send(command) {
      // Behind a loss of the line, whoever is quick is heard once the desk is theirs again.
      await opening;
      if (!socket.connected) return { ok: false, problem: UNREACHABLE };
      try {
        const reply = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck('desk:command', { seq: model.desk?.seq ?? 0, command });
        if (reply.ok) apply({ type: 'desk', desk: reply.desk, atMs: performance.now() });
        else if (reply.problem.code === 'desk_not_open' && model.claim === 'mine') open(false);
        return reply;
      } catch {
        return { ok: false, problem: UNREACHABLE };
      }
    },
    open() {
      open(false);
    },
    takeOver() {
      open(true);
    },
    attend() {
      socket.on('connect', onConnect);
      socket.on('disconnect', onDisconnect);
      socket.on('desk', onDesk);
      socket.on('desk:ping', onPing);
      socket.on('desk:taken', onTaken);
      addEventListener('pagehide', onLeave);
      addEventListener('pageshow', onReturn);
      if (socket.connected) onConnect();
      return () => {
        socket.off('connect', onConnect);
        socket.off('disconnect', onDisconnect);
        socket.off('desk', onDesk);
        socket.off('desk:ping', onPing);
        socket.off('desk:taken', onTaken);
        removeEventListener('pagehide', onLeave);
        removeEventListener('pageshow', onReturn);
        sessionStorage.removeItem(HELD_KEY);
      };
    },
  };
}

const UNREACHABLE: Problem = { code: 'unreachable', message: 'No answer within five seconds', field: null };

function navigation(): string {
  return (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type ?? 'navigate';
}

function heldUntil(): number | null {
  const text = sessionStorage.getItem(HELD_KEY);
  return text === null ? null : Number(text);
}
