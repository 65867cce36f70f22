import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { AGENT_STATES, pauseReason } from '../../server/contract/desk.ts';
import { HISTORY_KINDS, HISTORY_SUBJECTS } from '../../server/contract/history.ts';
import { OUTCOME_CODES, OUTCOME_RULES, SYSTEM_OUTCOME_CODES } from '../../server/contract/outcomes.ts';
import { LANGUAGES, type Language } from '../../server/contract/people.ts';
import { WHY_RULES } from '../../server/contract/wallboard.ts';
import { PACK_FAULTS } from '../../server/contract/rule-terms.ts';
import { faultKey } from '../../agent-ui/src/rules/pack-faults.ts';
import { AREAS, LOADERS, type Area } from '../../agent-ui/src/i18n/texts.ts';
import { createTexts, loadTexts, sayParts, sayPlain } from '../../agent-ui/src/i18n/say.ts';

const ROOT = join(import.meta.dirname, '../..');
const FORMS = /_(zero|one|two|few|many|other)$/;

const all = Object.fromEntries(
  await Promise.all(
    LANGUAGES.map(async (language) => [
      language,
      Object.fromEntries(await Promise.all(AREAS.map(async (area) => [area, await LOADERS[language][area]()] as const))),
    ]),
  ),
) as Record<Language, Record<Area, Record<string, string>>>;

function stems(texts: Record<string, string>): string[] {
  return [...new Set(Object.keys(texts).map((key) => key.replace(FORMS, '')))].toSorted();
}

function counted(texts: Record<string, string>): Set<string> {
  return new Set(
    Object.keys(texts)
      .filter((key) => key.endsWith('_other'))
      .map((key) => key.replace(FORMS, '')),
  );
}

function inserted(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/\{\{(\w+)\}\}/g), (match) => match[1] ?? ''))].toSorted();
}

function merged(language: Language): Record<string, string> {
  return Object.assign({}, ...AREAS.map((area) => all[language][area])) as Record<string, string>;
}

describe.each(LANGUAGES)('the texts in %s', (language) => {
  it.each(AREAS)('of area %s are those of the English, no more and no fewer', (area) => {
    expect(stems(all[language][area])).toEqual(stems(all.en[area]));
  });

  it.each(AREAS)('of area %s have every plural form of the language', (area) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const stem of counted(all.en[area])) {
      const has = Object.keys(all[language][area])
        .filter((key) => FORMS.test(key) && key.replace(FORMS, '') === stem)
        .map((key) => FORMS.exec(key)?.[1] ?? '')
        .toSorted();
      expect({ stem, has }).toEqual({ stem, has: forms });
    }
  });

  it.each(AREAS)('of area %s insert only values that the English inserts, and leave out none but a count', (area) => {
    for (const [key, text] of Object.entries(all[language][area])) {
      const stem = key.replace(FORMS, '');
      const english = all.en[area][key] ?? all.en[area][`${stem}_other`] ?? '';
      // "one", "two" may be words of their own.
      const optional = FORMS.test(key) ? ['n'] : [];
      expect({ key, values: inserted(text).filter((value) => !optional.includes(value)) }).toEqual({
        key,
        values: inserted(english).filter((value) => !optional.includes(value)),
      });
    }
  });

  it('are not empty, and in Arabic script where the language is', () => {
    const wanted = language === 'en' ? /\S/ : /\p{Script=Arabic}|^[^\p{L}]*\{\{|^٪$/u;
    const wrong = Object.entries(merged(language)).filter(([, text]) => !wanted.test(text));
    expect(wrong).toEqual([]);
  });

  it('have words for every state, reason, outcome, rule and hold of the contract', () => {
    const texts = merged(language);
    const holds = Object.values(OUTCOME_RULES).flatMap((rule) => ('hold' in rule ? [rule.hold] : []));
    const wanted = [
      ...AGENT_STATES.map((state) => `state.${state}`),
      ...pauseReason.options.map((reason) => `reason.${reason}`),
      ...OUTCOME_CODES.map((code) => `outcome.${code}`),
      ...SYSTEM_OUTCOME_CODES.map((code) => `outcome.${code}`),
      ...WHY_RULES.map((rule) => `why.${rule}`),
      ...holds.map((hold) => `hold.${hold}`),
      ...HISTORY_KINDS.map((kind) => `event.${kind}`),
      ...PACK_FAULTS.map(faultKey),
      ...HISTORY_SUBJECTS.map((subject) => `historySubject.${subject}`),
    ];
    expect(wanted.filter((key) => texts[key] === undefined)).toEqual([]);
  });

  it('have words for every refusal that the server can give a console', () => {
    const texts = merged(language);
    const sources = globSync('server/**/*.ts', { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8'));
    const codes = new Set(
      sources.flatMap((source) => [
        ...Array.from(source.matchAll(/(?:new Refusal|refused|refuse)\(\s*'([a-z_]+)'/g), (match) => match[1] ?? ''),
        ...Array.from(source.matchAll(/code: '([a-z_]+)',\s*field: '/g), (match) => match[1] ?? ''),
      ]),
    );
    expect(codes.size).toBeGreaterThan(30);
    expect([...codes].filter((code) => !NEVER_SHOWN.has(code) && texts[`problem.${code}`] === undefined)).toEqual([]);
  });
});

/** Refusals that stop a program or answer a command line, and so never reach a console. */
const NEVER_SHOWN = new Set(['consoles_not_built', 'bind_needs_tls', 'bind_with_demo']);

describe('a text with a value', () => {
  const texts = createTexts();

  it('stands apart from its value, which a component puts in a bdi', async () => {
    await loadTexts(texts, 'ar', ['shared']);
    expect(sayParts(texts, 'ar', 'account.menu', { name: 'Sara <b>' })).toEqual([
      { text: 'حساب ', inserted: false },
      { text: 'Sara <b>', inserted: true },
    ]);
  });

  it('isolates its value where there is no markup', async () => {
    await loadTexts(texts, 'fa', ['shared']);
    expect(sayPlain(texts, 'fa', 'account.menu', { name: 'Sara' })).toBe('حساب \u2068Sara\u2069');
  });

  it('leaves a value alone where all runs one way', async () => {
    await loadTexts(texts, 'en', ['shared']);
    expect(sayPlain(texts, 'en', 'account.menu', { name: 'Sara' })).toBe('Account of Sara');
    expect(sayPlain(texts, 'en', 'account.menu', { name: 'سارة' })).toBe('Account of \u2068سارة\u2069');
  });

  it.each([
    [0, 'حتى ٠ دقيقة'],
    [1, 'حتى دقيقة'],
    [2, 'حتى دقيقتين'],
    [3, 'حتى ٣ دقائق'],
    [15, 'حتى ١٥ دقيقة'],
    [100, 'حتى ١٠٠ دقيقة'],
  ])('chooses the Arabic form for %i', async (count, words) => {
    await loadTexts(texts, 'ar', ['agent']);
    const n = new Intl.NumberFormat('ar-u-nu-arab').format(count);
    expect(sayPlain(texts, 'ar', 'pause.upTo', { n, count }).replaceAll(/[\u2068\u2069]/g, '')).toBe(words);
  });
});

describe('the components', () => {
  /** Names of keys, signs and the house's own name in its own script are the same in every language. */
  const SAME_EVERYWHERE = new Set(['Ctrl', 'Shift', 'وصول']);
  const SPOKEN_ATTRIBUTES = new Set(['aria-label', 'aria-description', 'title', 'alt', 'placeholder', 'label', 'hint', 'name']);

  interface Node {
    type: string;
    [key: string]: unknown;
  }

  function isNode(value: unknown): value is Node {
    return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
  }

  function* walk(node: Node): Generator<Node> {
    yield node;
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
    }
  }

  const KEYS = new Set(stems(merged('en')));

  function isWords(text: unknown): text is string {
    return typeof text === 'string' && /\p{L}{2}/u.test(text) && !SAME_EVERYWHERE.has(text.trim()) && !KEYS.has(text);
  }

  function bareStrings(path: string): string[] {
    const found: string[] = [];
    for (const node of walk(parseAst(readFileSync(join(ROOT, path), 'utf8'), { lang: 'tsx' }) as unknown as Node)) {
      if (node.type === 'JSXText' && isWords(node['value'])) found.push(node['value'].trim());
      if (node.type === 'JSXExpressionContainer' && isNode(node['expression']) && isWords(node['expression']['value'])) {
        found.push(node['expression']['value']);
      }
      if (node.type !== 'JSXAttribute' || !isNode(node['name']) || !isNode(node['value'])) continue;
      const { name } = node['name'];
      // Form fields have a `name` too, which nobody reads.
      const spoken =
        typeof name === 'string' &&
        SPOKEN_ATTRIBUTES.has(name) &&
        !(name === 'name' && /^[a-z]+$/i.test(String(node['value']['value'])));
      if (spoken && isWords(node['value']['value'])) found.push(String(node['value']['value']));
    }
    return found;
  }

  const files = globSync('agent-ui/src/**/*.tsx', { cwd: ROOT });

  it('are there to be read', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  it.each(files)('%s holds no words of its own', (path) => {
    expect(bareStrings(path)).toEqual([]);
  });
});
