import { useId, type ReactNode } from 'react';
import { EVIDENCE_LEVELS, type Evidence } from '../../../../server/contract/rule-terms.ts';
import { useLocale } from '../../i18n/locale.tsx';
import { Button } from '../../ui/button.tsx';
import { FieldError, TextField } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { WordField } from '../../ui/word-field.tsx';
import { EvidenceBadge } from '../evidence.tsx';
import type { Known, RulesDraft } from '../pack-draft.ts';

/** What each section of the editor is given. */
export interface SectionProps {
  draft: RulesDraft;
  change: (part: Partial<RulesDraft>) => void;
  /** What is wrong at a path like `hours.0.to`, in words. */
  errorAt: (path: string) => string | null;
  disabled: boolean;
  /** How well a rule is known that is begun here. */
  level: Evidence;
}

/** Rules of one kind, with the button that begins another. */
export function RuleSection({
  title,
  hint,
  testId,
  children,
}: {
  title: string;
  hint?: string;
  testId: string;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <section className="card panel" aria-labelledby={id} data-testid={testId}>
      <h2 id={id}>{title}</h2>
      {hint ? <p className="faint small">{hint}</p> : null}
      {children}
    </section>
  );
}

/** One rule: what it says in words, its fields, where it is written, and how well it is known. */
export function RuleFields<Rule extends Known>({
  words,
  rule,
  path,
  errorAt,
  disabled,
  onChange,
  onRemove,
  children,
}: {
  words: string;
  rule: Rule;
  path: string;
  errorAt: SectionProps['errorAt'];
  disabled: boolean;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
  children?: ReactNode;
}): ReactNode {
  const { say } = useLocale();
  const error = errorAt(path);
  return (
    <fieldset className="hours-window" disabled={disabled} data-rule={path}>
      <legend className="rule-said">{words}</legend>
      <div className="row tight">
        <EvidenceBadge level={rule.evidence} />
        <bdi className="faint small rule-source grow" dir="auto">
          {rule.source}
        </bdi>
        {disabled ? null : (
          <Button look="bare" icon="trash" name={say('rulePart.removeThis', { rule: words })} onClick={onRemove} />
        )}
      </div>
      {children}
      {error === null ? null : <FieldError>{error}</FieldError>}
      <details>
        <summary>{say('known.title')}</summary>
        <div className="form-grid known-fields">
          <WordField
            label={say('known.evidence')}
            value={rule.evidence}
            options={EVIDENCE_LEVELS}
            words={(level) => say(`evidence.${level}`)}
            onChange={(evidence) => onChange({ ...rule, evidence })}
          />
          <TextField
            label={say('known.source')}
            hint={say('known.sourceHint')}
            value={rule.source}
            maxLength={300}
            dir="auto"
            onChange={(event) => onChange({ ...rule, source: event.target.value })}
          />
          <TextField
            label={say('known.note')}
            value={rule.note ?? ''}
            maxLength={500}
            dir="auto"
            onChange={({ target: { value } }) => onChange({ ...rule, note: value === '' ? undefined : value })}
          />
        </div>
      </details>
    </fieldset>
  );
}

/** What a kind of rule is called, where it stands in the draft, and what it means that there is none. */
interface KindProps<Rule extends Known> {
  path: string;
  words: (rule: Rule) => string;
  addName: string;
  none: string;
  errorAt: SectionProps['errorAt'];
  disabled: boolean;
}

/** A list of rules of one kind, each changed in its place. */
export function RuleList<Rule extends Known>({
  rules,
  path,
  words,
  addName,
  none,
  blank,
  onChange,
  errorAt,
  disabled,
  children,
}: KindProps<Rule> & {
  rules: readonly Rule[];
  /** A rule that somebody begins; null where none is begun here. */
  blank: (() => Rule) | null;
  onChange: (rules: Rule[]) => void;
  /** The fields of one rule. */
  children: (rule: Rule, change: (part: Partial<Rule>) => void, path: string) => ReactNode;
}): ReactNode {
  return (
    <>
      {rules.length === 0 ? <p className="faint">{none}</p> : null}
      {rules.map((rule, index) => {
        const replace = (changed: Rule): void => onChange(rules.map((each, at) => (at === index ? changed : each)));
        return (
          <RuleFields
            // Rules have no identity but their place.
            key={index}
            words={words(rule)}
            rule={rule}
            path={`${path}.${index}`}
            errorAt={errorAt}
            disabled={disabled}
            onChange={replace}
            onRemove={() => onChange(rules.filter((_, at) => at !== index))}
          >
            {children(rule, (part) => replace({ ...rule, ...part }), `${path}.${index}`)}
          </RuleFields>
        );
      })}
      {errorAt(path) === null ? null : <FieldError>{errorAt(path) ?? ''}</FieldError>}
      {disabled || blank === null ? null : (
        <div>
          <Button icon="plus" onClick={() => onChange([...rules, blank()])}>
            {addName}
          </Button>
        </div>
      )}
    </>
  );
}

/** A rule of which a pack has one or none. */
export function OptionalRule<Rule extends Known>({
  rule,
  path,
  words,
  addName,
  none,
  blank,
  onChange,
  errorAt,
  disabled,
  children,
}: KindProps<Rule> & {
  rule: Rule | null;
  blank: () => Rule;
  onChange: (rule: Rule | null) => void;
  children?: (rule: Rule, change: (part: Partial<Rule>) => void) => ReactNode;
}): ReactNode {
  if (rule === null) {
    return (
      <div className="row tight">
        <span className="faint grow">{none}</span>
        {disabled ? null : (
          <Button icon="plus" onClick={() => onChange(blank())}>
            {addName}
          </Button>
        )}
      </div>
    );
  }
  return (
    <RuleFields
      words={words(rule)}
      rule={rule}
      path={path}
      errorAt={errorAt}
      disabled={disabled}
      onChange={onChange}
      onRemove={() => onChange(null)}
    >
      {children?.(rule, (part) => onChange({ ...rule, ...part }))}
    </RuleFields>
  );
}

/** A figure of rules whose unit on the wire is another: `factor` of the wire's are one of the form's. */
export function FigureField({
  label,
  unit,
  hint,
  value,
  factor,
  decimals = 0,
  onChange,
  error,
}: {
  label: string;
  unit?: string;
  hint?: string;
  value: number | null;
  factor: number;
  decimals?: number;
  onChange: (value: number | null) => void;
  error?: string | null;
}): ReactNode {
  return (
    <NumberField
      label={label}
      {...(unit === undefined ? {} : { unit })}
      {...(hint === undefined ? {} : { hint })}
      value={value === null ? null : tidy(value / factor)}
      decimals={decimals}
      error={error}
      onChange={(typed) => onChange(typed === null ? null : tidy(typed * factor))}
    />
  );
}

/** Without the tail that arithmetic on binary fractions leaves. */
function tidy(value: number): number {
  return Number(value.toFixed(6));
}
