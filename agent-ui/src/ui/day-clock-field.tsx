import { useId, useState, type ReactNode } from 'react';
import { localDigits, normaliseDigits } from '../../../server/contract/digits.ts';
import { LOCALES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import { FieldError } from './field.tsx';
import { readClock } from './read-clock.ts';

/** A time of day of settings, from 00:00 to 24:00: typed, since a browser's and a library's own time fields end at 23:59. */
export function DayClockField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string | null | undefined;
}): ReactNode {
  const id = useId();
  const { language, format } = useLocale();
  const [text, setText] = useState(value ?? '');
  // What was typed stays as typed while it means the value.
  const shown = readClock(text) === value ? text : (value ?? text);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input figure clock-input"
        dir="ltr"
        inputMode="numeric"
        autoComplete="off"
        maxLength={5}
        value={format.digits(normaliseDigits(shown))}
        aria-invalid={Boolean(error)}
        {...(error ? { 'aria-describedby': `${id}-error` } : {})}
        onChange={(event) => {
          setText(localDigits(normaliseDigits(event.target.value), LOCALES[language].digits));
          onChange(readClock(event.target.value));
        }}
        onBlur={() => setText(value ?? text)}
      />
      {error ? <FieldError id={`${id}-error`}>{error}</FieldError> : null}
    </div>
  );
}
