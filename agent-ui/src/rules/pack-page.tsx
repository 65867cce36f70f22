import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { EVIDENCE_LEVELS } from '../../../server/contract/rule-terms.ts';
import type { PackDetail } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { sessionNow } from '../connection/session.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { packQuery } from './api.ts';
import { EvidenceBadge } from './evidence.tsx';
import { PackEditor } from './pack-editor.tsx';
import { PackCallable, RuleWeek } from './pack-week.tsx';
import { PackPlaces } from './packs-page.tsx';
import { RuleVersions } from './rule-versions.tsx';
import './rules.css';

/** One rule pack: its week, who is callable when, its rules with how well they are known, and its versions. */
export function PackPage(): ReactNode {
  const { packId } = useParams({ from: '/admin/packs/$packId' });
  const { say } = useLocale();
  const [version, setVersion] = useState<number | null>(null);
  const pack = useQuery(packQuery(packId, version));
  const current = useQuery(packQuery(packId, null));
  const failed = [pack, current].find((query) => query.isError);
  if (failed) return <AskFailed query={failed} />;
  if (!pack.data || !current.data) return <p className="faint">{say('common.loading')}</p>;
  return <Pack key={packId} pack={pack.data} current={current.data} onVersion={setVersion} />;
}

function Pack({
  pack,
  current,
  onVersion,
}: {
  pack: PackDetail;
  /** The version in force, or the first to come of a pack that is new. */
  current: PackDetail;
  onVersion: (version: number | null) => void;
}): ReactNode {
  const { say, format } = useLocale();
  const unverified = pack.evidence.V0 ?? 0;
  const shown = pack.versions.find((version) => version.version === pack.shown);
  const mayChange = sessionNow()?.role === 'admin';
  return (
    <div className="stack" data-testid="pack">
      <header className="page-head">
        <Link to="/admin/packs" className="button bare square" aria-label={say('pack.back')}>
          <Icon name="back" />
        </Link>
        <h1 className="grow">
          <Say text="pack.title" values={{ pack: pack.id }} />
        </h1>
        {mayChange ? (
          <>
            <Link to="/admin/new-pack" search={{ as: 'copy', of: pack.id }} className="button">
              {say('newPack.copyThis')}
            </Link>
            <Link to="/admin/new-pack" search={{ as: 'child', of: pack.id }} className="button">
              {say('newPack.buildOnThis')}
            </Link>
          </>
        ) : null}
        {mayChange ? (
          <Link to="/admin/history" search={{ subject: 'rule_pack', subjectId: pack.id }} className="button">
            <Icon name="clock" />
            {say('nav.history')}
          </Link>
        ) : null}
        <span className={`badge ${shown?.inForce ? 'good' : 'warn'}`}>
          <Say text="scorecard.version" values={{ version: format.number(pack.shown) }} />
          {shown?.inForce ? <> · {say('pack.inForce')}</> : null}
        </span>
      </header>
      <div className="card panel">
        {[pack.name, pack.applies]
          .filter((text) => text !== '')
          .map((text) => (
            <p key={text}>
              <bdi dir="auto">{text}</bdi>
            </p>
          ))}
        <div className="row tight">
          <PackPlaces pack={pack} />
          {pack.base === null ? null : (
            <Link to="/admin/packs/$packId" params={{ packId: pack.base }}>
              <Say text="pack.base" values={{ base: pack.base }} />
            </Link>
          )}
        </div>
        <div className="row tight">
          {EVIDENCE_LEVELS.filter((level) => pack.evidence[level] !== undefined).map((level) => (
            <EvidenceBadge key={level} level={level} count={pack.evidence[level] ?? 0} />
          ))}
        </div>
      </div>
      {unverified > 0 ? (
        <div className="notice warn" role="status" data-testid="unverified">
          <Icon name="alert" />
          <p className="notice-text">
            <Say text="pack.unverified" values={{ n: format.number(unverified) }} />
          </p>
        </div>
      ) : null}
      <RuleWeek grid={pack.grid} title="pack.week" testId="pack-week" />
      {pack.current.inForce ? (
        <PackCallable packId={pack.id} />
      ) : (
        <div className="notice" role="status" data-testid="to-come">
          <Icon name="clock" />
          <p className="notice-text">
            <Say text="pack.toCome" values={{ date: format.day(pack.current.effectiveFrom) }} />
          </p>
        </div>
      )}
      <PackEditor
        // What was saved is where the next change begins.
        key={`${pack.shown} ${pack.versions.length}`}
        pack={pack}
        current={current.rules}
        mayChange={mayChange}
        onSaved={() => onVersion(null)}
      />
      <RuleVersions versions={pack.versions} shown={pack.shown} onShow={onVersion} testId="pack-versions" />
    </div>
  );
}
