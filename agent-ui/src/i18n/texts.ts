import type { Language } from '../../../server/contract/people.ts';
import type { admin as enAdmin } from './en/admin.ts';
import type { agent as enAgent } from './en/agent.ts';
import type { campaigns as enCampaigns } from './en/campaigns.ts';
import type { imports as enImports } from './en/imports.ts';
import type { shared as enShared } from './en/shared.ts';
import type { debtors as enDebtors } from './en/debtors.ts';
import type { history as enHistory } from './en/history.ts';
import type { packs as enPacks } from './en/packs.ts';
import type { rules as enRules } from './en/rules.ts';
import type { supervisor as enSupervisor } from './en/supervisor.ts';

/** The texts are kept and loaded by console, so that an agent does not wait for an admin's words. */
export const AREAS = ['shared', 'agent', 'supervisor', 'admin', 'rules', 'debtors', 'history'] as const;
export type Area = (typeof AREAS)[number];

type English = typeof enShared &
  typeof enAgent &
  typeof enSupervisor &
  typeof enAdmin &
  typeof enCampaigns &
  typeof enImports &
  typeof enRules &
  typeof enPacks &
  typeof enDebtors &
  typeof enHistory;

type Form = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type Base<Key> = Key extends `${infer Stem}_${Form}` ? Stem : Key;
type Counted<Text> = { [Key in keyof Text]: Key extends `${infer Stem}_other` ? Stem : never }[keyof Text];

/** The plural forms of each language, CLDR. */
interface Forms {
  en: 'one' | 'other';
  ar: 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
  fa: 'one' | 'other';
}

/** A translation of an area: each plain key once, each counted key in every plural form of the language. */
export type Translation<Text, To extends Language> = {
  readonly [Key in Exclude<Base<keyof Text>, Counted<Text>> & string]: string;
} & {
  readonly [Key in `${Counted<Text> & string}_${Forms[To]}`]: string;
};

/** Every text that can be shown, without plural endings. */
export type TextKey = Base<keyof English> & string;

/** The texts of an area that stand in a file for each kind of page. */
function merged(files: readonly Readonly<Record<string, Record<string, string>>>[]): Record<string, string> {
  return Object.fromEntries(files.flatMap((file) => Object.values(file).flatMap((texts) => Object.entries(texts))));
}

/** Loads one area's texts in one language, as chunks of its own. */
export const LOADERS: { readonly [L in Language]: { readonly [A in Area]: () => Promise<Record<string, string>> } } = {
  en: {
    shared: async () => (await import('./en/shared.ts')).shared,
    agent: async () => (await import('./en/agent.ts')).agent,
    supervisor: async () => (await import('./en/supervisor.ts')).supervisor,
    admin: async () =>
      merged(await Promise.all([import('./en/admin.ts'), import('./en/campaigns.ts'), import('./en/imports.ts')])),
    rules: async () => merged(await Promise.all([import('./en/rules.ts'), import('./en/packs.ts')])),
    debtors: async () => (await import('./en/debtors.ts')).debtors,
    history: async () => (await import('./en/history.ts')).history,
  },
  ar: {
    shared: async () => (await import('./ar/shared.ts')).shared,
    agent: async () => (await import('./ar/agent.ts')).agent,
    supervisor: async () => (await import('./ar/supervisor.ts')).supervisor,
    admin: async () =>
      merged(await Promise.all([import('./ar/admin.ts'), import('./ar/campaigns.ts'), import('./ar/imports.ts')])),
    rules: async () => merged(await Promise.all([import('./ar/rules.ts'), import('./ar/packs.ts')])),
    debtors: async () => (await import('./ar/debtors.ts')).debtors,
    history: async () => (await import('./ar/history.ts')).history,
  },
  fa: {
    shared: async () => (await import('./fa/shared.ts')).shared,
    agent: async () => (await import('./fa/agent.ts')).agent,
    supervisor: async () => (await import('./fa/supervisor.ts')).supervisor,
    admin: async () =>
      merged(await Promise.all([import('./fa/admin.ts'), import('./fa/campaigns.ts'), import('./fa/imports.ts')])),
    rules: async () => merged(await Promise.all([import('./fa/rules.ts'), import('./fa/packs.ts')])),
    debtors: async () => (await import('./fa/debtors.ts')).debtors,
    history: async () => (await import('./fa/history.ts')).history,
  },
};
