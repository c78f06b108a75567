import { describe, expect, test } from 'vitest';
import type { ComparisonPlan } from '../model/comparison.ts';
import type { Finding } from '../model/verdict.ts';
import { analyse } from './analyse.ts';
import { formatDifference } from './comparisons.ts';
import { measure, recordTypical } from './measurements.cases.ts';

const overhead: ComparisonPlan = {
  name: 'overhead',
  metric: 'group_duration',
  of: { group: 'guarded' },
  against: { group: 'plain' },
  statistic: 'med',
  limit: { expression: '<10%', operator: '<', ratio: 0.1 },
};

function compared(ratio: number, noise = 0.01) {
  return measure({
    plan: { comparisons: [overhead] },
    record(meter, second) {
      recordTypical(meter);
      const pace = 10 + second + (second % 2) * noise * 10;
      for (let i = 0; i < 20; i++) {
        meter.trend('group_duration', { group: 'guarded' }).add(pace * ratio * (1 + (second % 3) * noise));
        meter.trend('group_duration', { group: 'plain' }).add(pace);
      }
    },
  });
}

describe('a comparison', () => {
  test('beyond its limit fails the run, with the interval as evidence', () => {
    const { verdict, findings } = analyse(compared(1.3));
    expect(verdict.status).toBe('fail');
    expect(verdict.reasons[0]).toMatch(
      /^The difference overhead is beyond its limit <10%: \+3\d\.\d % \(95 % interval \+3/,
    );
    const finding = findings.find(({ kind }) => kind === 'comparison')!;
    expect(finding).toMatchObject({ severity: 'critical' });
    expect(finding.evidence.map(({ name }) => name)).toEqual([
      'overhead difference',
      'overhead low',
      'overhead high',
    ]);
  });

  test('that may be on either side of its limit makes the run inconclusive', () => {
    const { verdict, findings } = analyse(compared(1.05, 0.1));
    expect(verdict.status).toBe('inconclusive');
    expect(findings.find(({ kind }) => kind === 'comparison')).toMatchObject({ severity: 'warning' });
  });

  test('without a result in the record makes the run inconclusive, as does a threshold without one', () => {
    const { comparisons: _, ...without } = compared(1);
    const { status, reasons } = analyse(without).verdict;
    expect([status, reasons[0]]).toEqual([
      'inconclusive',
      'The difference overhead (limit <10%): the record has no result of it.',
    ]);
  });

  test('within its limit is a reason of the pass, and no finding', () => {
    const { verdict, findings } = analyse(compared(1));
    expect(verdict.status).toBe('pass');
    expect(verdict.reasons[0]).toContain('The difference overhead is within its limit <10%');
    expect(findings.filter(({ kind }) => kind === 'comparison')).toEqual([]);
  });
});

describe('what the suite has found itself', () => {
  const found = (severity: Finding['severity']): Finding => ({
    kind: 'suite',
    source: 'suite',
    severity,
    title: 'No statement uses the index idx_a',
    detail: 'idx_a takes 8 kB.',
    evidence: [],
  });

  test.each([
    ['critical', 'fail'],
    ['warning', 'warn'],
    ['info', 'pass'],
  ] as const)('as %s makes the verdict %s', (severity, status) => {
    const { verdict, findings } = analyse(measure(), [found(severity)]);
    expect(verdict.status).toBe(status);
    expect(findings).toContainEqual(found(severity));
    expect(verdict.reasons.includes('No statement uses the index idx_a.')).toBe(severity !== 'info');
  });
});

test.each([
  [0.1234, '+12.3 %'],
  [-0.004, '-0.40 %'],
  [1.5, '+150 %'],
  [0, '+0.00 %'],
])('the difference %d is printed as %s', (ratio, text) => {
  expect(formatDifference(ratio)).toBe(text);
});
