/** The list of leads: each with a chance to answer, which the policy may be told with noise. */
import type { Chance } from './random.ts';

/** How far leads differ from each other, and how wrong what is told of them may be (deviation of its log-odds). */
const LEADS = { deviation: 0.15, noise: 0.5, ahead: 64 } as const;

interface Lead {
  truth: number;
  told?: number;
}

/** Leads one after another, each drawn from a Beta around the floor's chance of the moment; alike when nothing is told. */
export function createLeads(chance: Chance, told: boolean) {
  const queue: Required<Lead>[] = [];
  let probabilities = new Float64Array(LEADS.ahead);

  function draw(mean: number): Required<Lead> {
    const truth = Math.min(0.999, Math.max(0.001, chance.beta(mean, LEADS.deviation)));
    const odds = Math.log(truth / (1 - truth)) + LEADS.noise * chance.normal();
    return { truth, told: 1 / (1 + Math.exp(-odds)) };
  }

  return {
    next(mean: number): Lead {
      return told ? (queue.shift() ?? draw(mean)) : { truth: mean };
    },
    /** What the policy may see of the leads to come. */
    ahead(mean: number): { nextLeadP?: Float64Array } {
      if (!told) return {};
      if (queue.length < LEADS.ahead) {
        while (queue.length < LEADS.ahead) queue.push(draw(mean));
        probabilities = Float64Array.from(queue, (lead) => lead.told);
      }
      return { nextLeadP: probabilities };
    },
  };
}
