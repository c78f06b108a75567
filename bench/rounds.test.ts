import { expect, test } from 'vitest';
import { inRounds, median, rangeOf, ratioOf } from './rounds.ts';

const silent = (): void => {};

function contender(name: string, values: readonly number[], isPeer = true) {
  const left = [...values];
  return {
    name,
    note: '',
    isPeer,
    measure: async () => {
      const value = left.shift();
      if (value === undefined) throw new Error('nothing left');
      return value;
    },
  };
}

test('the median of an even number of values is the mean of the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(() => median([])).toThrow();
});

test('a ratio is the median of same-round ratios, not the ratio of medians', async () => {
  // The machine was twice as fast in the second round, and three times in the third.
  const rows = await inRounds([contender('own', [8, 16, 18]), contender('peer', [10, 20, 30])], 3, silent);
  expect(ratioOf(rows[0]!, rows[1], (value) => value)).toBe(0.8);
  expect(ratioOf(rows[0]!, undefined, (value) => value)).toBeUndefined();
  expect(rangeOf(rows[1]!, (value) => value)).toEqual([10, 30]);
});

test('contenders take turns within each round', async () => {
  const said: string[] = [];
  await inRounds([contender('a', [1, 1]), contender('b', [1, 1])], 2, (line) => said.push(line));
  expect(said).toEqual(['round 1 of 2: a', 'round 1 of 2: b', 'round 2 of 2: a', 'round 2 of 2: b']);
});

test('a peer that fails is named and left out, with what it had measured before', async () => {
  const said: string[] = [];
  const rows = await inRounds([contender('own', [1, 2], false), contender('peer', [1])], 2, (line) =>
    said.push(line),
  );
  expect(rows.map(({ name, rounds }) => [name, rounds])).toEqual([['own', [1, 2]]]);
  expect(said).toContain('peer is left out: nothing left');
});

test('a failure of what is measured ends the bench', async () => {
  await expect(inRounds([contender('own', [], false)], 1, silent)).rejects.toThrow('nothing left');
});
