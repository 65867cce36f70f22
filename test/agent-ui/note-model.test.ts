import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearNote, newNote, unsaved, type NoteModel, type NoteNews } from '../../agent-ui/src/agent/note-model.ts';

function after(...news: NoteNews[]): NoteModel {
  return news.reduce(hearNote, newNote('attempt'));
}

describe('a note', () => {
  it('waits to be saved once something was typed, and is saved when the server says so', () => {
    expect(after({ type: 'typed', body: 'will pay' }).state).toBe('changed');
    const saved = after({ type: 'typed', body: 'will pay' }, { type: 'saving' }, { type: 'saved', body: 'will pay', version: 1 });
    expect(saved).toMatchObject({ state: 'saved', version: 1, savedBody: 'will pay' });
  });

  it('is not saved when more was typed while the save was on its way', () => {
    const note = after(
      { type: 'typed', body: 'will' },
      { type: 'saving' },
      { type: 'typed', body: 'will pay' },
      { type: 'saved', body: 'will', version: 1 },
    );
    expect(note).toMatchObject({ state: 'changed', body: 'will pay', version: 1 });
  });

  it('that was typed back to what is saved needs no saving', () => {
    const note = after({ type: 'loaded', body: 'a', version: 3 }, { type: 'typed', body: 'ab' }, { type: 'typed', body: 'a' });
    expect(note.state).toBe('saved');
  });

  it('shows both when another page saved in between, and takes the one that the agent chooses', () => {
    const met = after({ type: 'typed', body: 'mine' }, { type: 'saving' }, { type: 'conflict', body: 'theirs', version: 4 });
    expect(met).toMatchObject({ state: 'conflict', body: 'mine', theirs: { body: 'theirs', version: 4 } });
    expect(hearNote(met, { type: 'keep_mine' })).toMatchObject({ state: 'changed', body: 'mine', version: 4, theirs: null });
    expect(hearNote(met, { type: 'take_theirs' })).toMatchObject({ state: 'saved', body: 'theirs', version: 4 });
  });

  it('has no conflict where both sides wrote the same', () => {
    expect(after({ type: 'typed', body: 'same' }, { type: 'conflict', body: 'same', version: 2 }).state).toBe('saved');
  });

  it('that comes from the server does not replace what was typed meanwhile', () => {
    const note = after({ type: 'typed', body: 'mine' }, { type: 'loaded', body: 'older', version: 2 });
    expect(note).toMatchObject({ body: 'mine', state: 'conflict' });
  });

  it('never loses typed words but by the agent’s own choice, whatever comes', () => {
    const body = fc.constantFrom('a', 'ab', 'abc');
    const news = fc.oneof(
      fc.record({ type: fc.constant('typed' as const), body }),
      fc.record({ type: fc.constant('saved' as const), body, version: fc.nat(9) }),
      fc.record({ type: fc.constant('conflict' as const), body, version: fc.nat(9) }),
      fc.constantFrom<NoteNews>({ type: 'saving' }, { type: 'failed' }, { type: 'keep_mine' }),
    );
    fc.assert(
      fc.property(fc.array(news, { maxLength: 25 }), (heard) => {
        const typed = heard.findLast((one) => one.type === 'typed');
        expect(after(...heard).body).toBe(typed?.type === 'typed' ? typed.body : '');
      }),
    );
  });

  it('that differs from the server’s is never called saved', () => {
    const body = fc.constantFrom('a', 'b');
    const news = fc.oneof(
      fc.record({ type: fc.constant('typed' as const), body }),
      fc.record({ type: fc.constant('saved' as const), body, version: fc.nat(9) }),
      fc.record({ type: fc.constant('loaded' as const), body, version: fc.nat(9) }),
      fc.constantFrom<NoteNews>({ type: 'saving' }, { type: 'failed' }, { type: 'take_theirs' }),
    );
    fc.assert(
      fc.property(fc.array(news, { maxLength: 25 }), (heard) => {
        const note = after(...heard);
        expect(unsaved(note) && note.state === 'saved').toBe(false);
      }),
    );
  });
});
