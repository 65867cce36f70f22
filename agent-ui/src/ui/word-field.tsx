import type { ReactNode } from 'react';
import { SelectField } from './field.tsx';

/** One of a few words, each said in the reader’s language. */
export function WordField<Word extends string>({
  label,
  hint,
  value,
  options,
  words,
  onChange,
  error,
}: {
  label: string;
  hint?: string;
  value: Word;
  options: readonly Word[];
  words: (word: Word) => string;
  onChange: (word: Word) => void;
  error?: string | null;
}): ReactNode {
  return (
    <SelectField
      label={label}
      hint={hint}
      error={error}
      value={value}
      onChange={(event) => onChange(oneOf(options, event.target.value))}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {words(option)}
        </option>
      ))}
    </SelectField>
  );
}

function oneOf<Word extends string>(words: readonly Word[], text: string): Word {
  const found = words.find((each) => each === text);
  if (found === undefined) throw new RangeError(`${text} is none of ${words.join(', ')}`);
  return found;
}
