import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { TextArea } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import type { NoteModel, NoteNews } from './note-model.ts';

const LONGEST_NOTE = 4_000;

/** The note of the call; says whether it is saved, and lets the agent choose when another page saved in between. */
export function NotePad({ note, tell }: { note: NoteModel; tell: (news: NoteNews) => void }): ReactNode {
  const { say } = useLocale();
  return (
    <div className="note-pad">
      <TextArea
        label={say('note.label')}
        dir="auto"
        rows={2}
        maxLength={LONGEST_NOTE}
        value={note.body}
        onChange={(event) => tell({ type: 'typed', body: event.target.value })}
        data-testid="note"
      />
      <div className={`note-state small ${note.state}`} role="status" data-testid="note-state" data-state={note.state}>
        {note.body === '' && note.state === 'saved' ? null : (
          <>
            <Icon name={note.state === 'saved' ? 'check' : note.state === 'failed' ? 'alert' : 'refresh'} />
            {say(`note.${note.state}`)}
          </>
        )}
      </div>
      {note.theirs ? (
        <div className="notice warn">
          <Icon name="alert" />
          <div className="notice-text stack tight">
            <p>{say('note.conflictWords')}</p>
            <blockquote dir="auto">{note.theirs.body}</blockquote>
            <div className="row tight">
              <Button onClick={() => tell({ type: 'keep_mine' })}>{say('note.keepMine')}</Button>
              <Button look="plain" onClick={() => tell({ type: 'take_theirs' })}>
                {say('note.takeTheirs')}
              </Button>
            </div>
          </div>
        </div>
      ) : null}
    </div>
  );
}
