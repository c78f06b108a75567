import { expect, test } from 'vitest';
import { openRowSources } from '../feeders/row-sources.ts';
import type { FeederDefinition, FeederPlan } from '../model/feeder.ts';
import { createRandom } from '../stats/random.ts';
import { DataEndedError, type RowHolder, WorkerFeeders } from './worker-feeders.ts';

function feedersOf(definitions: Readonly<Record<string, FeederDefinition>>, seed = 1) {
  const plans = Object.entries(definitions).map(([name, definition]): FeederPlan => {
    const { policy = 'circular', per = 'call', atEnd = 'wrap', rows, count } = definition;
    const common = { name, policy, per, atEnd, columns: [], masked: [] };
    return { ...common, source: 'rows', rows: rows?.length ?? count ?? null };
  });
  const asked: string[] = [];
  const feeders = new WorkerFeeders({
    plans,
    sources: openRowSources(plans, definitions, [], seed),
    ask: (feeder, count) => asked.push(`${feeder} ${count}`),
    now: () => 1234,
  });
  return { feeders, asked };
}

function holderOf(vu: number): RowHolder {
  return { random: createRandom(1, vu), rowsOfUser: null, placesOfUser: null };
}

async function take(
  feeders: WorkerFeeders,
  name: string,
  holder: RowHolder,
  count: number,
): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (let i = 0; i < count; i++) taken.push((await feeders.take(name, holder)).id);
  return taken;
}

const abc: FeederDefinition['rows'] = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

test('sequential: each user goes through all rows by itself, again and again', async () => {
  const { feeders, asked } = feedersOf({ steps: { rows: abc, policy: 'sequential' } });
  const [one, two] = [holderOf(1), holderOf(2)];
  expect(await take(feeders, 'steps', one, 4)).toEqual(['a', 'b', 'c', 'a']);
  expect(await take(feeders, 'steps', two, 2)).toEqual(['a', 'b']);
  expect(await take(feeders, 'steps', one, 3)).toEqual(['b', 'c', 'a']);
  expect(asked).toEqual([]);
  expect(feeders.uses()).toMatchObject([{ given: 9, wraps: 2, refused: 0, endedAtMs: null }]);
});

test('sequential with an end: a user that has had all rows is refused, another is not', async () => {
  const { feeders } = feedersOf({ steps: { rows: abc, policy: 'sequential', atEnd: 'stop-user' } });
  const one = holderOf(1);
  await take(feeders, 'steps', one, 3);
  await expect(feeders.take('steps', one)).rejects.toBeInstanceOf(DataEndedError);
  expect(await take(feeders, 'steps', holderOf(2), 1)).toEqual(['a']);
  expect(feeders.uses()).toMatchObject([{ given: 4, refused: 1, endedAtMs: 1234 }]);
});

test('random: every row comes, each user has its own course, the same for the same seed', async () => {
  const { feeders } = feedersOf({ items: { rows: abc, policy: 'random' } });
  const first = await take(feeders, 'items', holderOf(1), 60);
  expect(new Set(first)).toEqual(new Set(['a', 'b', 'c']));
  expect(await take(feeders, 'items', holderOf(1), 60)).toEqual(first);
  expect(await take(feeders, 'items', holderOf(2), 60)).not.toEqual(first);
});

test('circular and unique: numbers come from the coordinator, which is asked in time', async () => {
  const { feeders, asked } = feedersOf({
    c: { rows: abc },
    u: { rows: abc, policy: 'unique', atEnd: 'fail' },
  });
  feeders.fill();
  expect(asked).toEqual(['c 16', 'u 16']);
  feeders.receive('c', [{ from: 1, to: 6 }], false);
  expect(await take(feeders, 'c', holderOf(1), 5)).toEqual(['b', 'c', 'a', 'b', 'c']);
  const waits = take(feeders, 'u', holderOf(1), 2);
  feeders.receive('u', [{ from: 2, to: 3 }], false);
  feeders.receive('u', [{ from: 0, to: 1 }], false);
  expect(await waits).toEqual(['c', 'a']);
  expect(feeders.giveBack('u')).toEqual([]);
  const refused = feeders.take('u', holderOf(2));
  feeders.receive('u', [], true);
  await expect(refused).rejects.toThrow('data.u: no row is left');
});

test('generated rows: the same for the same seed in whatever order, numbers padded, ranges kept', async () => {
  const generate: FeederDefinition['generate'] = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of a suite
    id: 'IT${row:00000}-${row}',
    euro: { between: [0.5, 1.5], decimals: 2 },
    dice: { between: [1, 6] },
    region: { oneOf: ['Lazio', 'Veneto'] },
    fixed: true,
  };
  const sources = openRowSources([{ name: 'g' } as FeederPlan], { g: { generate, count: 500 } }, [], 7);
  const g = sources.get('g')!;
  const rows = Array.from({ length: 500 }, (_, i) => g.read(i));
  expect(rows[41]).toMatchObject({ id: 'IT00042-42', fixed: true });
  expect(g.read(123)).toEqual(rows[123]);
  expect(new Set(rows.map(({ dice }) => dice as number))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  const euros = rows.map(({ euro }) => euro as number);
  expect(euros.every((euro) => euro >= 0.5 && euro <= 1.5 && euro === Math.round(euro * 100) / 100)).toBe(
    true,
  );
  expect(new Set(rows.map(({ region }) => region as string)).size).toBe(2);
  const other = openRowSources([{ name: 'g' } as FeederPlan], { g: { generate, count: 500 } }, [], 8);
  expect(other.get('g')!.read(0)).not.toEqual(rows[0]);
});

test('a name that no feeder has is told with the nearest one', async () => {
  const { feeders } = feedersOf({ customers: { rows: abc } });
  await expect(feeders.take('customer', holderOf(1))).rejects.toThrow(
    'row("customer"): the suite has no such data; did you mean "customers"? (there are customers)',
  );
});

test('setup gets every row of a feeder with an end, and none of them counts', () => {
  const { feeders } = feedersOf({
    u: { rows: abc, policy: 'unique' },
    endless: { generate: () => ({ id: 1 }) },
  });
  expect([...feeders.rows('u')]).toEqual(abc);
  expect(() => [...feeders.rows('endless')]).toThrow('has no end');
  expect(feeders.uses()[0]).toMatchObject({ given: 0 });
});
