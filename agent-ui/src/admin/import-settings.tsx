import type { ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import type { ImportDraft } from './import-draft.ts';

/** Encodings that a text file may have, by their standard names. */
const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256'] as const;

/** How a list of no known kind is to be read: what no file says of itself. */
export function ImportSettings({
  draft,
  faults,
  onChange,
}: {
  draft: ImportDraft;
  faults: Readonly<Record<string, string>>;
  onChange: (draft: ImportDraft) => void;
}): ReactNode {
  const { say } = useLocale();
  return (
    <fieldset className="hours-window" data-testid="list-settings">
      <legend>
        <h3>{say('import.settings')}</h3>
      </legend>
      <div className="form-grid">
        <TextField
          label={say('import.country')}
          hint={say('import.countryHint')}
          value={draft.country}
          error={faults['country']}
          maxLength={2}
          dir="ltr"
          onChange={(event) => onChange({ ...draft, country: event.target.value })}
        />
        <TextField
          label={say('import.currency')}
          hint={say('import.currencyHint')}
          value={draft.currency}
          error={faults['currency']}
          maxLength={3}
          dir="ltr"
          onChange={(event) => onChange({ ...draft, currency: event.target.value })}
        />
        <SelectField
          label={say('import.calendar')}
          value={draft.calendar}
          error={faults['calendar']}
          onChange={(event) => onChange({ ...draft, calendar: event.target.value })}
        >
          <option value="" disabled>
            {say('import.choose')}
          </option>
          <option value="gregorian">{say('calendar.gregory')}</option>
          <option value="hijri">{say('calendar.umalqura')}</option>
          <option value="jalali">{say('calendar.persian')}</option>
        </SelectField>
        <SelectField
          label={say('import.order')}
          value={draft.order}
          error={faults['order']}
          onChange={(event) => onChange({ ...draft, order: event.target.value })}
        >
          <option value="" disabled>
            {say('import.choose')}
          </option>
          <option value="ymd">{say('dateOrder.ymd')}</option>
          <option value="dmy">{say('dateOrder.dmy')}</option>
          <option value="mdy">{say('dateOrder.mdy')}</option>
        </SelectField>
        <SelectField
          label={say('import.decimal')}
          value={draft.decimal}
          onChange={(event) => onChange({ ...draft, decimal: event.target.value })}
        >
          <option value=".">1,234.56</option>
          <option value=",">1.234,56</option>
        </SelectField>
        <SelectField
          label={say('import.encoding')}
          value={draft.encoding}
          error={faults['encoding']}
          onChange={(event) => onChange({ ...draft, encoding: event.target.value })}
        >
          <option value="">{say('import.encodingAuto')}</option>
          {ENCODINGS.map((encoding) => (
            <option key={encoding} value={encoding}>
              {encoding.toUpperCase()}
            </option>
          ))}
        </SelectField>
      </div>
      {draft.currency.trim().toUpperCase() === 'IRR' ? (
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.toman}
            onChange={(event) => onChange({ ...draft, toman: event.target.checked })}
          />
          <span>{say('import.toman')}</span>
        </label>
      ) : null}
    </fieldset>
  );
}
