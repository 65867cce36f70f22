import type { ReactNode } from 'react';
import { NEXT_NUMBERS, RECYCLED_ENDINGS, recyclingAfter, type RecycledEnding } from '../../../server/contract/recycling.ts';
import { useLocale } from '../i18n/locale.tsx';
import { SelectField } from '../ui/field.tsx';
import { NumberField } from '../ui/number-field.tsx';
import type { CampaignDraft, RecyclingDraft } from './campaign-draft.ts';

interface RecyclingFieldProps {
  draft: CampaignDraft;
  onChange: (draft: CampaignDraft) => void;
  errorAt: (field: string) => string | null;
  disabled: boolean;
}

/** How each kind of ending is followed up; what is left empty goes as usual, which stands beside it. */
export function RecyclingField({ draft, onChange, errorAt, disabled }: RecyclingFieldProps): ReactNode {
  const { say, format } = useLocale();
  const retryMinutes = draft.figures.retryMinutes ?? 0;
  const faulty = RECYCLED_ENDINGS.some((ending) => errorAt(`${path(ending)}.minutes`) ?? errorAt(`${path(ending)}.most`));
  const own = RECYCLED_ENDINGS.filter((ending) => Object.values(draft.after[ending]).some((value) => value !== null)).length;
  function change(ending: RecycledEnding, part: Partial<RecyclingDraft>): void {
    onChange({ ...draft, after: { ...draft.after, [ending]: { ...draft.after[ending], ...part } } });
  }
  return (
    <details className="stack" open={faulty || undefined} data-testid="recycling">
      <summary>
        {say('recycling.each')}
        {own > 0 ? <span className="faint"> {say('recycling.own', { count: own, n: format.number(own) })}</span> : null}
      </summary>
      <p className="faint small">{say('recycling.eachLead')}</p>
      {RECYCLED_ENDINGS.map((ending) => {
        const usual = recyclingAfter({ maxTries: 1, retryMinutes }, ending);
        const { minutes, most, number } = draft.after[ending];
        return (
          <fieldset key={ending} className="bare-fieldset" disabled={disabled}>
            <legend className="field-label">{say(`waiting.${ending}`)}</legend>
            <div className="form-grid">
              <NumberField
                name={`${ending}.minutes`}
                label={say('recycling.minutes')}
                unit={say('unit.minutes')}
                hint={say('recycling.usually', { usual: format.number(usual.minutes) })}
                value={minutes}
                disabled={disabled}
                error={errorAt(`${path(ending)}.minutes`)}
                onChange={(value) => change(ending, { minutes: value })}
              />
              <NumberField
                name={`${ending}.most`}
                label={say('recycling.most')}
                unit={say('unit.tries')}
                value={most}
                disabled={disabled}
                error={errorAt(`${path(ending)}.most`)}
                onChange={(value) => change(ending, { most: value })}
              />
              <SelectField
                label={say('recycling.number')}
                value={number ?? ''}
                disabled={disabled}
                onChange={(event) => change(ending, { number: NEXT_NUMBERS.find((each) => each === event.target.value) ?? null })}
              >
                <option value="">{say('recycling.asUsual', { usual: say(`nextNumber.${usual.number}`) })}</option>
                {NEXT_NUMBERS.map((each) => (
                  <option key={each} value={each}>
                    {say(`nextNumber.${each}`)}
                  </option>
                ))}
              </SelectField>
            </div>
          </fieldset>
        );
      })}
    </details>
  );
}

function path(ending: RecycledEnding): string {
  return `recycling.after.${ending}`;
}
