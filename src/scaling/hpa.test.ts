// Source of the figures: kubernetes/kubernetes, pkg/controller/podautoscaler/replica_calculator_test.go (commit 0006726),
// whose test each row names; of the limits: karmada-io/karmada, which keeps the controller's functions and tests them
// alone (federatedhpa_controller_test.go).

import { describe, expect, test } from 'vitest';
import type { HpaPlan, HpaRules } from '../model/scaling.ts';
import { type HpaPod, type HpaReading, hpaReplicas } from './hpa-replicas.ts';
import { createHpaRun, scaleDownLimit, scaleUpLimit, wantedByAll } from './hpa-run.ts';

/** Pods that requested 1 CPU: `r300` is ready and uses 300 m, `u` is not ready, `m` has no reading. */
function pods(text: string, request: number | undefined = 1000): HpaPod[] {
  return text.split(' ').map((one) => {
    const state = one.startsWith('r') ? 'ready' : one.startsWith('u') ? 'unready' : 'missing';
    return {
      state,
      ...(state === 'ready' && { value: Number(one.slice(1)) }),
      ...(request !== undefined && { request }),
    };
  });
}
const cpu = (text: string, percent: number): HpaReading => ({
  kind: 'utilization',
  pods: pods(text),
  target: percent / 100,
});
/** Custom metrics do not ask whether a pod is ready. */
const qps = (text: string, target: number): HpaReading => ({
  kind: 'average',
  pods: pods(text, undefined),
  target,
});
const object = (value: number, target: number, readyPods: number): HpaReading => ({
  kind: 'total',
  ...{ value, target, readyPods },
});
const perPod = (value: number, target: number): HpaReading => ({ kind: 'total per pod', value, target });

test.each<[name: string, current: number, reading: HpaReading, expected: number | undefined]>([
  ['ScaleUp', 3, cpu('r300 r500 r700', 30), 5],
  ['ScaleUpUnreadyLessScale', 3, cpu('u r500 r700', 30), 4],
  ['ScaleUpUnreadyNoScale', 3, cpu('r400 u u', 30), 3],
  ['ScaleUpIgnoresFailedPods', 2, cpu('r500 r700', 30), 4],
  ['ScaleUpCM', 3, qps('r20 r10 r30', 15), 4],
  ['ScaleUpCMUnreadyHotCpuNoLessScale', 3, qps('r50 r10 r30', 15), 6],
  ['ScaleUpCMUnreadyHotCpuScaleWouldScaleDown', 3, qps('r50 r15 r30', 15), 7],
  ['ScaleUpCMObject', 3, object(20, 15, 3), 4],
  ['ScaleUpCMPerPodObject', 3, perPod(20, 5), 4],
  ['ScaleUpCMObjectIgnoresUnreadyPods', 3, object(50, 10, 1), 5],
  ['ScaleUpCMExternal', 1, qps('r8.6', 4.4), 2],
  ['ScaleUpCMExternalIgnoresUnreadyPods', 3, object(8.6, 4.4, 1), 2],
  ['ScaleUpPerPodCMExternal', 3, perPod(8.6, 2.15), 4],
  ['ScaleDown', 5, cpu('r100 r300 r500 r250 r250', 50), 3],
  ['ScaleDownCM', 5, qps('r12 r12 r12 r12 r12', 20), 3],
  ['ScaleDownPerPodCMObject', 5, perPod(6, 2), 3],
  ['ScaleDownCMObject', 5, object(12, 20, 5), 3],
  ['ScaleDownCMExternal', 5, object(8.6, 14.334, 5), 3],
  ['ScaleDownPerPodCMExternal', 5, perPod(8.6, 2.867), 3],
  ['ScaleDownIncludeUnreadyPods', 5, cpu('r100 r300 r500 u u', 50), 2],
  ['ScaleDownExcludeUnscheduledPods', 5, cpu('r100 u u u u', 50), 1],
  ['Tolerance', 3, cpu('r1010 r1030 r1020', 100), 3],
  ['ToleranceCM', 3, qps('r20 r21 r21', 20), 3],
  ['ToleranceCMObject', 3, object(20.666, 20, 3), 3],
  ['TolerancePerPodCMObject', 4, perPod(20.166, 5), 4],
  ['ToleranceCMExternal', 3, object(8.6, 8.888, 3), 3],
  ['TolerancePerPodCMExternal', 3, perPod(8.6, 2.9), 3],
  ['SuperfluousMetrics', 4, cpu('r4000 r9500 r3000 r7000', 100), 24],
  ['MissingMetrics', 4, cpu('r400 r95 m m', 100), 3],
  ['EmptyMetrics', 4, cpu('m m m', 100), undefined],
  ['MissingMetricsNoChangeEq', 2, cpu('r1000 m', 100), 2],
  ['MissingMetricsNoChangeGt', 2, cpu('r1900 m', 100), 2],
  ['MissingMetricsNoChangeLt', 2, cpu('r600 m', 100), 2],
  ['MissingMetricsUnreadyChange', 3, cpu('u r450 m', 50), 3],
  ['MissingMetricsUnreadyScaleUp', 3, cpu('u r2000 m', 50), 4],
  ['MissingMetricsUnreadyScaleDown', 4, cpu('u r100 r100 m', 50), 3],
  ['DuringRollingUpdateWithMaxSurge', 2, cpu('r100 r100 m', 50), 2],
  // ComputedToleranceAlgImplementation: half of the request is used; targets of 56 % and 55 %.
  ['ComputedTolerance, beyond', 10, cpu(new Array(10).fill('r500').join(' '), 56), 9],
  ['ComputedTolerance, within', 10, cpu(new Array(10).fill('r500').join(' '), 55), 10],
])('replicas: %s', (_name, current, reading, expected) => {
  expect(hpaReplicas(reading, current, 0.1)).toBe(expected);
});

const rules = (
  policies: readonly (readonly ['Pods' | 'Percent', number, number?])[],
  more: Partial<HpaRules> = {},
): HpaRules => ({
  stabilizationMs: 0,
  selectPolicy: 'Max',
  policies: policies.map(([type, value, seconds = 60]) => ({ type, value, periodMs: 1000 * seconds })),
  ...more,
});

describe('limits of policies', () => {
  const now = 600_000;
  const ago = (seconds: number, change: number) => ({ atMs: now - 1000 * seconds, change });

  test.each([
    ['no events', 5, [], rules([['Pods', 4]]), 9],
    ['an event before', 5, [ago(30, 2)], rules([['Pods', 4]]), 7],
    ['disabled', 5, [], rules([['Pods', 4]], { selectPolicy: 'Disabled' }), 5],
    [
      'the least change',
      5,
      [],
      rules(
        [
          ['Pods', 4],
          ['Pods', 2],
        ],
        { selectPolicy: 'Min' },
      ),
      7,
    ],
    ['percent', 10, [], rules([['Percent', 50]]), 15],
    ['an event beyond the period', 5, [ago(60, 2)], rules([['Pods', 4]]), 9],
  ] as const)('up: %s', (_name, current, ups, one, expected) => {
    expect(scaleUpLimit(current, ups, [], one, now)).toBe(expected);
  });

  test.each([
    ['no events', 10, [], rules([['Percent', 20]]), 8],
    ['an event before', 10, [ago(30, 1)], rules([['Percent', 20]]), 8],
    [
      'several policies',
      100,
      [],
      rules([
        ['Percent', 10],
        ['Pods', 5],
      ]),
      90,
    ],
    ['disabled', 10, [], rules([['Percent', 20]], { selectPolicy: 'Disabled' }), 10],
    [
      'the least change',
      100,
      [],
      rules(
        [
          ['Percent', 10],
          ['Pods', 15],
        ],
        { selectPolicy: 'Min' },
      ),
      90,
    ],
  ] as const)('down: %s', (_name, current, downs, one, expected) => {
    expect(scaleDownLimit(current, [], downs, one, now)).toBe(expected);
  });
});

const plan = (more: Partial<HpaPlan> = {}): HpaPlan => ({
  targets: [],
  minReplicas: 1,
  maxReplicas: 100,
  tolerance: 0.1,
  scaleUp: rules([
    ['Pods', 4, 15],
    ['Percent', 100, 15],
  ]),
  scaleDown: rules([['Percent', 100, 15]], { stabilizationMs: 300_000 }),
  ...more,
});
/** A metric that wants so many replicas, whatever there are. */
const wants = (replicas: number): HpaReading => perPod(replicas, 1);

describe('the course of an HPA', () => {
  test('of several metrics the largest counts, and one that cannot be read keeps it from going down', () => {
    expect(wantedByAll([wants(3), wants(7)], 5, 0.1)).toBe(7);
    expect(wantedByAll([wants(3), undefined], 5, 0.1)).toBe(5);
    expect(wantedByAll([wants(9), undefined], 5, 0.1)).toBe(9);
    expect(wantedByAll([undefined], 5, 0.1)).toBe(5);
  });

  // The concept page: "10 % a minute" of 80 pods takes 8, then 7.2, which becomes 8, and so on.
  test('percentages are rounded in favour of the change', () => {
    const run = createHpaRun(plan({ scaleDown: rules([['Percent', 10, 60]]) }));
    let replicas = 80;
    const course: number[] = [];
    for (let minute = 0; minute < 4; minute++) {
      replicas = run.step(minute * 60_000, replicas, [wants(10)]).replicas;
      course.push(replicas);
    }
    expect(course).toEqual([72, 64, 57, 51]);
  });

  test('by default it doubles, or adds four, in 15 seconds', () => {
    const run = createHpaRun(plan());
    const course = [1];
    for (const k of [1, 2, 3, 4]) {
      course.push(run.step(k * 15_000, course.at(-1)!, [wants(1000)]).replicas);
    }
    expect(course).toEqual([1, 5, 10, 20, 40]);
  });

  test('it goes down to the highest that was wanted in the last five minutes', () => {
    const run = createHpaRun(plan());
    const at = (seconds: number, current: number, wanted: number) =>
      run.step(1000 * seconds, current, [wants(wanted)]).replicas;
    expect(at(0, 10, 10)).toBe(10);
    expect(at(15, 10, 6)).toBe(10);
    expect(at(150, 10, 4)).toBe(10);
    // What was wanted at 0 s is 300 s old now, and counts no more.
    expect(at(300, 10, 4)).toBe(6);
    expect(at(315, 6, 4)).toBe(4);
  });

  test('it goes up to the lowest that was wanted in the window for that', () => {
    const run = createHpaRun(plan({ scaleUp: rules([['Pods', 100, 15]], { stabilizationMs: 60_000 }) }));
    const at = (seconds: number, wanted: number) => run.step(1000 * seconds, 2, [wants(wanted)]).replicas;
    expect(at(0, 2)).toBe(2);
    expect(at(15, 8)).toBe(2);
    expect(at(45, 6)).toBe(2);
    expect(at(60, 9)).toBe(6);
  });

  test('bounds hold at once', () => {
    const run = createHpaRun(plan({ minReplicas: 3, maxReplicas: 10 }));
    expect(run.step(0, 2, [undefined]).replicas).toBe(3);
    expect(run.step(15_000, 12, [wants(12)]).replicas).toBe(10);
    expect(run.step(30_000, 8, [wants(15)]).replicas).toBe(10);
    expect(run.step(345_000, 5, [wants(2)]).replicas).toBe(3);
  });
});
