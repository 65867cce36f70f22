import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { IMPORT_PROFILES } from '../../../server/contract/imports.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError, SelectField } from '../ui/field.tsx';
import { campaignsQuery, importsQuery, previewQuery, startImport } from './api.ts';
import { FileField } from './file-field.tsx';
import { EMPTY_DRAFT, optionsOf, type ImportDraft } from './import-draft.ts';
import { ImportMapping } from './import-mapping.tsx';
import { ImportSettings } from './import-settings.tsx';

/** Fields that show their own fault. */
const SHOWN_BESIDE = new Set(['campaignId', 'profile', 'file', 'country', 'currency', 'calendar', 'order']);

/**
 * Brings in a list or a file of changes: the file, its columns, how it is to be read, a try, then for good. A refusal stands beside the
 * field it is about.
 */
export function ImportWizard(): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { campaign: wanted } = useSearch({ from: '/admin/imports' });
  const campaigns = useQuery(campaignsQuery);
  const open = (campaigns.data ?? []).filter((campaign) => campaign.state !== 'ended');
  const [campaignId, setCampaignId] = useState(wanted ?? '');
  const [draft, setDraft] = useState<ImportDraft>(EMPTY_DRAFT);
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState<{ id: string; file: File } | null>(null);
  const imports = useQuery(importsQuery);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState<'dry' | 'real' | null>(null);
  const chosen = campaignId === '' && open.length === 1 ? (open[0]?.id ?? '') : campaignId;

  const trial = tried !== null && tried.file === file ? imports.data?.find((row) => row.id === tried.id)?.result : null;
  const recalls = trial?.recalled ?? null;
  const unconfirmed = draft.kind === 'list' && draft.recallAbsent && recalls === null;

  function fail(error: unknown): void {
    const problem = problemOf(error);
    setFaults({ [problem.field ?? 'file']: problemWords(locale, problem) });
  }

  const { kind, profile, calendar, decimal } = draft;
  const preview = useQuery(previewQuery(file, { kind, profile, calendar, decimal }));
  const unreadable = preview.error ? problemWords(locale, problemOf(preview.error)) : undefined;

  function take(chosenFile: File | null): void {
    setFile(chosenFile);
    setFaults({});
    setDraft((now) => ({ ...now, columns: {} }));
  }

  async function send(dryRun: boolean): Promise<void> {
    const missing: Record<string, string> = {};
    if (chosen === '') missing['campaignId'] = say('import.chooseCampaign');
    if (file === null) missing['file'] = say('import.chooseFile');
    setFaults(missing);
    if (file === null || chosen === '') return;
    const form = new FormData();
    form.set('campaignId', chosen);
    if (profile !== '') form.set('profile', profile);
    form.set('options', optionsOf(draft, recalls));
    form.set('dryRun', String(dryRun));
    // Last, so that the server knows what it is for before the first byte of it.
    form.set('file', file);
    setBusy(dryRun ? 'dry' : 'real');
    try {
      const { id } = await startImport(form);
      if (dryRun) setTried({ id, file });
      else {
        take(null);
        setTried(null);
      }
    } catch (error) {
      fail(error);
    } finally {
      setBusy(null);
    }
  }

  const elsewhere = Object.entries(faults).filter(([field]) => !SHOWN_BESIDE.has(field));
  return (
    <form
      className="card panel"
      aria-labelledby="upload-title"
      noValidate
      data-testid="upload"
      onSubmit={(event) => {
        event.preventDefault();
        void send(true);
      }}
    >
      <div>
        <h2 id="upload-title">{say('import.title')}</h2>
        <p className="faint small">{say('import.lead')}</p>
      </div>
      <div className="form-grid">
        <SelectField
          label={say('import.campaign')}
          value={chosen}
          error={faults['campaignId']}
          onChange={(event) => setCampaignId(event.target.value)}
        >
          <option value="" disabled>
            {say('import.chooseCampaign')}
          </option>
          {open.map((campaign) => (
            <option key={campaign.id} value={campaign.id}>
              {campaign.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={say('import.kind')}
          value={kind}
          onChange={(event) => setDraft({ ...draft, kind: event.target.value === 'changes' ? 'changes' : 'list', columns: {} })}
        >
          <option value="list">{say('importKind.list')}</option>
          <option value="changes">{say('importKind.changes')}</option>
        </SelectField>
        <SelectField
          label={say('import.profile')}
          hint={say('import.profileHint')}
          value={profile}
          error={faults['profile']}
          onChange={(event) => setDraft({ ...draft, profile: event.target.value })}
        >
          <option value="">{say('import.profileAuto')}</option>
          {IMPORT_PROFILES.map((one) => (
            <option key={one} value={one}>
              {say(`profile.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <FileField id="import-file" file={file} error={faults['file'] ?? unreadable ?? null} onChange={take} />
      {profile === '' && file !== null ? <ImportSettings draft={draft} faults={faults} onChange={setDraft} /> : null}
      {preview.data ? <ImportMapping preview={preview.data} draft={draft} onChange={setDraft} /> : null}
      {kind === 'list' ? (
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.recallAbsent}
            onChange={(event) => setDraft({ ...draft, recallAbsent: event.target.checked })}
          />
          <span>{say('import.recallAbsent')}</span>
        </label>
      ) : null}
      {unconfirmed ? <p className="small">{say('import.recallFirst')}</p> : null}
      {draft.recallAbsent && recalls !== null ? (
        <p className="notice">{say('import.recallCount', { n: locale.format.number(recalls) })}</p>
      ) : null}
      {elsewhere.map(([field, words]) => (
        <FieldError key={field}>{words}</FieldError>
      ))}
      <div className="row">
        <Button type="submit" look="primary" icon="check" busy={busy === 'dry'} disabled={busy === 'real'}>
          {say('import.dryRun')}
        </Button>
        <Button icon="upload" busy={busy === 'real'} disabled={busy === 'dry' || unconfirmed} onClick={() => void send(false)}>
          {say('import.start')}
        </Button>
      </div>
    </form>
  );
}
