import { describe, expect, test } from 'vitest';
import { analyse } from '../../analysis/analyse.ts';
import { assess, level, limit, plain, rise } from '../../analysis/capacity-plan/capacity-runs.cases.ts';
import { limitOn, recordIterations } from '../../analysis/measurements.cases.ts';
import { findScalability } from '../../analysis/scalability.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { uslThroughput } from '../../stats/usl.ts';
import { renderScalability } from '../text/analysis.ts';
import { plainPalette } from '../text/palette.ts';
import { capacitySection } from './capacity-plan.ts';
import { carriedByInstances } from './scalability.ts';

describe('the sections on capacity and scalability', () => {
  test('recommends less than broke a limit, in the curve’s section too', () => {
    const measured = rise(
      (meter, _, second) => {
        const users = ((second + 1) * 100) / 60;
        const perSec = Math.round(uslThroughput({ sigma: 0.01, kappa: 5e-5, gamma: 5 }, users));
        recordIterations(meter, perSec, { durationMs: users < 30 ? 20 : 20 + 2 * (users - 29) });
      },
      { thresholds: [limitOn('http_req_duration', 'p95', '<', 50)] },
    );
    const found = assess([measured], plain)!;
    if ('refusal' in found.carried) throw new Error(found.carried.refusal);
    const { users, rate } = found.carried;
    expect(users!.high).toBeLessThan(50);
    // Not the rate in proportion to the users: what was finished when the limit broke.
    expect(rate.high).toBeLessThan(190);
    const scalability = findScalability([measured], { loads: [400], targetMs: 500 });
    expect(scalability!.model!.capacity.load).toBeGreaterThan(80);
    const text = renderScalability(scalability, carriedByInstances(2, found), plainPalette);
    expect(text).not.toMatch(/recommended/i);
    expect(text).toContain(`Instances: load ÷ (${Math.round(users!.value)} users ÷ 2)`);
    expect(JSON.stringify(analyse(measured).findings)).not.toMatch(/recommended maximum/);
  });

  test('tell no instances where the load that is carried is not known', () => {
    const measured = rise(
      (meter, perSec, second) => {
        recordIterations(meter, perSec, { task: 'price', durationMs: 20 });
        recordIterations(meter, perSec, { task: 'report', durationMs: second < 10 ? 30 : 400 });
      },
      { thresholds: [...limit, limitOn('http_req_duration', 'p95', '<', 50, { tags: { task: 'report' } })] },
    );
    const scalability = findScalability([measured], { loads: [400], targetMs: 500 });
    const text = renderScalability(
      scalability,
      carriedByInstances(2, assess([measured], plain)),
      plainPalette,
    );
    expect(text).toContain('Instances cannot be told');
  });

  test('of the summary tell what held where no limit was reached', () => {
    const summary = (records: readonly Measurements[], status: readonly VerdictStatus[]) =>
      capacitySection(assess(records, plain, status)).summary;
    expect(summary([level(100, 90)], ['pass'])).toBe(
      'the limits held at 100 users, and 70 users leave the buffer of 30 %',
    );
    // The largest level of the rise has 92.5 users on average; the sentence below the table says 93, too.
    const rising = rise((meter, perSec) => recordIterations(meter, perSec, { durationMs: 20 }), {
      thresholds: [...limit, limitOn('http_req_failed', 'rate', '<', 0.01)],
    });
    expect(summary([rising], ['pass'])).toMatch(
      /^carried: 93 users, and 6\d users leave the buffer of 30 %$/,
    );
    expect(summary([level(100, 90), level(200, 150)], ['pass', 'fail'])).toBe('at most 70 users recommended');
  });
});
