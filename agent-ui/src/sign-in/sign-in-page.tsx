import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState, type FormEvent, type ReactNode } from 'react';
import { LANGUAGES, signInBody, type Me } from '../../../server/contract/people.ts';
import { normaliseDigits } from '../../../server/contract/digits.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { keepLanguage, signIn } from '../connection/session.ts';
import { LANGUAGE_NAMES } from '../i18n/languages.ts';
import { currentLanguage, switchLanguage, useLocale } from '../i18n/locale.tsx';
import { unlockAudio } from '../softphone/tones.ts';
import { Button } from '../ui/button.tsx';
import { PasswordField, TextField } from '../ui/field.tsx';
import { Icon, Mark } from '../ui/icons.tsx';
import './sign-in.css';

/** Signing in, in any of the three languages from the first moment. */
export function SignInPage(): ReactNode {
  const locale = useLocale();
  const { say, language } = locale;
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/sign-in' });
  const [problem, setProblem] = useState<string | null>(null);
  const [empty, setEmpty] = useState<{ login: boolean; password: boolean }>({ login: false, password: false });
  const [busy, setBusy] = useState(false);
  const languageChosen = useRef(false);
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (busy) return;
    const fields = new FormData(event.currentTarget);
    const login = normaliseDigits(textOf(fields.get('login')))
      .trim()
      .toLowerCase();
    const password = textOf(fields.get('password'));
    setEmpty({ login: login === '', password: password === '' });
    setProblem(null);
    if (login === '' || password === '') {
      form.current?.querySelector<HTMLInputElement>(login === '' ? '[name="login"]' : '[name="password"]')?.focus();
      return;
    }
    // A name that cannot exist is as wrong as one that does not: the server need not be asked, nor more be said.
    const body = signInBody.safeParse({ login, password });
    if (!body.success) {
      setProblem(say('problem.wrong_credentials'));
      return;
    }
    unlockAudio();
    setBusy(true);
    try {
      const me = await signIn(body.data);
      await settleLanguage(me);
      await navigate({ href: safeNext(next) ?? '/', replace: true });
    } catch (error) {
      setProblem(problemWords(locale, problemOf(error)));
      form.current?.querySelector<HTMLInputElement>('[name="password"]')?.focus();
    } finally {
      setBusy(false);
    }
  }

  /** A language picked on this page is the person's wish; else the page follows what they chose before. */
  async function settleLanguage(me: Me): Promise<void> {
    if (languageChosen.current && me.language !== currentLanguage()) await keepLanguage(currentLanguage()).catch(() => undefined);
    else await switchLanguage(me.language);
  }

  return (
    <main id="main" className="sign-in">
      <div className="sign-in-art" aria-hidden="true">
        <Arcs />
        <div className="sign-in-words">
          <p className="sign-in-word">{'وصول'}</p>
          <p>{say('signIn.motto')}</p>
        </div>
      </div>
      <div className="sign-in-side">
        <div className="sign-in-languages" role="group" aria-label={say('language.label')}>
          {LANGUAGES.map((one) => (
            <Button
              key={one}
              look="bare"
              lang={one}
              pressed={one === language}
              onClick={() => {
                languageChosen.current = true;
                void switchLanguage(one);
              }}
            >
              {LANGUAGE_NAMES[one]}
            </Button>
          ))}
        </div>
        <form ref={form} className="sign-in-form" noValidate onSubmit={(event) => void submit(event)}>
          <Mark size={52} />
          <div>
            <h1>{say('signIn.title')}</h1>
            <p className="faint">{say('signIn.lead')}</p>
          </div>
          {problem ? (
            <div className="notice danger" role="alert">
              <Icon name="alert" />
              <p className="notice-text">{problem}</p>
            </div>
          ) : null}
          <TextField
            label={say('signIn.login')}
            name="login"
            dir="ltr"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            error={empty.login ? say('invalid.required') : null}
          />
          <PasswordField
            label={say('signIn.password')}
            name="password"
            dir="ltr"
            autoComplete="current-password"
            error={empty.password ? say('invalid.required') : null}
          />
          <Button type="submit" look="primary" large busy={busy}>
            {say('signIn.submit')}
          </Button>
        </form>
      </div>
    </main>
  );
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}

/** Only an address of this page is followed after signing in. */
function safeNext(next: string | undefined): string | null {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : null;
}

/** Two ends and the arcs between them, over and over: what the whole house is for. */
function Arcs(): ReactNode {
  return (
    <svg viewBox="0 0 400 400" preserveAspectRatio="xMidYMid slice" focusable="false">
      {Array.from({ length: 9 }, (_, index) => (
        <path
          key={index}
          d={`M${200 - 24 - index * 34} 300a${24 + index * 34} ${24 + index * 34} 0 0 1 ${48 + index * 68} 0`}
          fill="none"
          stroke={index % 3 === 1 ? '#8ed3c7' : '#ffffff'}
          strokeOpacity={0.5 - index * 0.045}
          strokeWidth="2"
        />
      ))}
      <circle cx="176" cy="300" r="7" fill="#ffffff" />
      <circle cx="224" cy="300" r="7" fill="#f2c56b" />
    </svg>
  );
}
