import { useState } from 'react';
import type { Problem } from '../../../server/contract/people.ts';
import { useLocale } from '../i18n/locale.tsx';
import { toast } from '../ui/toasts.tsx';
import { problemOf } from './http.ts';
import { problemWords } from './problem-words.ts';

/** A change that a form or a button asks of the server. */
export interface Change {
  busy: boolean;
  /** What the server refused and the form shows itself; null after the next try. */
  problem: Problem | null;
  /** The words of a refusal that names this field, or null. */
  errorAt: (field: string) => string | null;
  /** Asks; whatever is thrown is the refusal. */
  run: (work: () => Promise<void>) => Promise<void>;
  /** Forgets the last refusal, since what it was about is being changed. */
  clear: () => void;
}

/** One change at a time. A refusal for which `shows` is true stands in the form, by its field; any other is told in a toast. */
export function useChange(shows: (problem: Problem) => boolean = () => false): Change {
  const locale = useLocale();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function run(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      const refusal = problemOf(error);
      if (shows(refusal)) setProblem(refusal);
      else toast('failed', problemWords(locale, refusal));
    } finally {
      setBusy(false);
    }
  }
  return {
    busy,
    problem,
    errorAt: (field) => (problem?.field === field ? problemWords(locale, problem) : null),
    run,
    clear: () => setProblem(null),
  };
}
