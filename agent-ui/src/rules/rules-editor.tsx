import { useState, type ReactNode } from 'react';
import type { LawCap } from '../../../server/contract/packs.ts';
import { HoursField } from '../admin/hours-field.tsx';
import { useChange } from '../connection/use-change.ts';
import { Say, useLocale, type Locale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { TextArea, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { NumberField } from '../ui/number-field.tsx';
import { EvidenceBadge } from './evidence.tsx';
import {
  blockedBy,
  capOfLaw,
  draftOfRules,
  faultKey,
  hoursAfter,
  packFaultsOf,
  rulesOfDraft,
  type PackCap,
  type PackDraft,
  type PackFault,
} from './pack-draft.ts';

/** Rules as they are to be saved, with why and from when. */
export interface RulesChange {
  rules: Record<string, unknown>;
  reason: string;
  effectiveFrom: string;
  /** They may block everybody. */
  acceptBlocked: boolean;
}

interface EditorProps {
  rules: Readonly<Record<string, unknown>>;
  mayChange: boolean;
  /** Caps that may be tightened; the rules then hold a cap of their own beside each. */
  lawCaps?: readonly LawCap[];
  testId: string;
  /** Saves; what it throws is shown at its fields. */
  onSave: (change: RulesChange) => Promise<void>;
  /** What the rules as they stand in the editor would do; null while they are no rules. */
  effect?: (rules: Record<string, unknown> | null) => ReactNode;
}

/** Rules by their fields; saved as the next version, with a reason and a date, and a warning where they would block everybody. */
export function RulesEditor({ rules, mayChange, lawCaps, testId, onSave, effect }: EditorProps): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const [basis] = useState(() => draftOfRules(rules));
  const [draft, setDraft] = useState<PackDraft>(basis);
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [notJson, setNotJson] = useState(false);
  const saving = useChange((problem) => problem.code !== 'stale_version');
  const blocked = saving.problem === null ? null : blockedBy(saving.problem);
  const faults: readonly PackFault[] = notJson
    ? [{ code: 'not_json', field: 'rest', message: '' }]
    : saving.problem === null || blocked !== null
      ? []
      : packFaultsOf(saving.problem);
  const changed = draft !== basis;

  function change(part: Partial<PackDraft>): void {
    setDraft({ ...draft, ...part });
    setNotJson(false);
    saving.clear();
  }
  function errorAt(field: string): string | null {
    const fault = faults.find((each) => each.field === field);
    return fault ? (sayIfKnown(faultKey(fault.code)) ?? fault.message) : null;
  }

  async function save(acceptBlocked: boolean): Promise<void> {
    setAsked(true);
    const written = rulesOfDraft(draft);
    setNotJson(written === null);
    if (written === null || reason.trim() === '' || from === null) return;
    await saving.run(async () => {
      await onSave({ rules: written, reason, effectiveFrom: from, acceptBlocked });
      setReason('');
      setAsked(false);
    });
  }

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
      <section className="card panel" aria-labelledby="pack-hours">
        <h2 id="pack-hours">{say('pack.hours')}</h2>
        <HoursField
          hours={draft.hours}
          errorAt={errorAt}
          disabled={!mayChange}
          onChange={(hours) => change({ hours: hoursAfter(draft.hours, hours) })}
        />
      </section>
      {draft.caps.length > 0 || lawCaps !== undefined ? (
        <section className="card panel" aria-labelledby="pack-caps">
          <h2 id="pack-caps">{say('pack.caps')}</h2>
          <div className="form-grid">
            {draft.caps.map((cap, index) => (
              <Cap
                // Caps have no identity but their place.
                key={index}
                cap={cap}
                disabled={!mayChange}
                error={errorAt(`caps.${index}.max`) ?? errorAt(`caps.${index}`)}
                onChange={(max) => change({ caps: draft.caps.map((each, at) => (at === index ? { ...each, max } : each)) })}
                onRemove={
                  lawCaps !== undefined && mayChange ? () => change({ caps: draft.caps.filter((_, at) => at !== index) }) : null
                }
              />
            ))}
          </div>
          {lawCaps === undefined ? null : (
            <LawCaps caps={lawCaps} mayChange={mayChange} onTighten={(cap) => change({ caps: [...draft.caps, capOfLaw(cap)] })} />
          )}
        </section>
      ) : null}
      <section className="card panel">
        <TextArea
          label={say('pack.rest')}
          hint={say('pack.restHint')}
          value={draft.rest}
          readOnly={!mayChange}
          rows={12}
          dir="ltr"
          spellCheck={false}
          error={errorAt('rest')}
          onChange={(event) => change({ rest: event.target.value })}
        />
      </section>
      {effect?.(rulesOfDraft(draft))}
      {faults.length > 0 ? <Faults faults={faults} /> : null}
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
          {changed ? (
            <Button look="plain" onClick={() => change(basis)}>
              {say('campaign.discard')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" busy={saving.busy} disabled={!changed}>
            {say('pack.save')}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

/** One cap: how many, in what. */
function Cap({
  cap,
  disabled,
  error,
  onChange,
  onRemove,
}: {
  cap: PackCap;
  disabled: boolean;
  error: string | null;
  onChange: (max: number | null) => void;
  /** Null where it cannot be taken away here. */
  onRemove: (() => void) | null;
}): ReactNode {
  const locale = useLocale();
  const label = capWords(locale, cap);
  return (
    <div className="stack tight rule-cap">
      <NumberField label={label} value={cap.max} disabled={disabled} error={error} onChange={onChange} />
      <div className="row tight">
        <EvidenceBadge level={cap.evidence} />
        {onRemove === null ? null : (
          <Button look="bare" icon="trash" name={locale.say('override.removeCap', { cap: label })} onClick={onRemove} />
        )}
      </div>
    </div>
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
  const { say, format } = locale;
  return (
    <div className="stack tight" data-testid="law-caps">
      <h3>{say('override.lawCaps')}</h3>
      {caps.length === 0 ? <p className="faint">{say('override.noLawCaps')}</p> : null}
      <ul className="plain-list lined">
        {caps.map((cap) => {
          const own = capOfLaw(cap);
          return (
            <li key={`${cap.pack} ${own.id ?? ''}`} className="row tight">
              <span className="grow">
                {capWords(locale, own)}: <bdi className="strong figure">{own.max === null ? '' : format.number(own.max)}</bdi>
              </span>
              <EvidenceBadge level={cap.evidence} />
              {mayChange ? <Button onClick={() => onTighten(cap)}>{say('override.tighten')}</Button> : null}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function capWords({ say, sayIfKnown, format }: Locale, cap: PackCap): string {
  const period =
    cap.days === undefined
      ? say('pack.minutes', { n: format.number(cap.minutes ?? 0) })
      : say('pack.days', { n: format.number(cap.days) });
  return say('pack.cap', { scope: sayIfKnown(`capScope.${cap.scope}`) ?? cap.scope, period });
}

/** All that is wrong, each with the place where it stands. */
function Faults({ faults }: { faults: readonly PackFault[] }): ReactNode {
  const { say, sayIfKnown } = useLocale();
  return (
    <div className="notice danger" role="alert" data-testid="pack-faults">
      <Icon name="alert" />
      <div className="notice-text">
        <p className="strong">{say('pack.faults')}</p>
        <ul className="plain-list">
          {faults.map(({ code, field, message }) => (
            <li key={`${code} ${field} ${message}`}>
              {sayIfKnown(faultKey(code)) ?? sayIfKnown(`problem.${code}`) ?? message}{' '}
              {field === '' || field === 'rest' ? null : (
                <bdi dir="ltr" className="code">
                  {field}
                </bdi>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
