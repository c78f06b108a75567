import { expect, test } from 'vitest';
import { IterationStore } from './iteration-store.ts';

const takeAll = (store: IterationStore): number[] => {
  const taken: number[] = [];
  while (store.leftCount > 0) taken.push(store.take());
  return taken;
};

test('gives each number of its part once, ascending', () => {
  expect(takeAll(new IterationStore(10, 14))).toEqual([10, 11, 12, 13]);
  expect(takeAll(new IterationStore(3, 3))).toEqual([]);
});

test('goes on with what was running when the last progress was told, then with what was not taken', () => {
  const lost = new IterationStore(0, 6);
  const taken = [lost.take(), lost.take(), lost.take()];
  const replaced = new IterationStore(0, 6, lost.progress([taken[0]!, taken[2]!]));
  expect(replaced.leftCount).toBe(5);
  expect(takeAll(replaced)).toEqual([0, 2, 3, 4, 5]);
});

test('keeps what a first replacement had not done yet for the second', () => {
  const first = new IterationStore(0, 5, { kind: 'store', next: 4, open: [1, 3] });
  const running = first.take();
  const second = new IterationStore(0, 5, first.progress([running]));
  expect(takeAll(second).sort()).toEqual([1, 3, 4]);
});

test('has nothing left for anybody once it is closed', () => {
  const store = new IterationStore(0, 5, { kind: 'store', next: 2, open: [1] });
  store.close();
  expect(store.leftCount).toBe(0);
  expect(new IterationStore(0, 5, store.progress([])).leftCount).toBe(0);
});
