import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  useNavigate,
} from '@tanstack/react-router';
import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { z } from 'zod';
import { historyFilter } from '../../server/contract/history.ts';
import { OVERRIDE_SCOPES } from '../../server/contract/packs.ts';
import type { Me, Role } from '../../server/contract/people.ts';
import { sessionNow, subscribeSession, whoIsHere } from './connection/session.ts';
import { stuckQuery } from '../../server/contract/stuck.ts';
import { closeSocket } from './connection/socket.ts';
import { currentLanguage, needTexts, switchLanguage } from './i18n/locale.tsx';
import type { Area } from './i18n/texts.ts';
import { BEGINNINGS } from './rules/beginnings.ts';
import { NotFound, PageFailed } from './ui/page-faults.tsx';

/** Where each role begins. */
const HOME: Readonly<Record<Role, '/agent' | '/supervisor' | '/admin/campaigns'>> = {
  agent: '/agent',
  supervisor: '/supervisor',
  admin: '/admin/campaigns',
};

/** Lets in whoever has one of the roles, with the texts of the page in their own language; all others go where they belong. */
async function admit(roles: readonly Role[], area: Area, href: string): Promise<void> {
  const me = await whoIsHere();
  if (!me) throw redirect({ to: '/sign-in', search: { next: href } });
  if (!roles.includes(me.role)) throw redirect({ to: HOME[me.role] });
  await speakTheirs(me);
  await needTexts(area);
}

let spokenFor: string | null = null;
async function speakTheirs(me: Me): Promise<void> {
  if (spokenFor === me.id) return;
  spokenFor = me.id;
  if (me.language !== currentLanguage()) await switchLanguage(me.language);
}

const rootRoute = createRootRoute({ component: Root, errorComponent: PageFailed, notFoundComponent: NotFound });

/** Sends whoever is signed out, here or by the server, to the sign-in page. */
function Root(): ReactNode {
  const navigate = useNavigate();
  const me = useSyncExternalStore(subscribeSession, sessionNow);
  useEffect(() => {
    if (me !== null || location.pathname === '/sign-in') return;
    closeSocket();
    void navigate({ to: '/sign-in', search: { next: location.pathname } });
  }, [me, navigate]);
  return <Outlet />;
}

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: async () => {
    const me = await whoIsHere();
    throw redirect({ to: me ? HOME[me.role] : '/sign-in' });
  },
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().optional() }),
  beforeLoad: async () => {
    const me = await whoIsHere();
    if (me) throw redirect({ to: HOME[me.role] });
  },
  component: lazyRouteComponent(() => import('./sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const agentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agent',
  beforeLoad: ({ location: { href } }) => admit(['agent', 'supervisor'], 'agent', href),
  component: lazyRouteComponent(() => import('./agent/agent-page.tsx'), 'AgentPage'),
});

const supervisorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/supervisor',
  validateSearch: z.object({ kiosk: z.boolean().optional(), floor: z.string().optional() }),
  beforeLoad: ({ location: { href } }) => admit(['supervisor', 'admin'], 'supervisor', href),
  component: lazyRouteComponent(() => import('./supervisor/supervisor-page.tsx'), 'SupervisorPage'),
});

const adminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/admin',
  beforeLoad: ({ location: { href } }) => admit(['supervisor', 'admin'], 'admin', href),
  component: lazyRouteComponent(() => import('./admin/admin-page.tsx'), 'AdminPage'),
});

const adminHomeRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/admin/campaigns' });
  },
});

const campaignsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/campaigns',
  component: lazyRouteComponent(() => import('./admin/campaigns-page.tsx'), 'CampaignsPage'),
});

const newCampaignRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/campaigns/new',
  beforeLoad: ({ location: { href } }) => admit(['admin'], 'admin', href),
  component: lazyRouteComponent(() => import('./admin/campaign-page.tsx'), 'NewCampaignPage'),
});

/** Pages that say why debtors wait do so in the words of the other consoles. */
const RULE_TEXTS = ['rules', 'supervisor', 'agent'] as const satisfies readonly Area[];

const campaignRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/campaigns/$campaignId',
  // Not the agents' texts, whose words for a stale version are of their notes.
  beforeLoad: () => needTexts('rules', 'supervisor'),
  component: lazyRouteComponent(() => import('./admin/campaign-page.tsx'), 'CampaignPage'),
});

const scorecardRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/campaigns/$campaignId/scorecard',
  component: lazyRouteComponent(() => import('./admin/scorecard-page.tsx'), 'ScorecardPage'),
});

const importsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/imports',
  validateSearch: z.object({ campaign: z.string().optional() }),
  beforeLoad: ({ location: { href } }) => admit(['admin'], 'admin', href),
  component: lazyRouteComponent(() => import('./admin/imports-page.tsx'), 'ImportsPage'),
});

const doNotCallRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/do-not-call',
  beforeLoad: ({ location: { href } }) => admit(['admin'], 'admin', href),
  component: lazyRouteComponent(() => import('./admin/do-not-call-page.tsx'), 'DoNotCallPage'),
});

const usersRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/users',
  component: lazyRouteComponent(() => import('./admin/users-page.tsx'), 'UsersPage'),
});

const trunksRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/trunks',
  component: lazyRouteComponent(() => import('./admin/trunks-page.tsx'), 'TrunksPage'),
});

const packsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/packs',
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/packs-page.tsx'), 'PacksPage'),
});

const packRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/packs/$packId',
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/pack-page.tsx'), 'PackPage'),
});

const newPackRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/new-pack',
  validateSearch: z.object({ as: z.enum(BEGINNINGS).catch('empty'), of: z.string().optional() }),
  beforeLoad: async ({ location: { href } }) => {
    await admit(['admin'], 'admin', href);
    await needTexts(...RULE_TEXTS);
  },
  component: lazyRouteComponent(() => import('./rules/new-pack-page.tsx'), 'NewPackPage'),
});

const overridesRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/overrides',
  validateSearch: z.object({ campaign: z.uuid().optional() }),
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/overrides-page.tsx'), 'OverridesPage'),
});

const overrideRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/overrides/$scope/$subjectId/$packId',
  params: {
    parse: ({ scope, ...rest }) => ({ scope: z.enum(OVERRIDE_SCOPES).parse(scope), ...rest }),
    stringify: (params) => params,
  },
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/override-page.tsx'), 'OverridePage'),
});

const holidaysRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/holidays',
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/holidays-page.tsx'), 'HolidaysPage'),
});

const checkRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/check',
  validateSearch: z.object({ debtor: z.uuid().optional() }),
  beforeLoad: () => needTexts(...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./rules/check-page.tsx'), 'CheckPage'),
});

const debtorsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/debtors',
  beforeLoad: () => needTexts('debtors', ...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./debtors/debtors-page.tsx'), 'DebtorsPage'),
});

const stuckRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/stuck',
  validateSearch: stuckQuery.pick({ campaign: true }).extend({ reason: stuckQuery.shape.reason.unwrap().optional() }),
  beforeLoad: () => needTexts('debtors', ...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./debtors/stuck-page.tsx'), 'StuckPage'),
});

const matchesRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/matches',
  beforeLoad: () => needTexts('debtors', ...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./matches/matches-page.tsx'), 'MatchesPage'),
});

const debtorRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/debtors/$partyId',
  beforeLoad: () => needTexts('debtors', ...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./debtors/record-page.tsx'), 'RecordPage'),
});

const inboundRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/inbound',
  component: lazyRouteComponent(() => import('./inbound/inbound-page.tsx'), 'InboundPage'),
});

const historyRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/history',
  validateSearch: historyFilter,
  beforeLoad: async ({ location: { href } }) => {
    await admit(['admin'], 'admin', href);
    await needTexts('history', ...RULE_TEXTS);
  },
  component: lazyRouteComponent(() => import('./history/history-page.tsx'), 'HistoryPage'),
});

const segmentRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/campaigns/$campaignId/segment',
  beforeLoad: () => needTexts('debtors', ...RULE_TEXTS),
  component: lazyRouteComponent(() => import('./debtors/segment-page.tsx'), 'SegmentPage'),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  signInRoute,
  agentRoute,
  supervisorRoute,
  adminRoute.addChildren([
    adminHomeRoute,
    campaignsRoute,
    newCampaignRoute,
    campaignRoute,
    scorecardRoute,
    importsRoute,
    doNotCallRoute,
    usersRoute,
    trunksRoute,
    packsRoute,
    packRoute,
    newPackRoute,
    overridesRoute,
    overrideRoute,
    holidaysRoute,
    checkRoute,
    debtorsRoute,
    matchesRoute,
    stuckRoute,
    debtorRoute,
    segmentRoute,
    inboundRoute,
    historyRoute,
  ]),
]);

/** The page's routes; each console comes as a chunk of its own. */
export const router = createRouter({ routeTree, defaultPreload: 'intent', defaultErrorComponent: PageFailed });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
