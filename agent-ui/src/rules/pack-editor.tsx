import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { PackDetail } from '../../../server/contract/packs.ts';
import { useLocale } from '../i18n/locale.tsx';
import { toast } from '../ui/toasts.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { packPreviewQuery, savePack } from './api.ts';
import { EffectOf } from './effect-of.tsx';
import { differenceOf } from './pack-difference.ts';
import { draftOfPack } from './pack-draft.ts';
import { PackEffect } from './pack-effect.tsx';
import { faultsSeen } from './pack-faults.ts';
import { RuleDifference } from './rule-difference.tsx';
import { RulesEditor, useEditedRules } from './rules-editor.tsx';

interface EditorProps {
  /** The version that is shown. */
  pack: PackDetail;
  /** The rules in force, which a change is held against. */
  current: PackDetail['rules'];
  mayChange: boolean;
  onSaved: () => void;
}

/** The rules of a pack, saved as its next version once it is seen what that changes. */
export function PackEditor({ pack, current, mayChange, onSaved }: EditorProps): ReactNode {
  const { say, format } = useLocale();
  const newest = Math.max(...pack.versions.map((version) => version.version));
  const edited = useEditedRules(() => draftOfPack(pack.rules));
  const [before] = useState(() => draftOfPack(current));
  const { taken, added } = differenceOf(before, edited.draft);
  const changed = taken.length + added.length > 0;
  const preview = useQuery(packPreviewQuery(pack.id, useSettled(mayChange && changed ? edited.rules : null)));
  return (
    <RulesEditor
      edited={edited}
      packId={pack.id}
      changed={changed}
      mayChange={mayChange}
      level="V0"
      seen={changed ? faultsSeen(preview.data?.faults ?? []) : []}
      testId="pack-editor"
      saveName={say('pack.save')}
      onSave={async (change) => {
        const saved = await savePack({ id: pack.id, version: newest, ...change });
        toast('done', say('pack.saved', { version: format.number(saved.versions[0]?.version ?? newest + 1) }));
        onSaved();
      }}
      effect={
        mayChange && changed ? (
          <>
            <RuleDifference before={before} after={edited.draft} />
            <EffectOf preview={preview}>{(data) => <PackEffect preview={data} busy={preview.isFetching} />}</EffectOf>
          </>
        ) : null
      }
    />
  );
}
