import { Link } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { sessionNow } from '../connection/session.ts';
import { AccountMenu } from './account-menu.tsx';
import { Icon, Mark, type IconName } from './icons.tsx';
import './back-office.css';

const PAGES = [
  { to: '/supervisor', text: 'nav.wallboard', icon: 'signal', roles: ['supervisor', 'admin'] },
  { to: '/admin/campaigns', text: 'nav.campaigns', icon: 'list', roles: ['supervisor', 'admin'] },
  { to: '/admin/debtors', text: 'nav.debtors', icon: 'account', roles: ['supervisor', 'admin'] },
  { to: '/admin/inbound', text: 'nav.inbound', icon: 'bell', roles: ['supervisor', 'admin'] },
  { to: '/admin/packs', text: 'nav.packs', icon: 'shield', roles: ['supervisor', 'admin'] },
  { to: '/admin/imports', text: 'nav.imports', icon: 'upload', roles: ['admin'] },
  { to: '/admin/users', text: 'nav.users', icon: 'people', roles: ['supervisor', 'admin'] },
  { to: '/admin/trunks', text: 'nav.trunks', icon: 'phone', roles: ['supervisor', 'admin'] },
  { to: '/admin/history', text: 'nav.history', icon: 'clock', roles: ['admin'] },
] as const satisfies readonly { to: string; text: TextKey; icon: IconName; roles: readonly string[] }[];

/** The frame of supervisors' and admins' pages: where one can go, and who one is. */
export function BackOffice({ children }: { children: ReactNode }): ReactNode {
  const { say } = useLocale();
  // Kept from the first look: the page stays whole while it is being left after a sign-out.
  const [me] = useState(sessionNow);
  useEffect(() => {
    document.title = say('app.name');
  }, [say]);
  if (!me) return null;
  return (
    <div className="office">
      <a className="skip-link" href="#main">
        {say('common.skip')}
      </a>
      <header className="office-bar">
        <span className="office-name">
          <Mark />
          {say('app.name')}
        </span>
        <nav aria-label={say('nav.label')} className="office-nav">
          {PAGES.filter((page) => page.roles.some((role) => role === me.role)).map((page) => (
            <Link key={page.to} to={page.to} className="office-link" activeProps={{ 'aria-current': 'page' }}>
              <Icon name={page.icon} />
              {say(page.text)}
            </Link>
          ))}
        </nav>
        <AccountMenu me={me} />
      </header>
      <main id="main" className="office-main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
