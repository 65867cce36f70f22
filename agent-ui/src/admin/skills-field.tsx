import { useState, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { TextField } from '../ui/field.tsx';

interface SkillsFieldProps {
  label: string;
  hint: string;
  skills: readonly string[];
  disabled?: boolean;
  error?: string | null | undefined;
  onChange: (skills: string[]) => void;
}

/** Names of skills in one line, apart by commas of any script. */
export function SkillsField({ label, hint, skills, disabled = false, error, onChange }: SkillsFieldProps): ReactNode {
  const { language } = useLocale();
  const comma = language === 'en' ? ', ' : '، ';
  const [typed, setTyped] = useState(() => skills.join(comma));
  // A list from elsewhere is written anew; what was typed stays while it means the same.
  const shown = JSON.stringify(namesIn(typed)) === JSON.stringify(skills) ? typed : skills.join(comma);
  return (
    <TextField
      label={label}
      hint={hint}
      value={shown}
      dir="auto"
      autoComplete="off"
      disabled={disabled}
      error={error}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(namesIn(event.target.value));
      }}
    />
  );
}

function namesIn(text: string): string[] {
  return text
    .split(/[,،;؛]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
