import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import type { UserRow } from '../../../server/contract/people.ts';
import { problemOf } from '../connection/http.ts';
import { problemWords } from '../connection/problem-words.ts';
import { sessionNow } from '../connection/session.ts';
import { LANGUAGE_NAMES } from '../i18n/languages.ts';
import { Code, useLocale } from '../i18n/locale.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { SortedTable, type Column } from '../ui/sorted-table.tsx';
import { toast } from '../ui/toasts.tsx';
import { campaignsQuery, changeUser, revokeUser, usersQuery } from './api.ts';
import { AskFailed } from './ask-failed.tsx';
import { UserDialog } from './user-dialog.tsx';

/** Everybody who may sign in: role, language, station, and the campaigns they serve. */
export function UsersPage(): ReactNode {
  const locale = useLocale();
  const { say, format } = locale;
  const users = useQuery(usersQuery);
  const campaigns = useQuery(campaignsQuery);
  const [editing, setEditing] = useState<UserRow | 'new' | null>(null);
  const me = sessionNow();
  const admin = me?.role === 'admin';

  const columns = useMemo<Column<UserRow>[]>(() => {
    const names = new Map((campaigns.data ?? []).map((campaign) => [campaign.id, campaign.name]));
    async function act(what: () => Promise<string>): Promise<void> {
      try {
        toast('done', await what());
      } catch (error) {
        toast('failed', problemWords(locale, problemOf(error)));
      }
    }
    const all: Column<UserRow>[] = [
      {
        id: 'name',
        header: say('user.name'),
        sortBy: (row) => row.displayName,
        cell: (row) => (
          <span className="row tight">
            <bdi>{row.displayName}</bdi>
            {row.disabled ? <span className="badge danger">{say('user.disabled')}</span> : null}
            {row.demo ? <span className="badge info">{say('trunkKind.demo')}</span> : null}
          </span>
        ),
      },
      { id: 'login', header: say('signIn.login'), sortBy: (row) => row.login, cell: (row) => <Code>{row.login}</Code> },
      { id: 'role', header: say('user.role'), sortBy: (row) => row.role, cell: (row) => say(`role.${row.role}`) },
      {
        id: 'language',
        header: say('language.label'),
        sortBy: (row) => row.language,
        cell: (row) => <span lang={row.language}>{LANGUAGE_NAMES[row.language]}</span>,
      },
      {
        id: 'station',
        header: say('user.station'),
        sortBy: (row) => row.stationKind,
        cell: (row) => (row.role === 'agent' ? say(`station.${row.stationKind}`) : '—'),
      },
      {
        id: 'campaigns',
        header: say('user.campaigns'),
        sortBy: (row) => row.campaignIds.length,
        cell: (row) =>
          row.campaignIds.length === 0 ? '—' : <bdi>{format.list(row.campaignIds.map((id) => names.get(id) ?? '…'))}</bdi>,
      },
    ];
    if (!admin) return all;
    return [
      ...all,
      {
        id: 'actions',
        header: say('campaign.actions'),
        cell: (row) => (
          <span className="row tight">
            <Button look="plain" icon="edit" name={say('user.edit', { name: row.displayName })} onClick={() => setEditing(row)} />
            <Menu look="plain" icon="chevron" name={say('user.more', { name: row.displayName })} label={undefined}>
              <MenuItem
                onChoose={() =>
                  void act(async () => {
                    const n = await revokeUser(row.id);
                    return say('user.revoked', { n: format.number(n), count: n });
                  })
                }
              >
                <Icon name="logOut" />
                {say('user.revoke')}
              </MenuItem>
              {row.id === me?.id ? null : (
                <MenuItem
                  onChoose={() =>
                    void act(async () => {
                      await changeUser(row.id, { disabled: !row.disabled });
                      return say(row.disabled ? 'user.nowEnabled' : 'user.nowDisabled', { name: row.displayName });
                    })
                  }
                >
                  <Icon name={row.disabled ? 'check' : 'stop'} />
                  {say(row.disabled ? 'user.enable' : 'user.disable')}
                </MenuItem>
              )}
            </Menu>
          </span>
        ),
      },
    ];
  }, [say, format, locale, campaigns.data, admin, me?.id]);

  return (
    <div className="stack">
      <header className="page-head">
        <h1 className="grow">{say('nav.users')}</h1>
        {admin ? (
          <Button look="primary" icon="plus" onClick={() => setEditing('new')}>
            {say('user.new')}
          </Button>
        ) : null}
      </header>
      {users.isError ? <AskFailed query={users} /> : null}
      <div className="card">
        {users.data ? (
          <SortedTable
            caption={say('nav.users')}
            columns={columns}
            rows={users.data}
            rowKey={(row) => row.id}
            empty={say('user.none')}
            testId="users"
          />
        ) : null}
      </div>
      {editing === null ? null : (
        <UserDialog user={editing === 'new' ? null : editing} campaigns={campaigns.data ?? []} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}
