import {
  FIGURE_TESTS,
  SEGMENT_FIELDS,
  segment,
  TEXT_TESTS,
  type Segment,
  type SegmentField,
} from '../../../server/contract/segments.ts';

export type Match = Segment['match'];
export type Test = (typeof TEXT_TESTS)[number] | (typeof FIGURE_TESTS)[number];

/** A condition while it is written; `key` is its identity on the page. */
export interface ConditionDraft {
  key: number;
  field: SegmentField;
  test: Test;
  value: string;
}

export interface GroupDraft {
  key: number;
  match: Match;
  conditions: readonly ConditionDraft[];
}

export interface SegmentDraft {
  match: Match;
  groups: readonly GroupDraft[];
}

let lastKey = 0;

/** A condition to begin with. */
export function newCondition(): ConditionDraft {
  lastKey += 1;
  return { key: lastKey, field: 'balance', test: 'at_least', value: '' };
}

/** A group to begin with. */
export function newGroup(): GroupDraft {
  lastKey += 1;
  return { key: lastKey, match: 'all', conditions: [newCondition()] };
}

/** A segment as the editor begins with it. */
export function draftOfSegment({ match, groups }: Segment): SegmentDraft {
  return {
    match,
    groups: groups.map((group) => ({
      key: (lastKey += 1),
      match: group.match,
      conditions: group.conditions.map((condition) => ({ key: (lastKey += 1), ...condition })),
    })),
  };
}

/** The tests that a field can be put to. */
export function testsOf(field: SegmentField): readonly Test[] {
  return SEGMENT_FIELDS[field] === 'figure' ? FIGURE_TESTS : TEXT_TESTS;
}

/** A condition on another field, with a test that fits it. */
export function onField(condition: ConditionDraft, field: SegmentField): ConditionDraft {
  const [first] = testsOf(field);
  return { ...condition, field, test: testsOf(field).includes(condition.test) ? condition.test : (first ?? 'is') };
}

/** The segment as it is asked, or null while a condition is not whole. */
export function segmentOf({ match, groups }: SegmentDraft): Segment | null {
  const plain = groups.map((group) => ({
    match: group.match,
    conditions: group.conditions.map(({ field, test, value }) => ({ field, test, value })),
  }));
  const read = segment.safeParse({ match, groups: plain });
  return read.success ? read.data : null;
}
