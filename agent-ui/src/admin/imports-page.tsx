import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { ImportRow } from '../../../server/contract/imports.ts';
import { openSocket } from '../connection/socket.ts';
import { useLocale } from '../i18n/locale.tsx';
import { PageLink } from '../ui/page-head.tsx';
import { campaignsQuery, importsQuery, keepImport } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { ImportCard } from './import-card.tsx';
import { ImportProfiles } from './import-profiles.tsx';
import { ImportWizard } from './import-wizard.tsx';

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
        <h1 className="grow">{say('nav.imports')}</h1>
        <PageLink to="/admin/do-not-call" icon="shield">
          {say('doNotCall.title')}
        </PageLink>
      </header>
      <ImportWizard />
      <ImportProfiles />
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
