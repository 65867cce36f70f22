import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { z } from 'zod';
import { GREATEST_PRIORITY, savedSegment, type SavedSegment, type Segment } from '../../../server/contract/segments.ts';
import { queries } from '../admin/api.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { ask } from '../connection/http.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';

function savedQuery(campaignId: string) {
  return queryOptions({
    queryKey: ['campaigns', campaignId, 'segments'],
    queryFn: () => ask('GET', `/campaigns/${campaignId}/segments`, z.array(savedSegment)),
  });
}

interface SavedProps {
  campaignId: string;
  /** The one in the editor, or null for a new one. */
  opened: SavedSegment | null;
  onOpen: (segment: SavedSegment | null) => void;
}

/** The segments that people keep of a campaign: to be opened in the editor, or deleted. */
export function SavedSegments({ campaignId, opened, onOpen }: SavedProps): ReactNode {
  const { say } = useLocale();
  const saved = useQuery(savedQuery(campaignId));
  if (saved.isError) return <AskFailed query={saved} />;
  const rows = saved.data ?? [];
  return (
    <section className="card panel" aria-labelledby="saved-segments" data-testid="saved-segments">
      <div className="row">
        <h2 id="saved-segments" className="grow">
          {say('segment.saved')}
        </h2>
        {opened === null ? null : (
          <Button icon="plus" onClick={() => onOpen(null)}>
            {say('segment.new')}
          </Button>
        )}
      </div>
      {rows.length === 0 ? <p className="faint">{say(saved.isPending ? 'common.loading' : 'segment.noneSaved')}</p> : null}
      <ul className="plain-list lined">
        {rows.map((row) => (
          <Saved key={row.id} row={row} campaignId={campaignId} opened={opened} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}

/** One of them; deleting it is asked twice. */
function Saved({ row, campaignId, opened, onOpen }: SavedProps & { row: SavedSegment }): ReactNode {
  const { say, format } = useLocale();
  const [asking, setAsking] = useState(false);
  const change = useChange();

  async function remove(): Promise<void> {
    await ask('DELETE', `/campaigns/${campaignId}/segments/${row.id}`, z.unknown());
    if (opened?.id === row.id) onOpen(null);
    await queries.invalidateQueries({ queryKey: savedQuery(campaignId).queryKey });
    toast('done', say('segment.deleted', { name: row.name }));
  }
  return (
    <li className="row">
      <span className="grow">
        <bdi className="strong">{row.name}</bdi>{' '}
        {row.priority === 0 ? null : (
          <span className="badge">{say('segment.priorityIs', { n: format.number(row.priority) })}</span>
        )}{' '}
        <span className="small faint">
          <bdi>{format.dateTime(row.at)}</bdi>
          {row.by === null ? null : (
            <>
              {' · '}
              <bdi>{row.by}</bdi>
            </>
          )}
        </span>
      </span>
      {asking ? (
        <>
          <Button look="danger" busy={change.busy} onClick={() => void change.run(remove)}>
            {say('segment.deleteYes')}
          </Button>
          <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
        </>
      ) : (
        <>
          <Button pressed={opened?.id === row.id} onClick={() => onOpen(row)}>
            {say('segment.open')}
          </Button>
          <Button look="bare" icon="trash" name={say('segment.delete', { name: row.name })} onClick={() => setAsking(true)} />
        </>
      )}
    </li>
  );
}

/** Keeps what is in the editor under a name: as the one that was opened, or as another. */
export function SaveSegment({ campaignId, opened, onOpen, segment }: SavedProps & { segment: Segment | null }): ReactNode {
  const { say, format } = useLocale();
  const [name, setName] = useState(opened?.name ?? '');
  const [priority, setPriority] = useState(opened?.priority ?? 0);
  const [asked, setAsked] = useState(false);
  const change = useChange((problem) => problem.field === 'name');
  const missing = asked && name.trim() === '' ? say('invalid.required') : null;

  async function save(over: SavedSegment | null): Promise<void> {
    setAsked(true);
    if (name.trim() === '' || segment === null) return;
    await change.run(async () => {
      const segments = `/campaigns/${campaignId}/segments`;
      const kept =
        over === null
          ? await ask('POST', segments, savedSegment, { body: { name, segment, priority } })
          : await ask('PUT', `${segments}/${over.id}`, savedSegment, {
              body: { name, segment, priority, version: over.version },
            });
      await queries.invalidateQueries({ queryKey: savedQuery(campaignId).queryKey });
      toast('done', say('segment.savedNow', { name: kept.name }));
      onOpen(kept);
    });
  }
  return (
    <form
      noValidate
      className="card panel"
      data-testid="save-segment"
      onSubmit={(event) => {
        event.preventDefault();
        void save(opened);
      }}
    >
      {opened === null ? null : (
        <p className="small faint">
          <Say text="segment.opened" values={{ name: opened.name }} />
        </p>
      )}
      <div className="form-grid">
        <TextField
          label={say('segment.name')}
          value={name}
          maxLength={80}
          dir="auto"
          error={missing ?? change.errorAt('name')}
          onChange={(event) => {
            setName(event.target.value);
            change.clear();
          }}
        />
        <SelectField
          label={say('segment.priority')}
          hint={say('segment.priorityHint')}
          value={String(priority)}
          onChange={(event) => setPriority(Number(event.target.value))}
        >
          {Array.from({ length: GREATEST_PRIORITY + 1 }, (_, each) => (
            <option key={each} value={String(each)}>
              {each === 0 ? say('segment.priorityNone') : say('segment.priorityIs', { n: format.number(each) })}
            </option>
          ))}
        </SelectField>
      </div>
      {asked && segment === null ? <p className="field-error">{say('segment.unfinished')}</p> : null}
      <div className="row">
        <Button type="submit" look="primary" busy={change.busy}>
          {say('segment.save')}
        </Button>
        {opened === null ? null : (
          <Button busy={change.busy} onClick={() => void save(null)}>
            {say('segment.saveAnother')}
          </Button>
        )}
      </div>
    </form>
  );
}
