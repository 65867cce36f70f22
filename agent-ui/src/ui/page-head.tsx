import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** Pages of the office that others lead to and come back from. */
type OfficePage =
  | '/admin/check'
  | '/admin/debtors'
  | '/admin/do-not-call'
  | '/admin/holidays'
  | '/admin/imports'
  | '/admin/matches'
  | '/admin/overrides'
  | '/admin/packs'
  | '/admin/stuck';

/** The head of a page: the way back where there is one, its title, where else to go, and what the page is for. */
export function PageHead({
  title,
  lead,
  back,
  children,
}: {
  title: string;
  lead: string;
  back?: { to: OfficePage; name: string };
  children?: ReactNode;
}): ReactNode {
  return (
    <>
      <header className="page-head">
        {back === undefined ? null : (
          <Link to={back.to} className="button bare square" aria-label={back.name}>
            <Icon name="back" />
          </Link>
        )}
        <h1 className="grow">{title}</h1>
        {children}
      </header>
      <p className="faint">{lead}</p>
    </>
  );
}

/** A way from the head of a page to another. */
export function PageLink({ to, icon, children }: { to: OfficePage; icon: IconName; children: string }): ReactNode {
  return (
    <Link to={to} className="button">
      <Icon name={icon} />
      {children}
    </Link>
  );
}
