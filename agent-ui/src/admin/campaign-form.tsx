import { useId, useState, type ReactNode } from 'react';
import { PACING_MODES } from '../../../server/contract/campaigns.ts';
import { ABANDON_WINDOWS, CLOCK_STARTS } from '../../../server/contract/abandonment.ts';
import type { TrunkRow } from '../../../server/contract/trunks.ts';
import { normaliseDigits } from '../../../server/contract/digits.ts';
import { useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Button } from '../ui/button.tsx';
import { FieldError, SelectField, TextField } from '../ui/field.tsx';
import { NumberField } from '../ui/number-field.tsx';
import { FIGURES, type CampaignDraft, type FigureName } from './campaign-draft.ts';
import { HoursField } from './hours-field.tsx';
import { RecyclingField } from './recycling-field.tsx';
import { SkillsField } from './skills-field.tsx';

/** Countries whose rules ship with the house stand first; any other can be added by its code. */
const USUAL_COUNTRIES = ['SA', 'AE', 'EG', 'IR', 'US', 'GB', 'KW', 'QA', 'BH', 'OM', 'JO', 'IQ'];

interface FormProps {
  draft: CampaignDraft;
  trunks: readonly TrunkRow[];
  onChange: (draft: CampaignDraft) => void;
  errorAt: (field: string) => string | null;
  disabled: boolean;
  /** Stands below the pacing settings. */
  trial?: ReactNode;
}

/** All settings of a campaign, in the order in which one thinks of them. */
export function CampaignForm(props: FormProps): ReactNode {
  const { draft, trunks, onChange, errorAt, disabled } = props;
  const { say } = useLocale();
  return (
    <div className="stack campaign-form">
      <Part title="campaign.basics">
        <div className="form-grid">
          <TextField
            label={say('campaign.name')}
            value={draft.name}
            maxLength={80}
            dir="auto"
            disabled={disabled}
            error={errorAt('name')}
            onChange={(event) => onChange({ ...draft, name: event.target.value })}
          />
          <SelectField
            label={say('campaign.trunk')}
            value={draft.trunk}
            disabled={disabled}
            error={errorAt('trunk')}
            onChange={(event) => onChange({ ...draft, trunk: event.target.value })}
          >
            {trunks.some((trunk) => trunk.name === draft.trunk) ? null : <option value={draft.trunk}>{draft.trunk}</option>}
            {trunks.map((trunk) => (
              <option key={trunk.name} value={trunk.name}>
                {say('campaign.trunkOption', { name: trunk.name, kind: say(`trunkKind.${trunk.kind}`) })}
              </option>
            ))}
          </SelectField>
          <TextField
            label={say('campaign.callerId')}
            hint={say('campaign.callerIdHint')}
            value={draft.callerId}
            dir="ltr"
            inputMode="tel"
            disabled={disabled}
            error={errorAt('callerId')}
            onChange={(event) => onChange({ ...draft, callerId: normaliseDigits(event.target.value) })}
          />
          <SkillsField
            label={say('campaign.skills')}
            hint={say('campaign.skillsHint')}
            skills={draft.skills}
            disabled={disabled}
            error={errorAt('skills')}
            onChange={(skills) => onChange({ ...draft, skills })}
          />
        </div>
        <Countries {...props} />
      </Part>
      <Part title="campaign.hours" lead="campaign.hoursLead">
        <HoursField
          hours={draft.hours}
          errorAt={errorAt}
          disabled={disabled}
          onChange={(hours) => onChange({ ...draft, hours })}
        />
      </Part>
      <Part title="campaign.caps" lead="campaign.capsLead">
        <div className="form-grid">
          <Figure {...props} name="personPerDay" label="cap.personPerDay" unit="unit.calls" />
          <Figure {...props} name="personPerWeek" label="cap.personPerWeek" unit="unit.calls" />
          <Figure {...props} name="debtPerWeek" label="cap.debtPerWeek" unit="unit.calls" />
          <Figure {...props} name="minutesBetween" label="cap.minutesBetween" unit="unit.minutes" />
        </div>
      </Part>
      <Part title="campaign.pacing">
        <fieldset className="choices" disabled={disabled}>
          <legend className="field-label">{say('pacing.mode')}</legend>
          {PACING_MODES.map((mode) => (
            <label key={mode} className="choice">
              <input
                type="radio"
                name="pacing"
                checked={draft.pacingMode === mode}
                onChange={() => onChange({ ...draft, pacingMode: mode })}
              />
              <span>
                {say(`pacing.${mode}`)}
                <span className="field-hint choice-hint">{say(`pacing.${mode}Hint`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div className="form-grid">
          {draft.pacingMode === 'ratio' ? <Figure {...props} name="ratio" label="pacing.ratioFigure" unit="unit.lines" /> : null}
          <Figure {...props} name="abandonCap" label="pacing.abandonCap" unit="unit.percent" />
          {draft.pacingMode === 'predictive' ? (
            <>
              <Figure {...props} name="target" label="pacing.target" unit="unit.percent" hint="pacing.targetHint" />
              <Figure {...props} name="minAgents" label="pacing.minAgents" unit="unit.agents" hint="pacing.minAgentsHint" />
            </>
          ) : null}
          <Figure {...props} name="maxLinesPerAgent" label="pacing.maxLinesPerAgent" unit="unit.lines" />
          <Figure {...props} name="agentHoldback" label="pacing.agentHoldback" unit="unit.agents" />
          <Figure {...props} name="weight" label="pacing.weight" hint="pacing.weightHint" />
        </div>
        {props.trial}
      </Part>
      <Part title="campaign.call">
        <div className="form-grid">
          <Figure {...props} name="ringTimeout" label="call.ringTimeout" unit="unit.seconds" />
          <Figure {...props} name="minRing" label="call.minRing" unit="unit.seconds" />
          <Figure {...props} name="connectWithin" label="call.connectWithin" unit="unit.seconds" hint="call.connectWithinHint" />
          <Figure {...props} name="wrapUpLimit" label="call.wrapUpLimit" unit="unit.seconds" />
        </div>
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.screening.enabled}
            disabled={disabled}
            aria-invalid={errorAt('screening.enabled') !== null}
            onChange={(event) => onChange({ ...draft, screening: { ...draft.screening, enabled: event.target.checked } })}
          />
          <span>
            {say('screening.enabled')}
            <span className="field-hint choice-hint">{say('screening.hint')}</span>
          </span>
        </label>
        <ScreeningFault error={errorAt('screening.enabled')} />
        {draft.screening.enabled ? (
          <fieldset className="choices" disabled={disabled}>
            <legend className="field-label">{say('screening.machine')}</legend>
            {(['hang_up', 'neutral_message'] as const).map((machine) => (
              <label key={machine} className="choice">
                <input
                  type="radio"
                  name="machine"
                  checked={draft.screening.machine === machine}
                  onChange={() => onChange({ ...draft, screening: { ...draft.screening, machine } })}
                />
                <span>{say(`screening.${machine}`)}</span>
              </label>
            ))}
          </fieldset>
        ) : null}
      </Part>
      <Abandonment {...props} />
      <Inbound {...props} />
      <Part title="campaign.recycling">
        <div className="form-grid">
          <Figure {...props} name="maxTries" label="recycling.maxTries" unit="unit.tries" />
          <Figure {...props} name="retryMinutes" label="recycling.retryMinutes" unit="unit.minutes" />
          <Figure
            {...props}
            name="callbackMine"
            label="recycling.callbackMine"
            unit="unit.minutes"
            hint="recycling.callbackMineHint"
          />
        </div>
        <RecyclingField {...props} />
      </Part>
    </div>
  );
}

function ScreeningFault({ error }: { error: string | null }): ReactNode {
  return error === null ? null : <FieldError>{error}</FieldError>;
}

/** How calls count that people answer; the law of each country tightens it by itself. */
function Abandonment(props: FormProps): ReactNode {
  const { draft, onChange, errorAt, disabled } = props;
  const { say } = useLocale();
  const { abandonment } = draft;
  const change = (part: Partial<CampaignDraft['abandonment']>): void =>
    onChange({ ...draft, abandonment: { ...abandonment, ...part } });
  return (
    <Part title="campaign.abandonment" lead="campaign.abandonmentLead">
      <div className="form-grid">
        <SelectField
          label={say('abandonment.window')}
          value={abandonment.window}
          disabled={disabled}
          error={errorAt('abandonment.window')}
          onChange={(event) => change({ window: ABANDON_WINDOWS.find((each) => each === event.target.value) ?? 'rolling24h' })}
        >
          {ABANDON_WINDOWS.map((window) => (
            <option key={window} value={window}>
              {say(`abandonment.window.${window}`)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={say('abandonment.clock')}
          value={abandonment.clockStart}
          disabled={disabled}
          error={errorAt('abandonment.clockStart')}
          onChange={(event) => change({ clockStart: CLOCK_STARTS.find((each) => each === event.target.value) ?? 'connect' })}
        >
          {CLOCK_STARTS.map((clock) => (
            <option key={clock} value={clock}>
              {say(`abandonment.clock.${clock}`)}
            </option>
          ))}
        </SelectField>
        <Figure
          {...props}
          name="redialBlock"
          label="abandonment.redialBlock"
          unit="unit.hours"
          hint="abandonment.redialBlockHint"
        />
      </div>
      <label className="choice">
        <input
          type="checkbox"
          checked={abandonment.countPeopleTakenForMachines}
          disabled={disabled}
          onChange={(event) => change({ countPeopleTakenForMachines: event.target.checked })}
        />
        <span>{say('abandonment.nuisance')}</span>
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={abandonment.offerOptOutKey}
          disabled={disabled}
          onChange={(event) => change({ offerOptOutKey: event.target.checked })}
        />
        <span>
          {say('abandonment.optOutKey')}
          <span className="choice-hint faint small">{say('abandonment.optOutKeyHint')}</span>
        </span>
      </label>
    </Part>
  );
}

/** How those are answered who call the caller id. */
function Inbound(props: FormProps): ReactNode {
  const { draft, onChange, disabled } = props;
  const { say } = useLocale();
  return (
    <Part title="campaign.inbound" lead="campaign.inboundLead">
      {(['answer', 'callback', 'voicemail'] as const).map((choice) => (
        <label key={choice} className="choice">
          <input
            type="checkbox"
            checked={draft.inbound[choice]}
            disabled={disabled}
            onChange={(event) => onChange({ ...draft, inbound: { ...draft.inbound, [choice]: event.target.checked } })}
          />
          <span>{say(`campaign.inbound.${choice}`)}</span>
        </label>
      ))}
      <div className="form-grid">
        <Figure {...props} name="offerAfter" label="campaign.inbound.offerAfter" unit="unit.seconds" />
        <Figure {...props} name="longestWait" label="campaign.inbound.longestWait" unit="unit.minutes" />
        <Figure {...props} name="voicemailDays" label="campaign.inbound.voicemailDays" unit="unit.keptDays" />
      </div>
    </Part>
  );
}

function Part({ title, lead, children }: { title: TextKey; lead?: TextKey; children: ReactNode }): ReactNode {
  const { say } = useLocale();
  const id = useId();
  return (
    <section className="card panel" aria-labelledby={id}>
      <div>
        <h2 id={id}>{say(title)}</h2>
        {lead ? <p className="faint small">{say(lead)}</p> : null}
      </div>
      {children}
    </section>
  );
}

function Figure({
  draft,
  onChange,
  errorAt,
  disabled,
  name,
  label,
  unit,
  hint,
}: FormProps & { name: FigureName; label: TextKey; unit?: TextKey; hint?: TextKey }): ReactNode {
  const { say } = useLocale();
  const { path, decimals } = FIGURES[name];
  return (
    <NumberField
      name={name}
      label={say(label)}
      {...(unit ? { unit: say(unit) } : {})}
      {...(hint ? { hint: say(hint) } : {})}
      value={draft.figures[name]}
      decimals={decimals}
      disabled={disabled}
      error={errorAt(path)}
      onChange={(value) => onChange({ ...draft, figures: { ...draft.figures, [name]: value } })}
    />
  );
}

/** Which countries may be called: the usual ones by name, any other by its code. */
function Countries({ draft, onChange, errorAt, disabled }: FormProps): ReactNode {
  const { say, format } = useLocale();
  const [code, setCode] = useState('');
  const shown = [...new Set([...USUAL_COUNTRIES, ...draft.countries])];
  const wanted = code.trim().toUpperCase();
  const error = errorAt('countries');
  function toggle(country: string): void {
    const chosen = draft.countries.includes(country);
    onChange({ ...draft, countries: chosen ? draft.countries.filter((one) => one !== country) : [...draft.countries, country] });
  }
  return (
    <fieldset className="stack tight bare-fieldset" disabled={disabled}>
      <legend className="field-label">{say('campaign.countries')}</legend>
      <div className="row tight">
        {shown.map((country) => (
          <label key={country} className="choice">
            <input
              type="checkbox"
              checked={draft.countries.includes(country)}
              aria-invalid={error !== null}
              onChange={() => toggle(country)}
            />
            <span>{format.country(country)}</span>
          </label>
        ))}
      </div>
      <div className="row tight country-add">
        <TextField
          label={say('campaign.countryCode')}
          value={code}
          dir="ltr"
          maxLength={2}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button
          icon="plus"
          disabled={!/^[A-Z]{2}$/.test(wanted)}
          onClick={() => {
            if (!draft.countries.includes(wanted)) toggle(wanted);
            setCode('');
          }}
        >
          {say('campaign.countryAdd')}
        </Button>
      </div>
      {error ? <FieldError>{error}</FieldError> : null}
    </fieldset>
  );
}
