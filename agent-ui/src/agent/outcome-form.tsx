import {
  lazy,
  Suspense,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
  type Ref,
} from 'react';
import type { DeskCall } from '../../../server/contract/desk.ts';
import { OUTCOME_CODES, type OutcomeCode } from '../../../server/contract/outcomes.ts';
import { serverNow } from '../connection/desk-model.ts';
import { problemWords } from '../connection/problem-words.ts';
import { holdWords } from '../i18n/hold-words.ts';
import { Say, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { FieldError } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { useTicking } from '../ui/ticking.ts';
import { useAgent, useCommand } from './agent-context.tsx';
import {
  choose,
  dayIn,
  draftFieldOf,
  EMPTY_DRAFT,
  FIELDS,
  foretell,
  outcomeOf,
  outcomesFor,
  settled,
  type DraftField,
  type Foretold,
  type OutcomeDraft,
} from './outcome-draft.ts';
import { NotePad } from './note-pad.tsx';
import { createNoteKeeper } from './note-keeper.ts';

/** Date and amount fields weigh as much as the rest of the desk together, so they come when the desk has nothing else to do. */
const OutcomeFields = lazy(async () => ({ default: (await import('./outcome-fields.tsx')).OutcomeFields }));

/** What shortcuts may do to the form. */
export interface OutcomeHandle {
  choose: (number: number) => void;
  focusOutcomes: () => void;
  focusNote: () => void;
  save: () => void;
}

/** The outcome of one call and its note: chosen while talking, saved in wrap-up; its effect in words before it is saved. */
export function OutcomeForm({ call, ref }: { call: DeskCall; ref: Ref<OutcomeHandle> }): ReactNode {
  const locale = useLocale();
  const { say } = locale;
  const { model, can } = useAgent();
  const { run, busy } = useCommand();
  const { file } = call;
  const [chosen, setDraft] = useState<OutcomeDraft>(EMPTY_DRAFT);
  const draft = settled(chosen, file);
  const [tried, setTried] = useState(false);
  const [refusal, setRefusal] = useState<{ field: DraftField; words: string } | null>(null);
  const [keeper] = useState(() => createNoteKeeper(call.attemptId));
  const note = useSyncExternalStore(keeper.subscribe, keeper.get);
  const form = useRef<HTMLFormElement>(null);

  const now = serverNow(model, useTicking(true, 1_000)) ?? 0;
  // Only a call that was here when the desk was opened can have a note that this page does not know.
  const [older] = useState(() => Date.parse(call.connectedAt ?? '') <= Date.parse(model.openedAt ?? ''));
  useEffect(() => keeper.open(older), [keeper, older]);
  const today = dayIn(file?.timeZones[0], now);
  const read = outcomeOf(draft, file, now, today);
  const missing = tried && 'missing' in read ? read.missing : {};
  const errors: Partial<Record<DraftField, string>> = {
    ...(refusal ? { [refusal.field]: refusal.words } : {}),
    ...Object.fromEntries(Object.entries(missing).map(([field, text]) => [field, say(text)])),
  };

  const codes = outcomesFor(call);

  function pick(code: OutcomeCode): void {
    setDraft((before) => choose(before, code, today));
    setTried(false);
    setRefusal(null);
  }

  async function save(then: 'ready' | 'pause'): Promise<void> {
    if (!can.dispose || busy === 'dispose') return;
    if ('missing' in read) {
      setTried(true);
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], input[type="radio"]')?.focus();
      return;
    }
    await keeper.flush();
    setRefusal(null);
    const reply = await run({
      type: 'dispose',
      attemptId: call.attemptId,
      outcome: read.outcome,
      note: keeper.get().body,
      next: then,
    });
    const field = reply.ok ? null : draftFieldOf(reply.problem.field);
    if (!reply.ok && field !== null) setRefusal({ field, words: problemWords(locale, reply.problem) });
  }

  useImperativeHandle(ref, () => ({
    choose: (number) => {
      const code = OUTCOME_CODES[number - 1];
      if (code === undefined || !codes.includes(code)) return;
      pick(code);
      form.current?.querySelector<HTMLInputElement>(`input[value="${code}"]`)?.focus();
    },
    focusOutcomes: () =>
      (form.current?.querySelector<HTMLInputElement>('input:checked') ?? form.current?.querySelector('input'))?.focus(),
    focusNote: () => form.current?.querySelector('textarea')?.focus(),
    save: () => void save('ready'),
  }));

  return (
    <form
      ref={form}
      className="outcome card"
      data-testid="outcome-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save('ready');
      }}
    >
      <fieldset className="outcome-codes">
        <legend>
          <h2>{say('outcome.title')}</h2>
        </legend>
        {codes.map((code) => (
          <label key={code} className="choice outcome-choice">
            <input
              type="radio"
              name="outcome"
              value={code}
              checked={draft.code === code}
              onChange={() => pick(code)}
              {...(keyOf(code) <= 9 ? { 'aria-keyshortcuts': String(keyOf(code)) } : {})}
            />
            <span className="grow">{say(`outcome.${code}`)}</span>
            {keyOf(code) <= 9 ? <KeyHint number={keyOf(code)} /> : null}
          </label>
        ))}
        {errors.code ? <FieldError>{errors.code}</FieldError> : null}
      </fieldset>
      {draft.code !== null && FIELDS[draft.code].length > 0 ? (
        <Suspense fallback={<p className="faint">{say('common.loading')}</p>}>
          <OutcomeFields key={draft.code} draft={draft} call={call} errors={errors} now={now} today={today} onChange={setDraft} />
        </Suspense>
      ) : null}
      <div className="outcome-effect" role="status">
        <EffectWords foretold={foretell(draft, call, now)} zone={file?.timeZones[0]} />
      </div>
      <NotePad note={note} tell={keeper.tell} />
      {can.dispose ? null : <p className="small faint">{say('outcome.afterCall')}</p>}
      <div className="outcome-save">
        <Button
          type="submit"
          look="primary"
          large
          icon="check"
          disabled={!can.dispose}
          busy={busy === 'dispose'}
          onClick={() => undefined}
        >
          {say('outcome.saveReady')}
        </Button>
        <Button look="plain" large icon="coffee" disabled={!can.dispose || busy === 'dispose'} onClick={() => void save('pause')}>
          {say('outcome.savePause')}
        </Button>
      </div>
    </form>
  );
}

/** The key of an outcome; the first nine have one. */
function keyOf(code: OutcomeCode): number {
  return OUTCOME_CODES.indexOf(code) + 1;
}

function KeyHint({ number }: { number: number }): ReactNode {
  const { format } = useLocale();
  return <kbd aria-hidden="true">{format.number(number)}</kbd>;
}

/** What saving will do, in words. */
function EffectWords({ foretold, zone }: { foretold: Foretold | null; zone: string | undefined }): ReactNode {
  const locale = useLocale();
  const { format, say } = locale;
  if (foretold === null) return null;
  return (
    <p className="effect" data-testid="effect-before">
      <Icon name="calendar" />
      <span>{words()}</span>
    </p>
  );

  function words(): ReactNode {
    if (foretold === null) return null;
    switch (foretold.text) {
      case 'effect.notBefore':
      case 'effect.callback':
        return <Say text={foretold.text} values={{ when: format.dateTime(foretold.at, zone) }} />;
      case 'effect.notBeforeDay':
        return <Say text={foretold.text} values={{ date: format.day(foretold.day) }} />;
      case 'effect.daysAfter':
        return <Say text={foretold.text} values={{ n: format.number(foretold.days), count: foretold.days }} />;
      case 'effect.debtHeld':
      case 'effect.personHeld':
      case 'effect.heldUntilOpen':
        return <Say text={foretold.text} values={{ hold: holdWords(locale, foretold.hold) }} />;
      case 'effect.limited.workplace':
      case 'effect.limited.that_number':
      case 'effect.limited.matching_slots':
        return (
          <Say
            text={foretold.text}
            values={{ hold: holdWords(locale, foretold.hold), when: format.dateTime(foretold.at, zone) }}
          />
        );
      case 'effect.heldUntil':
        return <Say text={foretold.text} values={{ hold: holdWords(locale, foretold.hold), date: format.day(foretold.day) }} />;
      case 'effect.numberLeaves':
        return <Say text={foretold.text} values={{ n: format.number(foretold.others), count: foretold.others }} />;
      case 'effect.callbackOpen':
      case 'effect.personLeaves':
      case 'effect.restrictionOpen':
        return say(foretold.text);
    }
  }
}
