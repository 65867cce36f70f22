/** One stream of chance: the same seed and name give the same numbers on every machine. */
export interface Chance {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  /** Standard normal. */
  normal(): number;
  /** Log-normal by its median and the deviation of its logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Weibull by shape and scale. */
  weibull(shape: number, scale: number): number;
  /** Gamma by shape and mean. */
  gamma(shape: number, mean: number): number;
  /** Beta by mean and standard deviation; a deviation too great for the mean is cut to what it allows. */
  beta(mean: number, deviation: number): number;
  /** From measured quantiles, evenly spaced from the least to the greatest. */
  measured(quantiles: readonly number[]): number;
  /** Poisson count. */
  poisson(mean: number): number;
}

/** A stream of its own for each name, so that one kind of draw does not shift another (sfc32, started by splitmix32). */
export function createChance(seed: number, name: string): Chance {
  let state = seed >>> 0;
  for (let at = 0; at < name.length; at += 1) state = Math.imul(state ^ name.charCodeAt(at), 0x9e3779b1) >>> 0;
  const start = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) | 0;
  };
  let [a, b, c, counter] = [start(), start(), start(), 1];
  let spare: number | null = null;

  function uniform(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  }
  for (let warm = 0; warm < 12; warm += 1) uniform();

  function normal(): number {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Marsaglia and Tsang 2000; below shape 1 by their power rule. */
  function standardGamma(shape: number): number {
    if (shape < 1) return standardGamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const scale = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + scale * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  return {
    uniform,
    between: (from, to) => from + (to - from) * uniform(),
    normal,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    weibull: (shape, scale) => scale * (-Math.log(1 - uniform())) ** (1 / shape),
    gamma: (shape, mean) => (standardGamma(shape) * mean) / shape,
    beta: (mean, deviation) => {
      const centre = Math.min(0.999, Math.max(0.001, mean));
      const weight = Math.max(0.05, (centre * (1 - centre)) / (deviation * deviation) - 1);
      const [x, y] = [standardGamma(centre * weight), standardGamma((1 - centre) * weight)];
      return x + y > 0 ? x / (x + y) : centre;
    },
    measured: (quantiles) => {
      const at = uniform() * (quantiles.length - 1);
      const [low, high] = [quantiles[Math.floor(at)] ?? 0, quantiles[Math.ceil(at)] ?? 0];
      return low + (high - low) * (at - Math.floor(at));
    },
    poisson: (mean) => {
      let count = 0;
      for (let left = Math.exp(-mean), product = uniform(); product > left; product *= uniform()) count += 1;
      return count;
    },
  };
}
