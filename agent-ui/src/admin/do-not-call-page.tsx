import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { DO_NOT_CALL_BLOCKS, DO_NOT_CALL_SOURCES } from '../../../server/contract/do-not-call.ts';
import { useChange } from '../connection/use-change.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { FieldError, SelectField, TextField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { AskFailed } from './ask-failed.tsx';
import { doNotCallQuery, sendDoNotCall } from './do-not-call-api.ts';
import { DoNotCallCard } from './do-not-call-card.tsx';
import { FileField } from './file-field.tsx';

const EMPTY = { name: '', source: 'registry', blocks: 'calls', country: '', until: null as string | null };
const FIELDS = new Set(['name', 'country', 'until']);

/** Numbers that are not to be called: sending a list of them, trying it out first, and what became of each. */
export function DoNotCallPage(): ReactNode {
  const { say } = useLocale();
  const lists = useQuery(doNotCallQuery);
  return (
    <div className="stack">
      <PageHead
        title={say('doNotCall.title')}
        lead={say('doNotCall.lead')}
        back={{ to: '/admin/imports', name: say('nav.imports') }}
      />
      <Upload />
      <section className="stack" aria-labelledby="do-not-call-lists">
        <h2 id="do-not-call-lists">{say('import.history')}</h2>
        {lists.isError ? <AskFailed query={lists} /> : null}
        {lists.data?.length === 0 ? <p className="faint">{say('import.none')}</p> : null}
        {lists.data?.map((list) => (
          <DoNotCallCard key={list.id} list={list} />
        ))}
      </section>
    </div>
  );
}

function Upload(): ReactNode {
  const { say } = useLocale();
  const [draft, setDraft] = useState(EMPTY);
  const [file, setFile] = useState<File | null>(null);
  const [unchosen, setUnchosen] = useState(false);
  const change = useChange(() => true);
  const { problem, errorAt } = change;

  function take(chosen: File | null): void {
    setFile(chosen);
    setUnchosen(false);
    change.clear();
  }

  async function send(dryRun: boolean): Promise<void> {
    setUnchosen(file === null);
    if (file === null) return;
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...draft, dryRun: String(dryRun) })) {
      if (value !== null) form.set(name, value);
    }
    // Last, so that the server knows what it is for before the first byte of it.
    form.set('file', file);
    await change.run(async () => {
      await sendDoNotCall(form);
      if (dryRun) return;
      setDraft({ ...EMPTY, country: draft.country });
      take(null);
    });
  }

  const elsewhere = problem !== null && problem.field !== 'file' && !FIELDS.has(problem.field ?? '');
  return (
    <form
      className="card panel"
      aria-labelledby="do-not-call-upload"
      noValidate
      data-testid="do-not-call-upload"
      onSubmit={(event) => {
        event.preventDefault();
        void send(true);
      }}
    >
      <h2 id="do-not-call-upload">{say('doNotCall.upload')}</h2>
      <div className="form-grid">
        <SelectField
          label={say('doNotCall.source')}
          value={draft.source}
          onChange={(event) => setDraft({ ...draft, source: event.target.value })}
        >
          {DO_NOT_CALL_SOURCES.map((source) => (
            <option key={source} value={source}>
              {say(`doNotCallSource.${source}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={say('doNotCall.name')}
          hint={say('doNotCall.nameHint')}
          value={draft.name}
          error={errorAt('name') === null ? null : say('doNotCall.nameMissing')}
          maxLength={200}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
        <SelectField
          label={say('doNotCall.blocks')}
          hint={say(`doNotCallBlocks.${draft.blocks === 'everything' ? 'everythingHint' : 'callsHint'}`)}
          value={draft.blocks}
          onChange={(event) => setDraft({ ...draft, blocks: event.target.value })}
        >
          {DO_NOT_CALL_BLOCKS.map((blocks) => (
            <option key={blocks} value={blocks}>
              {say(`doNotCallBlocks.${blocks}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={say('doNotCall.country')}
          hint={say('doNotCall.countryHint')}
          value={draft.country}
          error={errorAt('country') === null ? null : say('problem.import_unknown_country')}
          maxLength={2}
          dir="ltr"
          onChange={(event) => setDraft({ ...draft, country: event.target.value })}
        />
        <DayField
          label={say('doNotCall.until')}
          value={draft.until}
          error={errorAt('until')}
          onChange={(until) => setDraft({ ...draft, until })}
        />
      </div>
      <FileField
        id="do-not-call-file"
        file={file}
        error={unchosen ? say('import.chooseFile') : errorAt('file')}
        onChange={take}
      />
      {elsewhere ? (
        <FieldError>{errorAt(problem.field ?? '') ?? say('problem.unknown', { message: problem.message })}</FieldError>
      ) : null}
      <div className="row">
        <Button type="submit" look="primary" icon="check" busy={change.busy}>
          {say('import.dryRun')}
        </Button>
        <Button icon="upload" disabled={change.busy} onClick={() => void send(false)}>
          {say('doNotCall.take')}
        </Button>
      </div>
    </form>
  );
}
