import { useMemo, useState, type ReactNode } from 'react';
import type { LawCap } from '../../../server/contract/packs.ts';
import type { Evidence } from '../../../server/contract/rule-terms.ts';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { EvidenceBadge } from './evidence.tsx';
import { capOfLaw, rulesOfDraft, type RulesDraft } from './pack-draft.ts';
import { blockedBy, faultKey, packFaultsOf, type PackFault } from './pack-faults.ts';
import { capWords } from './rule-words.ts';
import { AbandonmentRules } from './sections/abandonment-rules.tsx';
import { CapRules } from './sections/cap-rules.tsx';
import { HolidayRules } from './sections/holiday-rules.tsx';
import { HoursRules } from './sections/hours-rules.tsx';
import { CooloffRules, HoldRules } from './sections/pause-rules.tsx';
import { PlaceRules } from './sections/place-rules.tsx';
import { ReachRules } from './sections/reach-rules.tsx';
import { WordRules } from './sections/word-rules.tsx';

/** Rules as they are to be saved, with why and from when. */
export interface RulesChange {
  rules: Record<string, unknown>;
  reason: string;
  effectiveFrom: string;
  /** They may block everybody. */
  acceptBlocked: boolean;
}

/** Rules while somebody edits them. */
export interface EditedRules {
  draft: RulesDraft;
  /** As they would be sent. */
  rules: Record<string, unknown>;
  /** Somebody has touched them. */
  touched: boolean;
  change: (part: Partial<RulesDraft>) => void;
  /** Back to what the editor began with. */
  discard: () => void;
}

/** Holds rules while they are edited; `begin` is asked once. */
export function useEditedRules(begin: () => RulesDraft): EditedRules {
  const [basis] = useState(begin);
  const [draft, setDraft] = useState(basis);
  const rules = useMemo(() => rulesOfDraft(draft), [draft]);
  return {
    draft,
    rules,
    touched: draft !== basis,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    discard: () => setDraft(basis),
  };
}

interface EditorProps {
  edited: EditedRules;
  /** Whose rules these are, where they are a pack's. */
  packId: string;
  /** There is something to save. */
  changed: boolean;
  mayChange: boolean;
  /** How well rules are known that are begun here. */
  level: Evidence;
  /** Caps that may be tightened; the rules then hold a cap of their own beside each. */
  lawCaps?: readonly LawCap[];
  /** What is wrong with the rules as they stand. */
  seen: readonly PackFault[];
  testId: string;
  saveName: string;
  /** What comes before the rules: the fields of a pack that is new. */
  head?: (errorAt: (path: string) => string | null) => ReactNode;
  /** Saves; what it throws is shown at its fields. */
  onSave: (change: RulesChange) => Promise<void>;
  /** What the rules as they stand in the editor would do. */
  effect: ReactNode;
}

/** Every rule by its fields; saved as the next version, with a reason and a date, and a warning where it would block everybody. */
export function RulesEditor(props: EditorProps): ReactNode {
  const { edited, packId, changed, mayChange, level, lawCaps, seen, testId, saveName, head, onSave, effect } = props;
  const locale = useLocale();
  const { say, sayIfKnown, format } = locale;
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const saving = useChange((problem) => problem.code !== 'stale_version');
  const blocked = saving.problem === null ? null : blockedBy(saving.problem);
  const refused = saving.problem === null || blocked !== null ? [] : packFaultsOf(saving.problem);
  const faults = refused.length > 0 ? refused : seen;
  const { draft } = edited;

  function faultWords({ code, message }: PackFault): string {
    return sayIfKnown(faultKey(code)) ?? sayIfKnown(`problem.${code}`) ?? message;
  }
  function errorAt(field: string): string | null {
    const fault = faults.find((each) => each.field === field);
    return fault ? faultWords(fault) : null;
  }
  function change(part: Partial<RulesDraft>): void {
    edited.change(part);
    saving.clear();
  }
  async function save(acceptBlocked: boolean): Promise<void> {
    setAsked(true);
    if (reason.trim() === '' || from === null) return;
    await saving.run(async () => {
      await onSave({ rules: edited.rules, reason, effectiveFrom: from, acceptBlocked });
      setReason('');
      setAsked(false);
    });
  }

  const section = { draft, change, errorAt, level, disabled: !mayChange };
  const { law } = draft;
  return (
    <form
      noValidate
      className="stack"
      data-testid={testId}
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      {head?.(errorAt)}
      {law === null ? null : <PlaceRules {...section} packId={packId} law={law} />}
      <HoursRules {...section} />
      <HolidayRules {...section} />
      <CapRules {...section}>
        {lawCaps === undefined ? null : (
          <LawCaps caps={lawCaps} mayChange={mayChange} onTighten={(cap) => change({ caps: [...draft.caps, capOfLaw(cap)] })} />
        )}
      </CapRules>
      <CooloffRules {...section} />
      {law === null ? null : <HoldRules {...section} law={law} />}
      <ReachRules {...section} />
      <AbandonmentRules {...section} />
      {law === null ? null : <WordRules {...section} law={law} />}
      <details className="card panel">
        <summary>{say('pack.asText')}</summary>
        <pre dir="ltr" className="rule-data">
          {JSON.stringify(edited.rules, null, 2)}
        </pre>
      </details>
      {effect}
      {faults.length > 0 ? (
        <div className="notice danger" role="alert" data-testid="pack-faults">
          <Icon name="alert" />
          <div className="notice-text">
            <p className="strong">{say('pack.faults')}</p>
            <ul className="plain-list">
              {faults.map((fault) => (
                <li key={`${fault.code} ${fault.field} ${fault.message}`}>
                  {faultWords(fault)} <FaultPlace field={fault.field} />
                </li>
              ))}
            </ul>
          </div>
        </div>
      ) : null}
      {blocked ? (
        <div className="notice danger" role="alert" data-testid="blocks-everybody">
          <Icon name="alert" />
          <div className="notice-text">
            <p className="strong">
              <Say text="pack.blocks" values={{ people: format.number(blocked.people) }} />
            </p>
            <p>
              <bdi>{format.list(blocked.countries.map((code) => format.country(code)))}</bdi>
            </p>
          </div>
          <Button look="danger" busy={saving.busy} onClick={() => void save(true)}>
            {say('pack.blocksYes')}
          </Button>
        </div>
      ) : null}
      {mayChange ? (
        <div className="save-bar card score-save">
          <TextField
            label={say('scorecard.note')}
            hint={say('scorecard.noteHint')}
            value={reason}
            maxLength={500}
            dir="auto"
            error={asked && reason.trim() === '' ? say('invalid.required') : null}
            onChange={(event) => setReason(event.target.value)}
          />
          <DayField
            label={say('pack.from')}
            value={from}
            onChange={setFrom}
            error={asked && from === null ? say('invalid.required') : errorAt('effectiveFrom')}
          />
          {edited.touched ? (
            <Button
              look="plain"
              onClick={() => {
                edited.discard();
                saving.clear();
              }}
            >
              {say('campaign.discard')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" busy={saving.busy} disabled={!changed}>
            {saveName}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

/** Where a fault stands, by the name of its kind of rule and the place in the list. */
function FaultPlace({ field }: { field: string }): ReactNode {
  const { sayIfKnown, format } = useLocale();
  const [part = '', place] = field.split('.');
  const name = sayIfKnown(`part.${part}`);
  if (name === null) return null;
  return (
    <bdi className="faint">
      {name}
      {place !== undefined && /^[0-9]+$/.test(place) ? ` ${format.number(Number(place) + 1)}` : null}
    </bdi>
  );
}

/** The caps of the law, each of which may be made stricter here. */
function LawCaps({
  caps,
  mayChange,
  onTighten,
}: {
  caps: readonly LawCap[];
  mayChange: boolean;
  onTighten: (cap: LawCap) => void;
}): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  return (
    <div className="stack tight" data-testid="law-caps">
      <h3>{say('override.lawCaps')}</h3>
      {caps.length === 0 ? <p className="faint">{say('override.noLawCaps')}</p> : null}
      <ul className="plain-list lined">
        {caps.map((cap) => {
          const own = capOfLaw(cap);
          return (
            <li key={`${cap.pack} ${own.id ?? ''}`} className="row tight">
              <span className="grow">{capWords(locale, own)}</span>
              <EvidenceBadge level={cap.evidence} />
              {mayChange ? <Button onClick={() => onTighten(cap)}>{say('override.tighten')}</Button> : null}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
