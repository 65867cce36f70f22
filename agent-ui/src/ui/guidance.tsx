import type { ReactNode } from 'react';
import type { Guidance } from '../../../server/contract/guidance.ts';
import { useLocale } from '../i18n/locale.tsx';
import { EvidenceBadge } from '../rules/evidence.tsx';

/** What the rules that bind want said, and words that they forbid, in the packs' own words; nothing where they ask for neither. */
export function GuidanceWords({ guidance }: { guidance: Guidance }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  const { disclosures, forbiddenWords } = guidance;
  if (disclosures.length === 0 && forbiddenWords.length === 0) return null;
  return (
    <div className="stack tight" data-testid="guidance">
      {disclosures.length === 0 ? null : <h3>{say('guidance.say')}</h3>}
      <ul className="plain-list lined">
        {disclosures.map(({ when, text, pack, evidence, source }) => (
          <li key={`${pack ?? ''} ${when} ${text}`} className="stack tight" title={source}>
            <span className="row tight">
              <span className="badge info">{sayIfKnown(`disclosureWhen.${when.replaceAll(' ', '_')}`) ?? when}</span>
              {evidence === 'V0' ? <EvidenceBadge level={evidence} /> : null}
            </span>
            <span dir="auto">{text}</span>
          </li>
        ))}
      </ul>
      {forbiddenWords.length === 0 ? null : (
        <>
          <h3>{say('guidance.never')}</h3>
          {forbiddenWords.map(({ words, pack, evidence, source }) => (
            <p key={pack ?? ''} className="row tight" title={source}>
              {words.map((word) => (
                <bdi key={word} className="badge danger">
                  {word}
                </bdi>
              ))}
              {evidence === 'V0' ? <EvidenceBadge level={evidence} /> : null}
            </p>
          ))}
        </>
      )}
    </div>
  );
}
