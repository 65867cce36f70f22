import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LANGUAGES, type Language, type Me } from '../../../server/contract/people.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { keepLanguage, signOut } from '../connection/session.ts';
import { closeSocket } from '../connection/socket.ts';
import { LANGUAGE_NAMES } from '../i18n/languages.ts';
import { switchLanguage, useLocale } from '../i18n/locale.tsx';
import { Icon } from './icons.tsx';
import { Menu, MenuItem } from './menu.tsx';
import { toast } from './toasts.tsx';

/** Who is signed in, the language, and the way out. `mayLeave` is false while signing out would drop a call. */
export function AccountMenu({ me, mayLeave = true, children }: { me: Me; mayLeave?: boolean; children?: ReactNode }): ReactNode {
  const locale = useLocale();
  const { say, language } = locale;
  const navigate = useNavigate();

  async function speak(to: Language): Promise<void> {
    await switchLanguage(to);
    await keepLanguage(to).catch((error: unknown) => toast('failed', problemWords(locale, problemOf(error))));
  }

  async function leave(): Promise<void> {
    closeSocket();
    await signOut();
    await navigate({ to: '/sign-in' });
  }

  return (
    <Menu
      look="bare"
      icon="account"
      name={say('account.menu', { name: me.displayName })}
      label={undefined}
      data-testid="account-menu"
    >
      <div className="menu-title">
        <bdi>{me.displayName}</bdi>
        {` · ${say(`role.${me.role}`)}`}
      </div>
      {children}
      <hr />
      {LANGUAGES.map((one) => (
        <MenuItem key={one} onChoose={() => void speak(one)} note={one === language ? <Icon name="check" /> : null}>
          <span lang={one}>{LANGUAGE_NAMES[one]}</span>
        </MenuItem>
      ))}
      {mayLeave ? (
        <>
          <hr />
          <MenuItem onChoose={() => void leave()}>
            <Icon name="logOut" />
            {say('account.signOut')}
          </MenuItem>
        </>
      ) : null}
    </Menu>
  );
}
