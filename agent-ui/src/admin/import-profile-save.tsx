import { useState, type ReactNode } from 'react';
import { IMPORT_PROFILES, type ImportPreview } from '../../../server/contract/imports.ts';
import type { ImportProfile } from '../../../server/contract/import-profiles.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useChange } from '../connection/use-change.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError, TextField } from '../ui/field.tsx';
import { toast } from '../ui/toasts.tsx';
import { profileOf, type ImportDraft } from './import-draft.ts';
import { changeProfile, saveProfile } from './import-profiles-api.ts';

/** Keeps how the file in front of us is read, under a name; of a profile that is kept already, the next version. */
export function ImportProfileSave({
  draft,
  preview,
  onSaved,
}: {
  draft: ImportDraft;
  preview: ImportPreview;
  onSaved: (profile: ImportProfile) => void;
}): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { own } = draft;
  const [name, setName] = useState(own?.name ?? '');
  const [creditor, setCreditor] = useState(own?.creditor ?? '');
  const change = useChange(() => true);
  const { problem, errorAt } = change;

  async function save(): Promise<void> {
    const body = {
      name,
      creditor: creditor.trim() === '' ? null : creditor,
      base: IMPORT_PROFILES.find((shipped) => shipped === draft.profile) ?? null,
      settings: profileOf(draft, preview),
      header: preview.header,
    };
    const all = own === null ? await saveProfile(body) : await changeProfile(own.id, { ...body, version: own.version });
    const saved = all.find((profile) => profile.name === name.trim());
    toast('done', say('importProfile.saved', { name: name.trim() }));
    if (saved) onSaved(saved);
  }

  return (
    <details className="stack tight" data-testid="save-profile">
      <summary>{say(own === null ? 'importProfile.keep' : 'importProfile.change')}</summary>
      <p className="faint small">{say('importProfile.keepLead')}</p>
      <div className="form-grid">
        <TextField
          label={say('importProfile.name')}
          value={name}
          error={name.trim() === '' && errorAt('name') !== null ? say('importProfile.nameMissing') : errorAt('name')}
          maxLength={100}
          onChange={(event) => {
            setName(event.target.value);
            change.clear();
          }}
        />
        <TextField
          label={say('importProfile.creditor')}
          hint={say('importProfile.creditorHint')}
          value={creditor}
          maxLength={200}
          onChange={(event) => setCreditor(event.target.value)}
        />
      </div>
      {problem !== null && problem.field !== 'name' ? <FieldError>{problemWords(locale, problem)}</FieldError> : null}
      <div className="row">
        <Button icon="check" busy={change.busy} onClick={() => void change.run(save)}>
          {say(own === null ? 'importProfile.save' : 'importProfile.saveNext')}
        </Button>
      </div>
    </details>
  );
}
