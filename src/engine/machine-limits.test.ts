import { expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { limitWarnings, readMachineLimits } from './machine-limits.ts';

const vus = (count: number): ExecutorPlan => ({
  kind: 'constant-vus',
  vus: count,
  rampUpMs: 0,
  durationMs: 1000,
});

function planOf(workers: number, ...scenarios: Pick<ScenarioPlan, 'executor' | 'startAtMs'>[]): Plan {
  return {
    workers,
    http: { timeoutMs: 1, maxRedirects: 0, headers: {}, connectionsPerHost: 6 },
    scenarios: scenarios.map((one) => ({ ...one, gracefulStopMs: 0 })),
  } as unknown as Plan;
}

test('a plan within the limits warns of nothing, nor one on a machine that does not tell', () => {
  const plan = planOf(2, { executor: vus(200), startAtMs: 0 });
  expect(limitWarnings(plan, { openFiles: 1024, localPorts: 28_000 })).toEqual([]);
  expect(limitWarnings(plan, {})).toEqual([]);
});

test('the users of a worker against its descriptors, with figures and a remedy', () => {
  const [warning, ...others] = limitWarnings(planOf(2, { executor: vus(3000), startAtMs: 0 }), {
    openFiles: 1024,
  });
  expect(others).toEqual([]);
  expect(warning).toMatch(/1,500 virtual users per worker .*at most 6 each per host.* may open 1,024 files/);
  expect(warning).toMatch(/"ulimit -n 3040", or use more --workers/);
});

test('all users against the local ports', () => {
  const [warning] = limitWarnings(planOf(2, { executor: vus(30_000), startAtMs: 0 }), { localPorts: 28_232 });
  expect(warning).toMatch(/30,000 virtual users .* 28,232 ports per local address, of which the plan has 1/);
});

test('scenarios one after the other do not add up, those side by side do', () => {
  const after = planOf(1, { executor: vus(80), startAtMs: 0 }, { executor: vus(80), startAtMs: 1000 });
  expect(limitWarnings(after, { openFiles: 128 })).toEqual([]);
  const beside = planOf(1, { executor: vus(80), startAtMs: 0 }, { executor: vus(80), startAtMs: 500 });
  expect(limitWarnings(beside, { openFiles: 128 })).toHaveLength(1);
});

test('Linux tells both limits, other systems none that are wrong', async () => {
  const { openFiles, localPorts } = await readMachineLimits();
  if (process.platform === 'linux') expect([openFiles, localPorts]).not.toContain(undefined);
  for (const limit of [openFiles, localPorts]) if (limit !== undefined) expect(limit).toBeGreaterThan(0);
});
