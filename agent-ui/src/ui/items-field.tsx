import { useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { FieldError, TextField } from './field.tsx';

/** A list of short texts: each can be taken out, and one is typed to come in. */
export function ItemsField({
  label,
  hint,
  items,
  words,
  read = (text) => text.trim(),
  addName,
  removeName,
  onChange,
  disabled = false,
  errorAt,
  dir = 'auto',
}: {
  label: string;
  hint?: string;
  items: readonly string[];
  /** How an item is shown. */
  words: (item: string) => string;
  /** What is meant by what was typed; empty while it is nothing. */
  read?: (text: string) => string;
  addName: string;
  removeName: (item: string) => string;
  onChange: (items: string[]) => void;
  disabled?: boolean;
  /** What is wrong with the item at a place, in words. */
  errorAt: (index: number) => string | null;
  dir?: 'ltr' | 'auto';
}): ReactNode {
  const [text, setText] = useState('');
  const item = read(text);
  function add(): void {
    if (item === '') return;
    if (!items.includes(item)) onChange([...items, item]);
    setText('');
  }
  return (
    <div className="stack tight">
      {items.length === 0 ? null : (
        <ul className="plain-list row tight">
          {items.map((each, index) => (
            <li key={each} className="chip">
              <bdi>{words(each)}</bdi>
              {disabled ? null : (
                <Button
                  look="bare"
                  icon="close"
                  name={removeName(words(each))}
                  onClick={() => onChange(items.filter((_, at) => at !== index))}
                />
              )}
              {errorAt(index) === null ? null : <FieldError>{errorAt(index) ?? ''}</FieldError>}
            </li>
          ))}
        </ul>
      )}
      <div className="items-add">
        <TextField
          label={label}
          hint={hint}
          value={text}
          dir={dir}
          maxLength={200}
          disabled={disabled}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            // In a form, Enter in a line of text would send it.
            event.preventDefault();
            add();
          }}
        />
        <Button icon="plus" disabled={disabled || item === ''} onClick={add}>
          {addName}
        </Button>
      </div>
    </div>
  );
}
