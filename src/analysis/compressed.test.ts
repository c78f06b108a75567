import { describe, expect, test } from 'vitest';
import { analyse } from './analyse.ts';
import { limitOn, measure, type RunCase } from './measurements.cases.ts';
import { classesOf, objectivesOn } from './objectives.cases.ts';
import { verdictAsMeasured } from './verdict.ts';

const held = limitOn('http_req_duration', 'p95', '<', 500);
const broken = limitOn('http_req_duration', 'p95', '<', 50);

function run(plan: RunCase['plan']) {
  const measured = measure({ plan: { ...plan, compressed: 20 } });
  return { ...measured, ...analyse(measured) };
}

describe('a compressed run', () => {
  test('never passes, with limits that hold or without limits', () => {
    for (const thresholds of [[held], []]) {
      const { verdict } = run({ thresholds });
      expect(verdict.status).toBe('inconclusive');
      expect(verdict.reasons[0]).toBe(
        'The run was compressed 20 times to 10s: what holds in it need not hold at full length, so it shows no compliance.',
      );
    }
  });

  test('passes a gate by what was judged in it', () => {
    expect(verdictAsMeasured(run({ thresholds: [held] })).status).toBe('pass');
    expect(verdictAsMeasured(run({ thresholds: [broken] })).status).toBe('fail');
  });

  test('fails by what breaks, and says that it was compressed', () => {
    const { verdict } = run({ thresholds: [broken] });
    expect(verdict.status).toBe('fail');
    expect(verdict.reasons.some((reason) => reason.includes('compressed 20 times'))).toBe(true);
  });

  test('meets no objective, is in no class, and shows no readiness', () => {
    const classes = classesOf('http_req_duration', 95, 100, 200, 300);
    const { compliance } = run(objectivesOn({ fast: { on: [held], classes } }));
    expect(compliance!.objectives[0]).toMatchObject({
      status: 'unjudged',
      reason: 'Not judged, since the run was compressed, and shows nothing of its full length.',
      credit: { low: 0 },
      class: { worst: 'needs-work' },
    });
    expect(compliance!.score.low).toBe(0);
    expect(compliance!.readiness.status).toBe('open');
  });
});
