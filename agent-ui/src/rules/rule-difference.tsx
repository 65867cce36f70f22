import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { EvidenceBadge } from './evidence.tsx';
import { differenceOf, type Statement } from './pack-difference.ts';
import type { RulesDraft } from './pack-draft.ts';
import { knownOf, statementWords } from './rule-words.ts';

/** What changes from one version of rules to another, a sentence for each rule that goes or comes. */
export function RuleDifference({ before, after }: { before: RulesDraft; after: RulesDraft }): ReactNode {
  const { say } = useLocale();
  const { taken, added } = differenceOf(before, after);
  return (
    <section className="card panel" aria-labelledby="rule-difference" data-testid="rule-difference">
      <h2 id="rule-difference">{say('difference.title')}</h2>
      {taken.length === 0 && added.length === 0 ? <p className="faint">{say('difference.none')}</p> : null}
      <Statements title={say('difference.taken')} statements={taken} />
      <Statements title={say('difference.added')} statements={added} />
    </section>
  );
}

function Statements({ title, statements }: { title: string; statements: readonly Statement[] }): ReactNode {
  const locale = useLocale();
  if (statements.length === 0) return null;
  return (
    <div className="stack tight">
      <h3>{title}</h3>
      <ul className="plain-list lined">
        {statements.map((statement, index) => {
          const known = knownOf(statement);
          return (
            // One rule may be said twice.
            <li key={index} className="row tight">
              <bdi className="grow">{statementWords(locale, statement)}</bdi>
              {known === null ? null : <EvidenceBadge level={known.evidence} />}
              {known === null || known.source === '' ? null : <bdi className="faint small rule-source">{known.source}</bdi>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
