import { useState, type ReactNode } from 'react';
import type { PackDetail } from '../../../server/contract/packs.ts';
import { HoursField } from '../admin/hours-field.tsx';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { DayField } from '../ui/date-fields.tsx';
import { TextArea, TextField } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { NumberField } from '../ui/number-field.tsx';
import { toast } from '../ui/toasts.tsx';
import { savePack } from './api.ts';
import { EvidenceBadge } from './evidence.tsx';
import {
  blockedBy,
  draftOfRules,
  faultKey,
  hoursAfter,
  packFaultsOf,
  rulesOfDraft,
  type PackCap,
  type PackDraft,
  type PackFault,
} from './pack-draft.ts';

interface EditorProps {
  pack: PackDetail;
  mayChange: boolean;
  onSaved: () => void;
}

/** The rules of a pack by their fields; saved as the next version, with a reason and a date. */
export function PackEditor({ pack, mayChange, onSaved }: EditorProps): ReactNode {
  const locale = useLocale();
  const { say, sayIfKnown, format } = locale;
  const [basis] = useState(() => draftOfRules(pack.rules));
  const [draft, setDraft] = useState<PackDraft>(basis);
  const [reason, setReason] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<readonly PackFault[]>([]);
  const [blocked, setBlocked] = useState<{ people: number; countries: string[] } | null>(null);
  const changed = draft !== basis;
  const newest = Math.max(...pack.versions.map((version) => version.version));

  function change(part: Partial<PackDraft>): void {
    setDraft({ ...draft, ...part });
    setFaults([]);
    setBlocked(null);
  }
  function errorAt(field: string): string | null {
    const fault = faults.find((each) => each.field === field);
    return fault ? (sayIfKnown(faultKey(fault.code)) ?? fault.message) : null;
  }

  async function save(acceptBlocked: boolean): Promise<void> {
    setAsked(true);
    const rules = rulesOfDraft(draft);
    if (rules === null) {
      setFaults([{ code: 'not_json', field: 'rest', message: '' }]);
      return;
    }
    if (reason.trim() === '' || from === null) return;
    setBusy(true);
    setFaults([]);
    try {
      const body = { id: pack.id, version: newest, reason, effectiveFrom: from, rules, acceptBlocked };
      const saved = await savePack(body);
      toast('done', say('pack.saved', { version: format.number(saved.versions[0]?.version ?? newest + 1) }));
      onSaved();
      setReason('');
      setAsked(false);
      setBlocked(null);
    } catch (error) {
      const problem = problemOf(error);
      const blocks = blockedBy(problem);
      setBlocked(blocks);
      if (blocks !== null) return;
      if (problem.code === 'stale_version') toast('failed', problemWords(locale, problem));
      setFaults(packFaultsOf(problem));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      noValidate
      className="stack"
      data-testid="pack-editor"
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
      {draft.caps.length > 0 ? (
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
              />
            ))}
          </div>
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
          <Button look="danger" busy={busy} onClick={() => void save(true)}>
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
            <Button look="plain" onClick={() => setDraft(basis)}>
              {say('campaign.discard')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" busy={busy} disabled={!changed}>
            {say('pack.save')}
          </Button>
        </div>
      ) : null}
    </form>
  );
}

function Cap({
  cap,
  disabled,
  error,
  onChange,
}: {
  cap: PackCap;
  disabled: boolean;
  error: string | null;
  onChange: (max: number | null) => void;
}): ReactNode {
  const { say, sayIfKnown, format } = useLocale();
  const period =
    cap.days === undefined
      ? say('pack.minutes', { n: format.number(cap.minutes ?? 0) })
      : say('pack.days', { n: format.number(cap.days) });
  const scope = sayIfKnown(`capScope.${cap.scope}`) ?? cap.scope;
  return (
    <div className="stack tight">
      <NumberField
        label={say('pack.cap', { scope, period })}
        value={cap.max}
        disabled={disabled}
        error={error}
        onChange={onChange}
      />
      <EvidenceBadge level={cap.evidence} />
    </div>
  );
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
