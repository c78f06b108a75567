import { describe, expect, test } from 'vitest';
import type { BaselineOutcome } from '../model/gate.ts';
import type { ComparedSide, RegressionStatus } from '../model/regression.ts';
import { gateReasons, statusOfOutcome } from './gate-reasons.ts';
import { measure } from './measurements.cases.ts';
import { makeVerdict } from './verdict.ts';

const side: ComparedSide = {
  ...{ name: 'now', suite: 'shop', profile: 'smoke', runs: ['r1'] },
  ...{ startedAt: '2026-01-02T00:00:00.000Z', left: [] },
};

function outcome(
  status: RegressionStatus | undefined,
  gates: BaselineOutcome['gates'] = [],
): BaselineOutcome {
  const comparison =
    status === undefined
      ? {}
      : {
          comparison: {
            ...{ status, reasons: ['Noise hides what changed.'], differences: [], notes: [], rows: [] },
            ...{ before: side, after: side },
          },
        };
  return { file: 'shop.baseline.json', gates, obstacles: [], notes: [], ...comparison };
}

const held = {
  gate: { figure: 'http_reqs per second', least: 5 },
  status: 'held' as const,
  text: 'Requests: 9 per s, the gate is at least 5 per s.',
};

describe('a baseline without gates', () => {
  test.each([
    ['unjudged', 'inconclusive'],
    [undefined, 'inconclusive'],
    ['worse', 'warn'],
    ['same', 'pass'],
    ['better', 'pass'],
  ] as const)('whose comparison is %s makes it %s', (status, expected) => {
    expect(statusOfOutcome(outcome(status))).toBe(expected);
  });

  test('and a comparison without an answer make the verdict inconclusive, and say why', () => {
    const own = { status: 'pass' as const, reasons: ['.'] };
    const baseline = { ...outcome('unjudged'), runs: ['r1'], own };
    const verdict = makeVerdict({ ...measure(), baseline });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons.join()).toContain('Noise hides what changed.');
    expect(gateReasons({ baseline }, 'pass')).toEqual([]);
    expect(gateReasons({ baseline }, 'warn')).toEqual([]);
  });
});

test('a gate that holds is an answer, whatever the comparison leaves open', () => {
  expect(statusOfOutcome(outcome('unjudged', [held]))).toBe('pass');
});
