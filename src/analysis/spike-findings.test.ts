import { describe, expect, test } from 'vitest';
import type { ThresholdPlan } from '../model/plan.ts';
import { analyse } from './analyse.ts';
import { limitOn, measure, recordIterations, scenario } from './measurements.cases.ts';

type Stage = [seconds: number, target: number];

function run(
  stages: readonly Stage[],
  msAt: (second: number) => number,
  limits: readonly ThresholdPlan[],
  perSec = 50,
) {
  const seconds = stages.reduce((sum, [one]) => sum + one, 0);
  const executor = {
    ...{ kind: 'ramping-vus' as const, startVUs: stages[0]![1], gracefulRampDownMs: 0 },
    stages: stages.map(([length, target]) => ({ durationMs: length * 1000, target })),
  };
  const measured = measure({
    plan: { scenarios: [scenario('main', executor)], durationMs: seconds * 1000, thresholds: limits },
    seconds,
    record: (meter, second) => recordIterations(meter, perSec, { durationMs: msAt(second) }),
  });
  return { measured, ...analyse(measured) };
}

const spike: Stage[] = [
  [20, 10],
  [1, 100],
  [9, 100],
  [1, 10],
  [30, 10],
];
const within = (seconds: number) => limitOn('spike_recovery_time', 'max', '<', seconds * 1000);

describe('a limit on the time to recovery from a spike', () => {
  const recovering = (second: number) => (second >= 20 && second < 35 ? 900 : 20);
  const never = (second: number) => (second >= 20 ? 900 : 20);

  test.each([
    ['holds where the target recovers in time', recovering, 10, 'pass'],
    ['is broken where it takes longer', recovering, 2, 'fail'],
    ['is broken where it had not recovered after that time', never, 10, 'fail'],
    ['is open where the run ended before that time', never, 60, 'inconclusive'],
  ] as const)('%s', (_, at, seconds, status) => {
    const { verdict, findings } = run(spike, at, [within(seconds)]);
    expect(verdict.status).toBe(status);
    const [finding] = findings.filter(({ kind }) => kind === 'spike');
    expect(finding).toMatchObject({ severity: at === never ? 'warning' : 'info' });
    if (status === 'inconclusive')
      expect(verdict.reasons.join()).toContain('had not recovered from the spike');
  });

  test('is open where there was no spike', () => {
    expect(run([[40, 10]], () => 20, [within(10)]).verdict.status).toBe('inconclusive');
  });
});

describe('a limit on the goodput that is kept', () => {
  const limit = limitOn('goodput_kept', 'value', '>', 0.8);
  const rising: Stage[] = [
    [20, 10],
    [20, 100],
    [10, 100],
  ];

  test('holds where throughput levels off, and is broken where it collapses', () => {
    expect(run(rising, () => 20, [limit]).verdict.status).toBe('pass');
    const measured = measure({
      plan: {
        ...{ durationMs: 50_000, thresholds: [limit] },
        scenarios: [
          scenario('main', {
            ...{ kind: 'ramping-vus', startVUs: 10, gracefulRampDownMs: 0 },
            stages: rising.map(([length, target]) => ({ durationMs: length * 1000, target })),
          }),
        ],
      },
      seconds: 50,
      record: (meter, second) => recordIterations(meter, second < 38 ? 100 : 40),
    });
    const { verdict, findings } = analyse(measured);
    expect(verdict.status).toBe('fail');
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'degradation',
        title: 'At the highest load 40 % of the greatest goodput was left',
      }),
    );
  });

  test('is open where the load does not rise', () => {
    expect(run([[40, 10]], () => 20, [limit]).verdict.status).toBe('inconclusive');
  });
});
