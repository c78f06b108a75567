import { describe, expect, test } from 'vitest';
import type { ScenarioPlan } from '../model/plan.ts';
import { partOfSample, scenarioSpan } from './scenario-times.ts';

function scenario(name: string, startAtMs: number, durationMs: number): ScenarioPlan {
  const executor = { kind: 'constant-vus', vus: 1, rampUpMs: 0, durationMs } as const;
  return { name, startAtMs, executor, gracefulStopMs: 0, iterationTimeoutMs: 0, users: [], tags: {} };
}

describe('scenarioSpan', () => {
  test('steps follow one another, and the last goes on until the run ends', () => {
    const scenarios = [scenario('one', 0, 10_000), scenario('two', 12_000, 10_000)];
    expect(scenarioSpan({ scenarios }, 'one')).toEqual({ fromMs: 0, untilMs: 12_000 });
    expect(scenarioSpan({ scenarios }, 'two')).toEqual({ fromMs: 12_000, untilMs: Infinity });
    expect(scenarioSpan({ scenarios }, 'three')).toBeUndefined();
  });

  test('one that ends while another goes on ends with its plan', () => {
    const scenarios = [scenario('short', 0, 10_000), scenario('long', 0, 60_000)];
    expect(scenarioSpan({ scenarios }, 'short')).toEqual({ fromMs: 0, untilMs: 10_000 });
    expect(scenarioSpan({ scenarios }, 'long')).toEqual({ fromMs: 0, untilMs: Infinity });
  });

  test('the warm-up of a step of an adaptive search is no part of it', () => {
    const adaptive = { from: 1, to: 2, precision: 0.1, warmUpMs: 3000 };
    const search = { unit: 'users', steps: [], adaptive } as const;
    const scenarios = [scenario('one', 20_000, 10_000)];
    expect(scenarioSpan({ scenarios, search }, 'one')).toEqual({ fromMs: 23_000, untilMs: Infinity });
  });
});

test('partOfSample takes gauges by their moment, and gains by the time in which they were made', () => {
  const sample = {
    monitor: 'db',
    atMs: 11_000,
    values: { size: 1 },
    gains: { early: { by: 5, overMs: 5000 }, late: { by: 2, overMs: 1000 } },
  };
  expect(partOfSample(sample, { fromMs: 0, untilMs: 10_000 })).toMatchObject({
    values: {},
    gains: { early: { by: 5 } },
  });
  expect(partOfSample(sample, { fromMs: 10_000, untilMs: 20_000 })).toMatchObject({
    values: { size: 1 },
    gains: { late: { by: 2 } },
  });
});
