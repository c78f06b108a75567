// What the language model answers, and when: words taken from the prompt, and moments drawn from a seed. Called by the
// model's server.

import { createRandom } from '../../../src/stats/random.ts';

/** Tokens of an answer, from 60 to 140 of them. */
const [fewestTokens, tokenSpread] = [60, 81];
const connectives = ['inoltre', 'pertanto', 'in particolare', 'tuttavia', 'di conseguenza', 'in sintesi'];

/** The share of a token's interval by which it comes earlier or later. */
const jitter = 0.3;

/**
 * Pieces of an answer to the prompt, one per token: its sentences in another order. The same prompt has the same answer.
 * `mostTokens` cuts it off.
 */
export function wordAnswer(prompt: string, seed: number, mostTokens: number | undefined): string[] {
  const random = createRandom(seed, 'answer', prompt);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  const sentences = prompt.match(/[^.!?\n]+[.!?]?/g)?.map((one) => one.trim()) ?? [];
  const usable = sentences.filter((one) => one.split(' ').length > 4);
  const count = Math.min(
    mostTokens ?? Number.POSITIVE_INFINITY,
    fewestTokens + Math.floor(random() * tokenSpread),
  );
  const words: string[] = [];
  while (words.length < count) {
    const sentence = usable.length === 0 ? 'Non risultano fonti sul quesito.' : pick(usable);
    words.push(...`${pick(connectives)}, ${sentence}`.split(' '));
  }
  return words.slice(0, count).map((word, i) => (i === 0 ? word : ` ${word}`));
}

/**
 * The moments of `count` tokens in ms after the request, ascending. The first is log-normal around `latencyMs`, kept
 * between half and three times of it, as measured times to first token are skewed to the right; the others follow at
 * `tokensPerSec`, each up to 30 % earlier or later.
 */
export function timeAnswer(
  count: number,
  { latencyMs, tokensPerSec }: { readonly latencyMs: number; readonly tokensPerSec: number },
  random: () => number,
): number[] {
  const spread = Math.exp(0.5 * standardNormal(random));
  const firstMs = latencyMs * Math.min(3, Math.max(0.5, spread));
  const everyMs = 1000 / tokensPerSec;
  return Array.from({ length: count }, (_, k) =>
    k === 0 ? firstMs : firstMs + everyMs * (k + jitter * (2 * random() - 1)),
  );
}

/** **Source:** G. E. P. Box and M. E. Muller, Annals of Mathematical Statistics 29 (1958) 610. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
