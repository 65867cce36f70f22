/** What rules ask of people: what to say, which words never to use, which holds there are, which warnings may be overridden. */
import { HOLD_KINDS, type Guidance, type HoldKind } from '../contract/guidance.ts';
import type { AppliedHold, AppliedRules } from './applied.ts';
import { OWN_RULE } from './holds.ts';
import { unverifiedReasons } from './unverified.ts';
import type { RuleOrigin } from './windows.ts';

const kept = new WeakMap<AppliedRules, Guidance>();

/** The guidance of rules that bind together; put together once, since everybody of a place has the same. */
export function guidanceOf(rules: AppliedRules): Guidance {
  let guidance = kept.get(rules);
  if (guidance === undefined) {
    guidance = {
      disclosures: rules.disclosures.map(({ when, text, origin }) => ({ when, text, ...known(origin) })),
      forbiddenWords: rules.forbiddenWords.map(({ words, origin }) => ({ words: [...words], ...known(origin) })),
      holds: holdKinds(rules),
      warnings: warnings(rules),
      unverified: unverifiedReasons([rules]),
    };
    kept.set(rules, guidance);
  }
  return guidance;
}

/** The general kinds, then those that only the packs name; of several rules about one kind the one that stops most. */
function holdKinds({ holds }: AppliedRules): HoldKind[] {
  return [...new Set([...HOLD_KINDS, ...holds.keys()])].map((kind) => {
    const rules = holds.get(kind) ?? [];
    const most = rules.find((rule) => rule.blocks === 'all') ?? rules[0];
    return most === undefined ? ownKind(kind) : { kind, ...saidOf(most) };
  });
}

function ownKind(kind: string): HoldKind {
  return { kind, blocks: 'all', ...known(OWN_RULE), pack: null, until: null, note: null };
}

function saidOf({ blocks, until, note, origin }: AppliedHold): Omit<HoldKind, 'kind'> {
  return { blocks, until, note, ...known(origin) };
}

function warnings({ caps, cooloffs }: AppliedRules): Guidance['warnings'] {
  const warns = [...caps, ...cooloffs].filter(({ rule }) => rule.severity === 'warn');
  return warns.map(({ rule, origin }) => ({ rule: rule.id, ...known(origin) }));
}

function known({ pack, version, evidence, source }: RuleOrigin): Pick<HoldKind, 'pack' | 'version' | 'evidence' | 'source'> {
  return { pack, version, evidence, source };
}
