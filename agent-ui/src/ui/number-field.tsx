import { useId, useState, type ReactNode } from 'react';
import { localDigits, normaliseDigits } from '../../../server/contract/digits.ts';
import { LOCALES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import { FieldError } from './field.tsx';
import { readNumber } from './read-number.ts';

/** A number as people type it, digits of any script and either decimal sign; null while it is none. */
export function NumberField({
  name,
  label,
  unit,
  hint,
  value,
  decimals = 0,
  onChange,
  error,
  disabled,
}: {
  name?: string;
  label: string;
  unit?: string;
  hint?: string;
  value: number | null;
  decimals?: number;
  onChange: (value: number | null) => void;
  error?: string | null | undefined;
  disabled?: boolean;
}): ReactNode {
  const id = useId();
  const { language, format } = useLocale();
  const { digits } = LOCALES[language];
  const [text, setText] = useState(() => (value === null ? '' : written(value)));
  function written(number: number): string {
    return localDigits(String(number).replace('.', language === 'en' ? '.' : '٫'), digits);
  }

  // What was typed stays as typed while it means the value; a value from elsewhere is written anew.
  const shown =
    readNumber(text, decimals) === value || value === null ? localDigits(normaliseDigits(text), digits) : written(value);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="number-box">
        <input
          id={id}
          name={name}
          className="input figure"
          inputMode={decimals > 0 ? 'decimal' : 'numeric'}
          autoComplete="off"
          value={shown}
          disabled={disabled}
          aria-invalid={Boolean(error)}
          {...(described ? { 'aria-describedby': described } : {})}
          onChange={(event) => {
            setText(localDigits(normaliseDigits(event.target.value), digits));
            onChange(readNumber(event.target.value, decimals));
          }}
          onBlur={() => {
            if (value !== null) setText(written(value));
          }}
        />
        {unit ? <span className="number-unit">{unit}</span> : null}
      </div>
      {hint ? (
        <div className="field-hint" id={`${id}-hint`}>
          {format.digits(hint)}
        </div>
      ) : null}
      {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
    </div>
  );
}
