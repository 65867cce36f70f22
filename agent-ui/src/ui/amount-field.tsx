import { useId, useState, type ReactNode } from 'react';
import { localDigits, normaliseDigits } from '../../../server/contract/digits.ts';
import { formatMoney, parseAmount } from '../../../server/contract/money.ts';
import { LOCALES } from '../i18n/languages.ts';
import { useLocale } from '../i18n/locale.tsx';
import { FieldError } from './field.tsx';

/**
 * An amount as people type it, digits of any script, in the unit the currency is spoken in; hands out minor units, null while the
 * text is no amount. What was understood is written under the field before anything is saved.
 */
export function AmountField({
  label,
  currency,
  value,
  onChange,
  error,
}: {
  label: string;
  currency: string;
  value: string | null;
  onChange: (minor: string | null) => void;
  error?: string | null | undefined;
}): ReactNode {
  const id = useId();
  const { language, format, say } = useLocale();
  const { numbers, digits } = LOCALES[language];
  const [text, setText] = useState(() => (value === null ? '' : formatMoney(BigInt(value), currency, numbers, { toman: true })));

  function read(typed: string): void {
    setText(localDigits(normaliseDigits(typed), digits));
    const minor = typed.trim() === '' ? null : parseAmount(typed, { currency, decimal: '.', toman: currency === 'IRR' });
    onChange(minor === null || minor <= 0n ? null : minor.toString());
  }

  const unclear = text.trim() !== '' && value === null ? say('amount.unclear') : null;
  const shownError = unclear ?? error ?? null;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="with-end">
        <input
          id={id}
          className="input figure"
          inputMode="decimal"
          autoComplete="off"
          value={text}
          aria-invalid={shownError !== null}
          aria-describedby={`${id}-read`}
          onChange={(event) => read(event.target.value)}
          onBlur={() => {
            if (value !== null) setText(formatMoney(BigInt(value), currency, numbers, { toman: true }));
          }}
        />
        <span className="end amount-unit" aria-hidden="true">
          <bdi>{format.unit(currency)}</bdi>
        </span>
      </div>
      <div id={`${id}-read`} className="field-hint" aria-live="polite">
        {value === null ? say('amount.inUnit', { unit: format.unit(currency) }) : <bdi>{format.money(value, currency)}</bdi>}
      </div>
      {shownError ? <FieldError>{shownError}</FieldError> : null}
    </div>
  );
}
