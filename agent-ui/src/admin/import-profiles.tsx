import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ImportProfile } from '../../../server/contract/import-profiles.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { toast } from '../ui/toasts.tsx';
import { deleteProfile, profilesQuery } from './import-profiles-api.ts';

/** The profiles that admins keep: what each says, who made its versions, and its end. Nothing where there are none. */
export function ImportProfiles(): ReactNode {
  const { say } = useLocale();
  const { data: profiles = [] } = useQuery(profilesQuery);
  if (profiles.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="profiles-title" data-testid="import-profiles">
      <h2 id="profiles-title">{say('importProfile.title')}</h2>
      <p className="faint small">{say('importProfile.lead')}</p>
      {profiles.map((profile) => (
        <Profile key={profile.id} profile={profile} />
      ))}
    </section>
  );
}

function Profile({ profile }: { profile: ImportProfile }): ReactNode {
  const { say, format } = useLocale();
  const { name, version, creditor, settings, versions } = profile;
  const [asking, setAsking] = useState(false);
  const change = useChange();
  const facts = [creditor, settings.country, settings.currency].filter(
    (fact) => fact !== null && fact !== undefined && fact !== '',
  );

  async function remove(): Promise<void> {
    await deleteProfile(profile.id);
    toast('done', say('importProfile.deleted', { name }));
  }

  return (
    <article className="card panel stack tight" data-testid="import-profile">
      <header className="row">
        <h3 className="grow">
          <bdi>{name}</bdi>
        </h3>
        <span className="badge">{say('importProfile.version', { version: format.number(version) })}</span>
      </header>
      <p className="small">
        {say(settings.kind === 'changes' ? 'importKind.changes' : 'importKind.list')}
        {facts.map((fact) => (
          <span key={fact}>
            {' · '}
            <bdi>{fact}</bdi>
          </span>
        ))}
        {settings.absent === 'recalled' ? ` · ${say('importProfile.recalls')}` : ''}
      </p>
      <MadeBy by={profile.changedBy} at={profile.changedAt} version={version} />
      {versions.length > 0 ? (
        <details>
          <summary className="small">{say('importProfile.before')}</summary>
          {versions.map((each) => (
            <MadeBy key={each.version} {...each} />
          ))}
        </details>
      ) : null}
      {asking ? (
        <div className="notice row" role="group" aria-label={say('importProfile.deleteTitle', { name })}>
          <p className="strong grow">{say('importProfile.deleteTitle', { name })}</p>
          <Button look="danger" busy={change.busy} onClick={() => void change.run(remove)}>
            {say('importProfile.delete')}
          </Button>
          <Button onClick={() => setAsking(false)}>{say('common.cancel')}</Button>
        </div>
      ) : (
        <div className="row">
          <Button look="bare" onClick={() => setAsking(true)}>
            {say('importProfile.delete')}
          </Button>
        </div>
      )}
    </article>
  );
}

function MadeBy({ by, at, version }: { by: string | null; at: string; version: number }): ReactNode {
  const { format } = useLocale();
  const values = { version: format.number(version), at: format.dateTime(at), name: by ?? '–' };
  return (
    <p className="small faint">
      <Say text="importProfile.madeBy" values={values} />
    </p>
  );
}
