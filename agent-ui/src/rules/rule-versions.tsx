import type { ReactNode } from 'react';
import type { PackVersion } from '../../../server/contract/packs.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';

/** Every version of a pack or of what tightens it, the newest first: by whom, from when and why. */
export function RuleVersions({
  versions,
  shown,
  onShow,
  testId,
}: {
  versions: readonly PackVersion[];
  shown: number;
  /** Null where only one version can be looked at. */
  onShow: ((version: number) => void) | null;
  testId: string;
}): ReactNode {
  const { say, format } = useLocale();
  return (
    <section className="card panel" aria-labelledby="rule-versions" data-testid={testId}>
      <h2 id="rule-versions">{say('scorecard.versions')}</h2>
      <ol className="versions">
        {versions.map((version) => (
          <li key={version.version}>
            <div className="row tight">
              <span className="strong">
                <Say text="scorecard.version" values={{ version: format.number(version.version) }} />
              </span>
              {version.inForce ? <span className="badge good">{say('pack.inForce')}</span> : null}
              <span className="faint small grow">
                {version.author === 'shipped' ? (
                  <Say text="pack.shippedFrom" values={{ date: format.day(version.effectiveFrom) }} />
                ) : (
                  <Say text="pack.byFrom" values={{ author: version.author, date: format.day(version.effectiveFrom) }} />
                )}
              </span>
              {onShow === null || version.version === shown ? null : (
                <Button look="plain" onClick={() => onShow(version.version)}>
                  {say('pack.show')}
                </Button>
              )}
            </div>
            <p>
              <bdi>{version.reason}</bdi>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
