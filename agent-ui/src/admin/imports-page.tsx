import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { IMPORT_PROFILES, type ImportRow } from '../../../server/contract/imports.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { openSocket } from '../connection/socket.ts';
import { useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError, SelectField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { campaignsQuery, importsQuery, keepImport, startImport } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { ImportCard } from './import-card.tsx';

/** Debtor lists: sending one, trying one out first, and what became of each. */
export function ImportsPage(): ReactNode {
  const { say } = useLocale();
  const imports = useQuery(importsQuery);
  const campaigns = useQuery(campaignsQuery);
  const names = new Map((campaigns.data ?? []).map((campaign) => [campaign.id, campaign.name]));

  useEffect(() => {
    const socket = openSocket();
    const onImport = (row: ImportRow): void => void keepImport(row);
    socket.on('import', onImport);
    return () => {
      socket.off('import', onImport);
    };
  }, []);

  return (
    <div className="stack">
      <header className="page-head">
        <h1>{say('nav.imports')}</h1>
      </header>
      <Upload />
      <section className="stack" aria-labelledby="imports-title">
        <h2 id="imports-title">{say('import.history')}</h2>
        {imports.isError ? <AskFailed query={imports} /> : null}
        {imports.data?.length === 0 ? <p className="faint">{say('import.none')}</p> : null}
        {imports.data?.map((row) => (
          <ImportCard key={row.id} row={row} campaign={names.get(row.campaignId ?? '') ?? null} />
        ))}
      </section>
    </div>
  );
}

/** The form that sends a list. A refusal stands beside the field it is about. */
function Upload(): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { campaign: wanted } = useSearch({ from: '/admin/imports' });
  const campaigns = useQuery(campaignsQuery);
  const open = (campaigns.data ?? []).filter((campaign) => campaign.state !== 'ended');
  const [campaignId, setCampaignId] = useState(wanted ?? '');
  const [profile, setProfile] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState<'dry' | 'real' | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const chosen = campaignId === '' && open.length === 1 ? (open[0]?.id ?? '') : campaignId;

  async function send(dryRun: boolean): Promise<void> {
    const missing: Record<string, string> = {};
    if (chosen === '') missing['campaignId'] = say('import.chooseCampaign');
    if (file === null) missing['file'] = say('import.chooseFile');
    setFaults(missing);
    if (file === null || chosen === '') return;
    const form = new FormData();
    form.set('campaignId', chosen);
    if (profile !== '') form.set('profile', profile);
    form.set('dryRun', String(dryRun));
    // Last, so that the server knows what it is for before the first byte of it.
    form.set('file', file);
    setBusy(dryRun ? 'dry' : 'real');
    try {
      await startImport(form);
      if (!dryRun) {
        setFile(null);
        if (chooser.current) chooser.current.value = '';
      }
    } catch (error) {
      const problem = problemOf(error);
      setFaults({ [problem.field ?? 'file']: problemWords(locale, problem) });
    } finally {
      setBusy(null);
    }
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    const dropped = event.dataTransfer.files[0];
    if (dropped) setFile(dropped);
  }

  const elsewhere = Object.entries(faults).filter(([field]) => !['campaignId', 'profile', 'file'].includes(field));
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
          label={say('import.profile')}
          hint={say('import.profileHint')}
          value={profile}
          error={faults['profile']}
          onChange={(event) => setProfile(event.target.value)}
        >
          <option value="">{say('import.profileAuto')}</option>
          {IMPORT_PROFILES.map((one) => (
            <option key={one} value={one}>
              {say(`profile.${one}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="field">
        <div className="drop" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
          <Icon name="file" />
          <label className="button plain" htmlFor="import-file">
            {say('import.file')}
          </label>
          <input
            ref={chooser}
            id="import-file"
            className="hidden-text"
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
            aria-invalid={faults['file'] !== undefined}
            aria-describedby="import-file-name"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
          <span id="import-file-name">
            {file ? <bdi>{file.name}</bdi> : <span className="faint">{say('import.fileHint')}</span>}
          </span>
        </div>
        {faults['file'] ? <FieldError>{faults['file']}</FieldError> : null}
      </div>
      {elsewhere.map(([field, words]) => (
        <FieldError key={field}>{words}</FieldError>
      ))}
      <div className="row">
        <Button type="submit" look="primary" icon="check" busy={busy === 'dry'} disabled={busy === 'real'}>
          {say('import.dryRun')}
        </Button>
        <Button icon="upload" busy={busy === 'real'} disabled={busy === 'dry'} onClick={() => void send(false)}>
          {say('import.start')}
        </Button>
      </div>
    </form>
  );
}
