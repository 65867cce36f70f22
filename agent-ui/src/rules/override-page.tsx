import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { OverrideDetail } from '../../../server/contract/packs.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { sessionNow } from '../connection/session.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { overridePreviewQuery, overrideQuery, saveOverride } from './api.ts';
import { EffectOf } from './effect-of.tsx';
import { OverrideEffect } from './override-effect.tsx';
import { draftOfOverride } from './pack-draft.ts';
import { faultsSeen } from './pack-faults.ts';
import { RuleVersions } from './rule-versions.tsx';
import { RuleDifference } from './rule-difference.tsx';
import { RuleWeek } from './pack-week.tsx';
import { RulesEditor, useEditedRules } from './rules-editor.tsx';
import './rules.css';

/** What a creditor or a campaign asks beyond a pack: what applies now, an editor that only tightens, its effect, and all versions. */
export function OverridePage(): ReactNode {
  const { scope, subjectId, packId } = useParams({ from: '/admin/overrides/$scope/$subjectId/$packId' });
  const { say } = useLocale();
  const found = useQuery(overrideQuery({ scope, subjectId, tightens: packId }));
  if (found.isError) return <AskFailed query={found} />;
  if (!found.data) return <p className="faint">{say('common.loading')}</p>;
  return <Override key={`${scope} ${subjectId} ${packId} ${found.data.version}`} override={found.data} />;
}

function Override({ override }: { override: OverrideDetail }): ReactNode {
  const { say, format } = useLocale();
  const { scope, subjectId, subject, tightens, version, versions } = override;
  const mayChange = sessionNow()?.role === 'admin';
  const inForce = versions.find((each) => each.inForce);
  const edited = useEditedRules(() => draftOfOverride(override.rules));
  const [before] = useState(edited.draft);
  const preview = useQuery(overridePreviewQuery({ scope, subjectId, tightens }, useSettled(edited.rules)));
  return (
    <div className="stack" data-testid="override">
      <header className="page-head">
        <Link to="/admin/overrides" className="button bare square" aria-label={say('override.back')}>
          <Icon name="back" />
        </Link>
        <h1 className="grow">
          <Say text="override.of" values={{ subject, pack: tightens }} />
        </h1>
        <span className="badge">{say(`overrideScope.${scope}`)}</span>
        <span className={`badge ${inForce ? 'good' : ''}`}>
          {inForce ? (
            <>
              <Say text="scorecard.version" values={{ version: format.number(inForce.version) }} /> · {say('pack.inForce')}
            </>
          ) : (
            say('override.onlyLaw')
          )}
        </span>
      </header>
      <p className="faint">{say('override.editorLead')}</p>
      <RuleWeek grid={override.grid} title="override.weekNow" testId="week-now" />
      <RulesEditor
        edited={edited}
        packId={tightens}
        changed={edited.touched}
        mayChange={mayChange}
        level="V0"
        lawCaps={override.lawCaps}
        seen={faultsSeen(preview.data?.faults ?? [])}
        testId="override-editor"
        saveName={say('pack.save')}
        onSave={async (change) => {
          const saved = await saveOverride({ scope, subjectId, tightens, version, ...change });
          toast('done', say('pack.saved', { version: format.number(saved) }));
        }}
        effect={
          <>
            {edited.touched ? <RuleDifference before={before} after={edited.draft} /> : null}
            <EffectOf preview={preview}>{(data) => <OverrideEffect preview={data} busy={preview.isFetching} />}</EffectOf>
          </>
        }
      />
      {versions.length === 0 ? null : (
        <RuleVersions versions={versions} shown={version} onShow={null} testId="override-versions" />
      )}
    </div>
  );
}
