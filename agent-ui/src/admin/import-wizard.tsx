import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { IMPORT_PROFILES } from '../../../server/contract/imports.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError, SelectField } from '../ui/field.tsx';
import { campaignsQuery, importsQuery, previewQuery, startImport } from './api.ts';
import { FileField } from './file-field.tsx';
import { draftOf, EMPTY_DRAFT, optionsOf, type ImportDraft } from './import-draft.ts';
import { ImportMapping } from './import-mapping.tsx';
import { ImportProfileSave } from './import-profile-save.tsx';
import { profilesQuery } from './import-profiles-api.ts';
import { ImportSettings } from './import-settings.tsx';

/** Fields that show their own fault. */
const SHOWN_BESIDE = new Set(['campaignId', 'profile', 'file', 'country', 'currency', 'calendar', 'order', 'encoding']);

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

  const { kind, profile, own, calendar, decimal, encoding } = draft;
  const asked = { kind, profile, profileId: own?.id ?? null, version: own?.version ?? 0, calendar, decimal, encoding };
  const preview = useQuery(previewQuery(file, asked));
  const { data: kept = [] } = useQuery(profilesQuery);
  const unreadable = preview.error ? problemWords(locale, problemOf(preview.error)) : undefined;

  function take(chosenFile: File | null): void {
    setFile(chosenFile);
    setFaults({});
    setDraft((now) => ({ ...now, columns: {} }));
  }

  /** An own profile brings its settings along; from one to none, or to a shipped one, they go with it. */
  function choose(chosenProfile: string): void {
    const chosenOwn = kept.find((one) => one.id === chosenProfile);
    setFaults({});
    if (chosenOwn) setDraft(draftOf(chosenOwn));
    else setDraft({ ...(own === null ? draft : EMPTY_DRAFT), profile: chosenProfile, own: null });
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
    if (own !== null) form.set('profileId', own.id);
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

  const proposed = profile === '' && own === null ? (preview.data?.proposed ?? null) : null;
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
          value={own?.id ?? profile}
          error={faults['profile']}
          onChange={(event) => choose(event.target.value)}
        >
          <option value="">{say('import.profileAuto')}</option>
          {kept.length > 0 ? (
            <optgroup label={say('importProfile.title')}>
              {kept.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </optgroup>
          ) : null}
          <optgroup label={say('importProfile.shipped')}>
            {IMPORT_PROFILES.map((one) => (
              <option key={one} value={one}>
                {say(`profile.${one}`)}
              </option>
            ))}
          </optgroup>
        </SelectField>
      </div>
      <FileField id="import-file" file={file} error={faults['file'] ?? unreadable ?? null} onChange={take} />
      {profile === '' && file !== null ? <ImportSettings draft={draft} faults={faults} onChange={setDraft} /> : null}
      {proposed ? (
        <div className="notice row" role="status" data-testid="profile-proposed">
          <p className="grow">
            <Say text="importProfile.proposed" values={{ name: proposed.name }} />
          </p>
          <Button onClick={() => choose(proposed.id)}>{say('importProfile.use')}</Button>
        </div>
      ) : null}
      {preview.data ? <ImportMapping preview={preview.data} draft={draft} onChange={setDraft} /> : null}
      {preview.data?.absent
        .filter(({ field }) => draft.columns[field] === undefined)
        .map(({ field, column }) => (
          <FieldError key={`${field} ${column}`}>
            {say('importProfile.absent', { field: say(`listField.${field}`), column })}
          </FieldError>
        ))}
      {preview.data ? (
        <ImportProfileSave
          key={`${own?.id ?? ''} ${own?.version ?? 0}`}
          draft={draft}
          preview={preview.data}
          onSaved={(saved) => setDraft(draftOf(saved))}
        />
      ) : null}
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
