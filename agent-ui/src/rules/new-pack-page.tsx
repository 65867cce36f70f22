import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { PackRow } from '../../../server/contract/packs.ts';
import { EVIDENCE_LEVELS, type Evidence } from '../../../server/contract/rule-terms.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { useLocale } from '../i18n/locale.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { toast } from '../ui/toasts.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { WordField } from '../ui/word-field.tsx';
import { packPreviewQuery, packQuery, packsQuery, savePack } from './api.ts';
import { EffectOf } from './effect-of.tsx';
import { draftOfPack } from './pack-draft.ts';
import { PackEffect } from './pack-effect.tsx';
import { faultsSeen } from './pack-faults.ts';
import { RulesEditor, useEditedRules } from './rules-editor.tsx';
import { BEGINNINGS, type Beginning } from './beginnings.ts';
import { RuleSection } from './sections/rule-frame.tsx';
import './rules.css';

/** A pack that is not there yet: its name and places, every rule, and what it would do before it is saved. */
export function NewPackPage(): ReactNode {
  const { say } = useLocale();
  const navigate = useNavigate();
  const { of, as } = useSearch({ from: '/admin/new-pack' });
  const packs = useQuery(packsQuery);
  if (packs.isError) return <AskFailed query={packs} />;
  const begin = (next: { as: Beginning; of: string | undefined }): void => void navigate({ to: '/admin/new-pack', search: next });
  return (
    <div className="stack" data-testid="new-pack">
      <PageHead title={say('newPack.title')} lead={say('newPack.lead')} back={{ to: '/admin/packs', name: say('pack.back') }} />
      <RuleSection title={say('newPack.begin')} testId="new-pack-begin">
        <div className="form-grid">
          <WordField
            label={say('newPack.as')}
            value={as}
            options={BEGINNINGS}
            words={(beginning) => say(`newPackAs.${beginning}`)}
            onChange={(beginning) =>
              begin({ as: beginning, of: beginning === 'empty' ? undefined : (of ?? packs.data?.[0]?.id) })
            }
          />
          {as === 'empty' ? null : (
            <SelectField label={say('newPack.of')} value={of ?? ''} onChange={(event) => begin({ as, of: event.target.value })}>
              {(packs.data ?? []).map((pack) => (
                <option key={pack.id} value={pack.id}>
                  {pack.id}
                </option>
              ))}
            </SelectField>
          )}
        </div>
      </RuleSection>
      {as === 'copy' && of !== undefined ? (
        <CopyOf key={of} packId={of} packs={packs.data ?? []} />
      ) : (
        <Editor
          key={`${as} ${of ?? ''}`}
          rules={as === 'child' && of !== undefined ? { base: of } : {}}
          packs={packs.data ?? []}
        />
      )}
    </div>
  );
}

function CopyOf({ packId, packs }: { packId: string; packs: readonly PackRow[] }): ReactNode {
  const { say } = useLocale();
  const pack = useQuery(packQuery(packId, null));
  if (pack.isError) return <AskFailed query={pack} />;
  if (!pack.data) return <p className="faint">{say('common.loading')}</p>;
  return <Editor rules={pack.data.rules} packs={packs} />;
}

function Editor({ rules, packs }: { rules: Readonly<Record<string, unknown>>; packs: readonly PackRow[] }): ReactNode {
  const { say, format } = useLocale();
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const [level, setLevel] = useState<Evidence>('V0');
  const edited = useEditedRules(() => draftOfPack(rules));
  const [wanted, settledId] = [useSettled(edited.rules), useSettled(id)];
  const preview = useQuery(packPreviewQuery(settledId, settledId === '' ? null : wanted));
  const taken = packs.find((pack) => pack.id.toLowerCase() === id.toLowerCase());
  const seen = [
    ...(taken === undefined ? [] : [{ code: 'pack_exists', field: 'id', message: taken.id }]),
    ...faultsSeen(preview.data?.faults ?? []),
  ];
  return (
    <RulesEditor
      edited={edited}
      packId={id}
      changed={id !== ''}
      mayChange
      level={level}
      seen={seen}
      testId="pack-editor"
      saveName={say('newPack.save')}
      head={(errorAt) => (
        <RuleSection title={say('newPack.what')} testId="new-pack-what">
          <div className="form-grid">
            <TextField
              label={say('newPack.id')}
              hint={say('newPack.idHint')}
              value={id}
              maxLength={80}
              dir="ltr"
              error={errorAt('id')}
              onChange={(event) => setId(event.target.value.trim())}
            />
            <WordField
              label={say('newPack.level')}
              hint={say('newPack.levelHint')}
              value={level}
              options={EVIDENCE_LEVELS}
              words={(each) => say(`evidence.${each}`)}
              onChange={setLevel}
            />
          </div>
        </RuleSection>
      )}
      onSave={async (change) => {
        await savePack({ id, version: 0, ...change });
        toast('done', say('newPack.saved', { date: format.day(change.effectiveFrom) }));
        await navigate({ to: '/admin/packs/$packId', params: { packId: id } });
      }}
      effect={
        settledId === '' ? null : (
          <EffectOf preview={preview}>{(data) => <PackEffect preview={data} busy={preview.isFetching} />}</EffectOf>
        )
      }
    />
  );
}
