import { useId, type ReactNode } from 'react';
import { FieldError } from './field.tsx';

/** Some of a few, each a box to tick. */
export function ChoiceGroup<Item extends string>({
  label,
  hint,
  items,
  chosen,
  words,
  onChange,
  error,
}: {
  label: string;
  hint?: string;
  items: readonly Item[];
  chosen: readonly Item[];
  words: (item: Item) => string;
  /** What is chosen now, in the order of the items. */
  onChange: (chosen: Item[]) => void;
  error?: string | null | undefined;
}): ReactNode {
  const id = useId();
  return (
    <fieldset className="stack tight bare-fieldset" {...(hint ? { 'aria-describedby': `${id}-hint` } : {})}>
      <legend className="field-label">{label}</legend>
      <div className="row tight">
        {items.map((item) => (
          <label key={item} className="choice">
            <input
              type="checkbox"
              checked={chosen.includes(item)}
              aria-invalid={Boolean(error)}
              onChange={(event) =>
                onChange(items.filter((each) => (each === item ? event.target.checked : chosen.includes(each))))
              }
            />
            <span>{words(item)}</span>
          </label>
        ))}
      </div>
      {hint ? (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      ) : null}
      {error ? <FieldError>{error}</FieldError> : null}
    </fieldset>
  );
}
