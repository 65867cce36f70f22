import { noteRow } from '../../../server/contract/desk.ts';
import { ask, ProblemError } from '../connection/http.ts';
import { hearNote, newNote, unsaved, type NoteModel, type NoteNews } from './note-model.ts';

/** A note saves itself this long after the last key. */
const SAVE_AFTER_MS = 1_000;
const TRY_AGAIN_MS = 3_000;

/** The note of one attempt, and its way to the server. Whoever opens it closes it. */
export interface NoteKeeper {
  get: () => NoteModel;
  subscribe: (listener: () => void) => () => void;
  tell: (news: NoteNews) => void;
  /** Saves what is not saved yet and waits for it; resolves in any case. */
  flush: () => Promise<void>;
  /** Begins to save by itself, with `load` from what the server has; returns how to stop, which saves what is left. */
  open: (load: boolean) => () => void;
}

/** Makes the keeper of an attempt's note. */
export function createNoteKeeper(attemptId: string): NoteKeeper {
  const path = `/notes/${attemptId}`;
  const listeners = new Set<() => void>();
  let note = newNote(attemptId);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let under: Promise<void> = Promise.resolve();

  function tell(news: NoteNews): void {
    note = hearNote(note, news);
    for (const listener of listeners) listener();
    clearTimeout(timer);
    if (note.state === 'changed') timer = setTimeout(() => void flush(), SAVE_AFTER_MS);
    if (note.state === 'failed') timer = setTimeout(() => void flush(), TRY_AGAIN_MS);
  }

  async function save(keepalive: boolean): Promise<void> {
    const { body, version, state } = note;
    if (!unsaved(note) || state === 'conflict') return;
    tell({ type: 'saving' });
    try {
      const row = await ask('PUT', path, noteRow, { body: { body, version }, keepalive });
      tell({ type: 'saved', body, version: row.version });
    } catch (error) {
      if (error instanceof ProblemError && error.status === 409) await meet();
      else tell({ type: 'failed' });
    }
  }

  /** Another page saved in between: what it wrote is put beside what is written here. */
  async function meet(): Promise<void> {
    try {
      const row = await ask('GET', path, noteRow);
      tell({ type: 'conflict', body: row.body, version: row.version });
    } catch {
      tell({ type: 'failed' });
    }
  }

  async function fetchBody(): Promise<void> {
    try {
      const row = await ask('GET', path, noteRow);
      tell({ type: 'loaded', body: row.body, version: row.version });
    } catch {
      // No line: the first save will tell.
    }
  }

  /** One save after another: two at once would refuse one another's version. */
  function flush(): Promise<void> {
    under = under.then(() => save(false));
    return under;
  }

  function leave(): void {
    if (document.visibilityState === 'hidden') void save(true);
  }

  return {
    get: () => note,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell,
    flush,
    open: (load) => {
      if (load) void fetchBody();
      document.addEventListener('visibilitychange', leave);
      addEventListener('pagehide', leave);
      return () => {
        document.removeEventListener('visibilitychange', leave);
        removeEventListener('pagehide', leave);
        clearTimeout(timer);
        void save(true);
      };
    },
  };
}
