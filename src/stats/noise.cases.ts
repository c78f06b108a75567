// Makes series of known noise, for the tests of what is found in series over time.

import { createRandom } from './random.ts';

/** `white` and `heavy` (t with 3 degrees of freedom) have variance 1, `ar` autocorrelation 0.3 and 0.7 and variance 1. */
export const noiseKinds = ['white', 'heavy', 'ar 0.3', 'ar 0.7', 'counts', 'rounded', 'rare'] as const;
export type NoiseKind = (typeof noiseKinds)[number];

export function timesOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i * 1000);
}

export function noise(kind: NoiseKind, count: number, seed: number): number[] {
  const random = createRandom(seed, kind, count);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const make = (next: () => number): number[] => Array.from({ length: count }, next);
  function autoregressive(coefficient: number): number[] {
    let value = normal();
    return make(() => {
      value = coefficient * value + Math.sqrt(1 - coefficient ** 2) * normal();
      return value;
    });
  }
  switch (kind) {
    case 'white':
      return make(normal);
    case 'heavy':
      return make(() => normal() / Math.sqrt(normal() ** 2 + normal() ** 2 + normal() ** 2));
    case 'ar 0.3':
      return autoregressive(0.3);
    case 'ar 0.7':
      return autoregressive(0.7);
    case 'counts':
      // Poisson with mean 2, by its inverse.
      return make(() => {
        let [k, product] = [0, random()];
        for (; product > Math.exp(-2); k++) product *= random();
        return k;
      });
    case 'rounded':
      return autoregressive(0.3).map((value) => Math.round(value));
    case 'rare':
      return make(() => (random() < 0.1 ? 5 : 4));
  }
}
