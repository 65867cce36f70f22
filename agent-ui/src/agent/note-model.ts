/** One note of one attempt: what is written here, what the server holds, and whether they agree. */
export interface NoteModel {
  attemptId: string;
  body: string;
  savedBody: string;
  version: number;
  state: 'saved' | 'changed' | 'saving' | 'failed' | 'conflict';
  /** What the server holds, when another page saved in between. */
  theirs: { body: string; version: number } | null;
}

export type NoteNews =
  | { type: 'typed'; body: string }
  | { type: 'saving' }
  | { type: 'saved'; body: string; version: number }
  | { type: 'failed' }
  | { type: 'loaded'; body: string; version: number }
  | { type: 'conflict'; body: string; version: number }
  | { type: 'keep_mine' }
  | { type: 'take_theirs' };

/** An empty note, before the server was asked. */
export function newNote(attemptId: string): NoteModel {
  return { attemptId, body: '', savedBody: '', version: 0, state: 'saved', theirs: null };
}

/** What one piece of news makes of a note. What the agent typed is never replaced without the agent's word. */
export function hearNote(note: NoteModel, news: NoteNews): NoteModel {
  switch (news.type) {
    case 'typed':
      if (note.state === 'conflict') return { ...note, body: news.body };
      return {
        ...note,
        body: news.body,
        state: note.state === 'saving' ? 'saving' : news.body === note.savedBody ? 'saved' : 'changed',
      };
    case 'saving':
      return note.state === 'conflict' ? note : { ...note, state: 'saving' };
    case 'saved':
      return {
        ...note,
        savedBody: news.body,
        version: news.version,
        theirs: null,
        // More may have been typed while the save was on its way.
        state: note.body === news.body ? 'saved' : 'changed',
      };
    case 'failed':
      return { ...note, state: note.body === note.savedBody ? 'saved' : 'failed' };
    case 'loaded':
      if (news.version <= note.version) return note;
      if (note.body === note.savedBody)
        return { ...note, body: news.body, savedBody: news.body, version: news.version, state: 'saved' };
      return { ...note, theirs: { body: news.body, version: news.version }, state: 'conflict' };
    case 'conflict':
      // The same words from both sides need no decision.
      if (news.body === note.body) return { ...note, savedBody: news.body, version: news.version, theirs: null, state: 'saved' };
      return { ...note, theirs: { body: news.body, version: news.version }, state: 'conflict' };
    case 'keep_mine':
      return note.theirs === null
        ? note
        : { ...note, savedBody: note.theirs.body, version: note.theirs.version, theirs: null, state: 'changed' };
    case 'take_theirs':
      return note.theirs === null
        ? note
        : {
            ...note,
            body: note.theirs.body,
            savedBody: note.theirs.body,
            version: note.theirs.version,
            theirs: null,
            state: 'saved',
          };
  }
}

/** Whether there is something that the server does not have. */
export function unsaved(note: NoteModel): boolean {
  return note.body !== note.savedBody;
}
