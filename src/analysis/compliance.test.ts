import { describe, expect, test } from 'vitest';
import type { CountedRun, ObjectiveResult } from '../model/objective.ts';
import type { RunRecord } from '../model/run-record.ts';
import { bandOf, complianceOf, scoreOf, scoreText } from './compliance.ts';
import { joinCompliance } from './joined-compliance.ts';

const credits = { pass: [1, 1], warning: [0.5, 0.5], fail: [0, 0], unjudged: [0, 1] } as const;

function result(status: ObjectiveResult['status'], changes: Partial<ObjectiveResult> = {}): ObjectiveResult {
  const [low, high] = credits[status];
  return {
    name: 'one',
    title: 'One',
    dimension: 'other',
    weight: 1,
    profiles: ['peak'],
    status,
    reason: '',
    credit: { low, high },
    isCritical: true,
    figures: [],
    ...changes,
  };
}

const run = (status: CountedRun['status'], profile = 'peak'): CountedRun => ({
  profile,
  runId: 'r1',
  status,
});
const many = (count: number, one: ObjectiveResult): ObjectiveResult[] =>
  Array.from({ length: count }, () => one);

describe('the score', () => {
  test.each([
    [1, 'excellent'],
    [0.95, 'excellent'],
    [0.94999, 'good'],
    [0.85, 'good'],
    [0.84999, 'acceptable'],
    [0.7, 'acceptable'],
    [0.69999, 'needs-work'],
    [0, 'needs-work'],
  ] as const)('%d is %s', (score, band) => {
    expect(bandOf(score)).toBe(band);
  });

  test('is weighted, and what is open makes it a range', () => {
    const objectives = [
      result('pass', { weight: 3 }),
      result('fail', { weight: 1 }),
      result('unjudged', { weight: 4 }),
    ];
    expect(scoreOf(objectives)).toEqual({ low: 0.375, high: 0.875 });
  });

  test('of 19 in 20 is 95 % to the last digit, also with weights that are no binary fractions', () => {
    expect(scoreOf([...many(19, result('pass')), result('fail')])).toEqual({ low: 0.95, high: 0.95 });
    const tenths = [...many(19, result('pass', { weight: 0.1 })), result('fail', { weight: 0.1 })];
    expect(scoreOf(tenths)).toEqual({ low: 0.95, high: 0.95 });
  });

  test('is 0 to 1 when nothing is judged, or all is judged elsewhere', () => {
    expect(scoreOf([result('unjudged')])).toEqual({ low: 0, high: 1 });
    expect(scoreOf([result('unjudged', { profiles: ['soak'], isElsewhere: true })])).toEqual({
      low: 0,
      high: 1,
    });
  });

  test.each([
    [1e308, 1e308],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('is 0 to 1 when the weights %d and %d have no finite sum', (...weights) => {
    const objectives = weights.map((weight) => result('pass', { weight }));
    expect(scoreOf(objectives)).toEqual({ low: 0, high: 1 });
    expect(complianceOf(objectives, [run('pass')])).toMatchObject({
      band: { low: 'needs-work', high: 'excellent' },
      readiness: { status: 'open' },
    });
  });

  test('is never printed higher than it is', () => {
    expect(scoreText(0.94999)).toBe('94.9 %');
    expect(scoreText(0.95)).toBe('95 %');
    expect(scoreText(0.999999)).toBe('99.9 %');
  });
});

describe('readiness', () => {
  const readiness = (objectives: ObjectiveResult[], runs: CountedRun[]) =>
    complianceOf(objectives, runs).readiness;

  test('takes a score above 90 %: 90 % is not enough', () => {
    const noncritical = { isCritical: false, credit: { low: 0, high: 0 } };
    expect(
      readiness([...many(9, result('pass')), result('warning', noncritical)], [run('warn')]).status,
    ).toBe('not-ready');
    expect(
      readiness([...many(10, result('pass')), result('warning', noncritical)], [run('warn')]).status,
    ).toBe('conditional');
  });

  test.each([
    ['pass', 'ready'],
    ['warn', 'conditional'],
    ['fail', 'not-ready'],
    ['inconclusive', 'open'],
  ] as const)('with all objectives met, a run that is %s makes it %s', (status, expected) => {
    expect(readiness([result('pass')], [run('pass', 'smoke'), run(status)]).status).toBe(expected);
  });

  test('is never given while an objective is open, however high the score', () => {
    const objectives = [...many(99, result('pass')), result('unjudged', { isCritical: false })];
    expect(readiness(objectives, [run('pass')])).toEqual({
      status: 'open',
      reasons: ['1 objective not judged: One.'],
    });
  });

  test('takes every profile that judges an objective, run as its suite has it', () => {
    const both = [result('pass', { profiles: ['smoke', 'peak'] })];
    expect(readiness(both, [run('pass')])).toEqual({
      status: 'open',
      reasons: ['1 profile that judges objectives not run here: smoke.'],
    });
    expect(readiness(both, [run('pass'), run('pass', 'smoke')]).status).toBe('ready');
    expect(readiness(both, [run('pass'), { ...run('pass', 'smoke'), isOverridden: true }])).toEqual({
      status: 'open',
      reasons: ['The load of smoke was not that of the profile as written.'],
    });
    expect(
      readiness([result('pass'), result('unjudged', { profiles: [], isElsewhere: true })], [run('pass')]),
    ).toEqual({
      status: 'open',
      reasons: ['1 objective judged in no profile: One.'],
    });
  });

  test('is refused when the score cannot reach 90 %, whatever is open', () => {
    const objectives = [...many(2, result('warning', { isCritical: false })), result('unjudged')];
    expect(readiness(objectives, [run('warn')])).toMatchObject({ status: 'not-ready' });
  });
});

describe('over several runs', () => {
  const record = (
    profile: string,
    status: CountedRun['status'],
    objectives: ObjectiveResult[],
    suite = 'shop',
    baseUrl = 'http://127.0.0.1:1',
  ): RunRecord =>
    ({
      suite,
      profile,
      id: profile,
      environment: { name: 'local' },
      target: { baseUrl },
      plan: {},
      verdict: { status, reasons: ['.'] },
      ...(objectives.length > 0 && { compliance: complianceOf(objectives, [run(status, profile)]) }),
    }) as unknown as RunRecord;

  const joined = (...records: RunRecord[]) => joinCompliance(records)!;

  test('an objective is met when each run that judges it says that it is', () => {
    const { compliance, runs } = joined(
      record('smoke', 'pass', [
        result('pass'),
        result('unjudged', { name: 'two', profiles: ['peak'], isElsewhere: true }),
      ]),
      record('peak', 'pass', [result('pass'), result('pass', { name: 'two' })]),
    );
    expect(runs.map(({ profile }) => profile)).toEqual(['smoke', 'peak']);
    expect(compliance.objectives.map(({ name, status, decidedBy }) => [name, status, decidedBy])).toEqual([
      ['one', 'pass', 'smoke'],
      ['two', 'pass', 'peak'],
    ]);
    expect(compliance).toMatchObject({ score: { low: 1, high: 1 }, readiness: { status: 'ready' } });
  });

  test('one run that fails decides, and names itself', () => {
    const { compliance } = joined(
      record('smoke', 'pass', [result('pass')]),
      record('peak', 'fail', [result('fail')]),
    );
    expect(compliance.objectives).toMatchObject([{ status: 'fail', decidedBy: 'peak' }]);
    expect(compliance.readiness).toMatchObject({
      status: 'not-ready',
      reasons: ['The run of peak failed.', '1 objective failed: One.', expect.stringContaining('is 0 %')],
    });
  });

  test('a run that leaves it open does, too, unless it never could have shown it', () => {
    const passed = record('smoke', 'pass', [result('pass')]);
    const open = joined(passed, record('peak', 'inconclusive', [result('unjudged')])).compliance;
    expect(open).toMatchObject({ score: { low: 0, high: 1 }, readiness: { status: 'open' } });
    const untested = joined(
      passed,
      record('peak', 'pass', [result('unjudged', { isUntested: true })]),
    ).compliance;
    expect(untested).toMatchObject({ score: { low: 1, high: 1 }, readiness: { status: 'ready' } });
  });

  test('a run without objectives counts all the same', () => {
    const { compliance } = joined(record('smoke', 'pass', [result('pass')]), record('peak', 'fail', []));
    expect(compliance.readiness.status).toBe('not-ready');
  });

  test('a run whose record has no answer to an objective of its profile leaves it open', () => {
    const smoke = record('smoke', 'pass', [result('pass', { profiles: ['smoke', 'peak'] })]);
    const elsewhere = result('unjudged', { profiles: ['smoke'], isElsewhere: true });
    for (const peak of [record('peak', 'pass', []), record('peak', 'pass', [elsewhere])]) {
      for (const given of [
        [smoke, peak],
        [peak, smoke],
      ]) {
        const { compliance } = joined(...given);
        expect(compliance.objectives).toMatchObject([
          { status: 'unjudged', reason: expect.stringContaining('the run of peak') },
        ]);
        expect(compliance).toMatchObject({ score: { low: 0, high: 1 }, readiness: { status: 'open' } });
      }
    }
    const failed = record('smoke', 'fail', [result('fail', { profiles: ['smoke', 'peak'] })]);
    expect(joined(failed, record('peak', 'pass', [])).compliance.objectives).toMatchObject([
      { status: 'fail' },
    ]);
  });

  test('an objective that only a missing run judges stays open', () => {
    const { compliance } = joined(
      record('smoke', 'pass', [
        result('pass'),
        result('unjudged', { name: 'two', profiles: ['soak'], isElsewhere: true }),
      ]),
    );
    expect(compliance.readiness).toMatchObject({ status: 'open' });
  });

  test('an objective stays open when a profile that judges it was to be run, and was not', () => {
    const both = { profiles: ['smoke', 'peak'] };
    const other = result('unjudged', { name: 'two', profiles: ['peak'], isElsewhere: true });
    const smoke = record('smoke', 'pass', [result('pass', both), other]);
    const { objectives, score } = joinCompliance([smoke], ['peak'])!.compliance;
    expect(objectives).toMatchObject([
      { status: 'unjudged', reason: 'A run of peak is missing, which judges the objective.' },
      { status: 'unjudged', reason: 'A run of peak is missing, which judges the objective.' },
    ]);
    expect(score).toEqual({ low: 0, high: 1 });
    const failed = record('smoke', 'fail', [result('fail', both)]);
    expect(joinCompliance([failed], ['peak'])!.compliance.objectives).toMatchObject([{ status: 'fail' }]);
    // Nobody asked for it.
    expect(joinCompliance([smoke])!.compliance.objectives).toMatchObject([{ status: 'pass' }, {}]);
  });

  test('is nothing for runs of several suites or targets, and for none with objectives', () => {
    const elsewhere = record('smoke', 'pass', [result('pass')], 'shop', 'http://127.0.0.1:2');
    expect(joinCompliance([record('smoke', 'pass', [result('pass')]), elsewhere])).toBeUndefined();
    expect(joinCompliance([])).toBeUndefined();
    expect(joinCompliance([record('smoke', 'pass', [])])).toBeUndefined();
    expect(
      joinCompliance([
        record('smoke', 'pass', [result('pass')]),
        record('smoke', 'pass', [result('pass')], 'bank'),
      ]),
    ).toBeUndefined();
  });

  const both = ['smoke', 'peak'];
  test.each([
    [['peak'], both],
    [both, ['peak']],
    [[], both],
  ])('takes the profiles that any run knows of: %j and %j', (earlier, later) => {
    const profiles = (of: string[]) => record('peak', 'pass', [result('pass', { profiles: of })]);
    const { compliance } = joined(profiles(earlier), { ...profiles(later), id: 'later' });
    expect(compliance.readiness).toEqual({
      status: 'open',
      reasons: ['1 profile that judges objectives not run here: smoke.'],
    });
  });

  test('a record that is given twice counts once, and by the worst that it says', () => {
    const passed = record('peak', 'pass', [result('pass')]);
    const twice = joined(passed, passed);
    expect(twice.runs).toHaveLength(1);
    expect(twice.compliance.readiness.reasons).toEqual([
      'The run passed, and the compliance score is 100 %.',
    ]);
    const failed = record('peak', 'fail', [result('fail')]);
    for (const given of [
      [passed, failed],
      [failed, passed],
    ]) {
      const { runs, compliance } = joined(...given);
      expect(runs).toMatchObject([{ profile: 'peak', status: 'fail' }]);
      expect(compliance.readiness.status).toBe('not-ready');
    }
  });

  test('says the same whatever the order of its runs', () => {
    const records = [
      record('smoke', 'warn', [result('warning', { profiles: ['smoke'], title: 'Old', impact: 'a' })]),
      record('peak', 'pass', [result('pass', { profiles: both, weight: 3, isCritical: false })]),
      record('soak', 'pass', [result('unjudged', { isUntested: true, profiles: ['soak'] })]),
    ];
    const { objectives, score, readiness } = joined(...records).compliance;
    expect(objectives).toMatchObject([
      { status: 'warning', decidedBy: 'smoke', weight: 3, isCritical: true },
    ]);
    const reversed = joined(...records.reverse()).compliance;
    expect(reversed.score).toEqual(score);
    expect(reversed.readiness.status).toBe(readiness.status);
    const sorted = (all: readonly ObjectiveResult[]) =>
      all.map((one) => ({ ...one, profiles: [...one.profiles].sort() }));
    expect(sorted(reversed.objectives)).toEqual(sorted(objectives));
  });
});
