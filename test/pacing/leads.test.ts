import { describe, expect, test } from 'vitest';
import { learnLead, leadOdds, nextLeadOdds, tellLead, unknownLeads } from '../../server/pacing/leads.ts';
import { createChance } from '../../server/pacing/simulator/random.ts';

/** Tells leads of 10 % on average, of whom 10 % answer: as told, where `true`, else whoever. */
function toldLeads(count: number, isTrue: boolean) {
  const chance = createChance(1, 'leads');
  const worth = unknownLeads();
  for (let each = 0; each < count; each += 1) {
    const told = chance.beta(0.1, 0.08);
    const logOdds = tellLead(worth, told);
    learnLead(worth, logOdds, 0.1, chance.uniform() < (isTrue ? told : 0.1));
  }
  return worth;
}

describe('told chances of leads', () => {
  test('are worth more when they prove true, and nothing when they do not', () => {
    expect(toldLeads(8_000, true).slope).toBeGreaterThan(0.8);
    expect(toldLeads(8_000, false).slope).toBeLessThan(0.1);
  });

  test('tell nothing when all are alike, whatever they say', () => {
    const worth = unknownLeads();
    for (let each = 0; each < 100; each += 1) expect(tellLead(worth, 0.7)).toBeCloseTo(0, 12);
    expect(nextLeadOdds(worth, 0.7)).toBeCloseTo(1, 12);
  });

  test('that are no chances are passed over', () => {
    const worth = unknownLeads();
    for (const told of [undefined, Number.NaN, -1, 0, 1, 2]) expect(tellLead(worth, told)).toBe(0);
    expect(worth).toEqual(unknownLeads());
    expect(leadOdds(worth, 0)).toBe(1);
    expect(nextLeadOdds(worth, 0.5)).toBe(1);
  });

  test('make a likelier lead likelier', () => {
    const worth = toldLeads(500, true);
    expect(nextLeadOdds(worth, 0.3)).toBeGreaterThan(nextLeadOdds(worth, 0.1));
  });
});
