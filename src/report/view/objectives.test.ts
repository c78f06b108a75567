import { describe, expect, test } from 'vitest';
import { complianceOf } from '../../analysis/compliance.ts';
import { joinCompliance } from '../../analysis/joined-compliance.ts';
import type { ObjectiveFigure, ObjectiveResult } from '../../model/objective.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';
import { sessionFigures, sessionFormats } from '../session-report.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';

const figure = (changes: Partial<ObjectiveFigure>): ObjectiveFigure => ({
  series: 'http_req_duration',
  expression: 'p(95)<100',
  level: 'critical',
  state: 'held',
  words: '95th percentile response time',
  actual: 80,
  limit: 100,
  unit: 'ms',
  margin: 20,
  marginRatio: 0.2,
  ...changes,
});

const objective = (changes: Partial<ObjectiveResult>): ObjectiveResult => ({
  name: 'fast',
  title: 'Prices within 100 ms',
  dimension: 'latency',
  weight: 3,
  status: 'pass',
  reason: 'It is.',
  credit: { low: 1, high: 1 },
  profiles: ['normal'],
  isCritical: true,
  figures: [figure({})],
  class: { worst: 'good', best: 'good' },
  ...changes,
});

const broken = objective({
  name: 'errors',
  title: 'Few errors',
  dimension: 'reliability',
  weight: 1,
  status: 'fail',
  reason: 'Too many.',
  credit: { low: 0, high: 0 },
  impact: 'Buyers leave.',
  remediation: 'Retry less',
  figures: [
    figure({
      series: 'http_req_failed',
      expression: 'rate<5%',
      state: 'held',
      actual: 0.02,
      limit: 0.05,
      unit: 'ratio',
      margin: 0.03,
      marginRatio: 0.6,
    }),
    figure({
      series: 'http_req_failed',
      expression: 'rate<1%',
      state: 'broken',
      actual: 0.02,
      limit: 0.01,
      unit: 'ratio',
      margin: -0.01,
      marginRatio: -1,
    }),
  ],
  class: { worst: 'needs-work', best: 'excellent' },
});
const open = objective({
  name: 'cached',
  title: 'Cache hits',
  dimension: 'cache',
  weight: 1,
  status: 'unjudged',
  reason: 'Nothing was read of it.',
  credit: { low: 0, high: 1 },
  impact: 'The database carries it all.',
  figures: [
    figure({
      series: 'monitor_redis_hit_ratio',
      expression: 'avg>95%',
      state: 'open',
      actual: null,
      margin: null,
      marginRatio: null,
      unit: 'ratio',
      limit: 0.95,
    }),
  ],
});
const elsewhere = objective({
  name: 'crowd',
  title: 'A crowd',
  status: 'unjudged',
  profiles: ['peak'],
  isElsewhere: true,
  credit: { low: 0, high: 1 },
  figures: [],
});

function recordWith(
  objectives: readonly ObjectiveResult[],
  status: RunRecord['verdict']['status'] = 'fail',
): RunRecord {
  const record = makeRecord('passing', 20);
  const run = { profile: record.profile, runId: record.id, status };
  return {
    ...record,
    verdict: { status, reasons: ['It is so.'] },
    compliance: complianceOf(objectives, [run]),
  };
}

const all = [objective({}), broken, open, elsewhere];

function linesOf(record: RunRecord): string[] {
  const lines = renderTerminal(record, { palette: plainPalette }).split('\n');
  const from = lines.findIndex((line) => line.startsWith('Objectives'));
  return lines.slice(from, lines.indexOf('', from));
}

describe('the section of objectives', () => {
  test('is absent without objectives', () => {
    expect(renderTerminal(makeRecord('passing', 20), { palette: plainPalette })).not.toContain('Objectives');
  });

  test('tells score, class, and of each objective the figure that decides it with its headroom', () => {
    const lines = linesOf(recordWith(all));
    expect(lines[0]).toBe('Objectives  1 of 3 met, compliance 60 % to 80 %, not ready for production');
    const rows = lines.map((line) => line.trim().split(/\s{2,}/));
    expect(rows).toContainEqual(['✓', 'Prices within 100 ms', 'p(95)<100', '80 ms', '20 ms (20 %)', 'Good']);
    expect(rows).toContainEqual(['✗', 'Few errors', 'rate<1%', '2 %', '-1 % (-100 %)', 'TBD']);
    expect(rows).toContainEqual(['?', 'Cache hits', 'avg>95%', 'TBD', 'Good']);
    expect(rows.find((row) => row[0] === 'A crowd')?.at(-1)).toBe('peak');
  });

  test('is one line where other profiles judge all of them', () => {
    expect(linesOf(recordWith([elsewhere], 'pass'))).toEqual([
      'Objectives  none judged in this profile, 1 in others',
    ]);
  });

  test('says in documents and pages what follows, and what to do', () => {
    for (const format of ['md', 'html'] as const) {
      const { content } = renderReport(format, recordWith(all))[0]!;
      for (const words of ['Buyers leave.', 'Retry less.', 'The database carries it all.']) {
        expect(content.includes(words), words).toBe(true);
      }
    }
    expect(renderReport('html', recordWith(all))[0]!.content.includes('All limits of objectives')).toBe(true);
  });

  test('takes any text in names, and stays within 100 columns', () => {
    const title = `${hostileNames.html} ${hostileNames.script} ${'long '.repeat(60)}`;
    const record = recordWith([{ ...broken, title, impact: hostileNames.markdown, remediation: title }]);
    for (const line of renderTerminal(record, { palette: plainPalette }).split('\n')) {
      expect([...line].length, line).toBeLessThanOrEqual(100);
    }
    const { content } = renderReport('html', record)[0]!;
    expect([hostileNames.html, hostileNames.script].filter((name) => content.includes(name))).toEqual([]);
  });
});

describe('the executive summary', () => {
  const summaryOf = (record: RunRecord) =>
    JSON.parse(renderReport('executive', record)[0]!.content) as Record<string, unknown>;

  test('has the compliance in percent, the figures of each objective, gaps, impact and readiness', () => {
    const summary = summaryOf(recordWith(all));
    expect(summary).toMatchObject({
      compliance: {
        scorePercent: { low: 60, high: 80 },
        band: 'Needs work to Acceptable',
        objectives: 3,
        met: 1,
        warnings: 0,
        failed: 1,
        notJudged: 1,
      },
      kpis: [
        { name: 'fast', status: 'met', actual: 80, limit: 100, unit: 'ms', margin: 20 },
        { name: 'errors', status: 'not met', threshold: 'rate<1%', margin: -0.01 },
        { name: 'cached', status: 'TBD', actual: null },
        { name: 'crowd', status: 'TBD', judgedElsewhere: true, profiles: ['peak'] },
      ],
      gaps: [
        {
          objective: 'Few errors',
          level: 'critical',
          text: '95th percentile response time: 1 % (100 %) beyond its limit',
          remediation: 'Retry less.',
        },
      ],
      businessImpact: [
        { objective: 'Few errors', certain: true, impact: 'Buyers leave.' },
        { objective: 'Cache hits', certain: false, status: 'TBD' },
      ],
      readiness: { status: 'not-ready', needsScoreAbovePercent: 90 },
    });
    expect(summary).toMatchObject({ suite: 'jorge', keyFigures: expect.any(Array), limitsTotal: 3 });
  });

  test('rounds no score up', () => {
    const share = 0.949_999_999_9;
    const summary = summaryOf(recordWith([objective({ credit: { low: share, high: share } })]));
    expect(summary.compliance).toMatchObject({
      scorePercent: { low: 94.999999 },
      band: expect.stringContaining('Good'),
    });
  });

  test('says nothing of objectives without any', () => {
    expect(Object.keys(summaryOf(makeRecord('passing', 20)))).not.toContain('compliance');
  });
});

test('sentences and data count runs and objectives with warnings alike', () => {
  const warning = objective({ name: 'close', status: 'warning' });
  const first = recordWith([warning], 'warn');
  const joined = joinCompliance([first, { ...recordWith([objective({})], 'pass'), id: 'r2' }])!;
  const { scenarios, compliance } = sessionFigures(joined);
  expect(scenarios).toMatchObject({ total: 2, passed: 1, warned: 1 });
  expect(compliance).toMatchObject({ met: 1, warnings: 1 });
  const { content } = sessionFormats.txt(joined, 'x');
  expect(content).toContain('1 of 2 passed, 1 passed with warnings');
  expect(content).toContain('1 of 2 met, 1 met with a warning');
});

test('several runs have one paper in every format, and one summary', () => {
  const [first, second] = [
    recordWith([objective({}), elsewhere], 'pass'),
    recordWith([objective({})], 'pass'),
  ];
  const peak = {
    ...second,
    profile: 'peak',
    id: 'r2',
    compliance: { ...second.compliance!, objectives: [objective({ name: 'crowd', profiles: ['peak'] })] },
  };
  const joined = joinCompliance([first, peak])!;
  expect(sessionFigures(joined)).toMatchObject({
    suite: 'jorge',
    scenarios: { total: 2, passed: 2, warned: 0, failed: 0, inconclusive: 0 },
    runs: [
      { profile: 'normal', status: 'pass' },
      { profile: 'peak', loadChangedByOptions: false },
    ],
    compliance: { scorePercent: { low: 100, high: 100 } },
    readiness: { status: 'ready' },
  });
  for (const [format, render] of Object.entries(sessionFormats)) {
    const { fileName, content } = render(joined, '20260314-090507');
    expect(fileName).toMatch(/^executive-summary-20260314-090507\.(json|txt|md|html)$/);
    expect(content, format).toMatch(/ready/i);
  }
});

describe('objectives for programs', () => {
  const fileOf = (format: 'junit' | 'csv', name: string, record: RunRecord): string | undefined =>
    renderReport(format, record).find(({ fileName }) => fileName === name)?.content;

  test('are cases in junit.xml that agree with the verdict, without those of other profiles', () => {
    const cases = (record: RunRecord): string[] =>
      (
        fileOf('junit', 'junit.xml', record)!.match(/<testcase[^>]*objectives".*?(\/>|<\/testcase>)/gs) ?? []
      ).map((one) => `${/name="(\w+)"/.exec(one)![1]} ${/<(failure|error)/.exec(one)?.[1] ?? 'passed'}`);
    const all = [objective({}), broken, open, elsewhere];
    expect(cases(recordWith(all))).toEqual(['fast passed', 'errors failure', 'cached passed']);
    expect(cases(recordWith([objective({}), open], 'inconclusive'))).toEqual(['fast passed', 'cached error']);
    expect(fileOf('junit', 'junit.xml', recordWith(all))).toContain('type="objective"');
    expect(cases(makeRecord('passing', 20))).toEqual([]);
  });

  test('are rows of objectives.csv, one for each figure', () => {
    const rows = fileOf('csv', 'objectives.csv', recordWith([broken, elsewhere]))!
      .trim()
      .split('\r\n');
    expect(rows).toEqual([
      'objective,title,dimension,status,weight,credit_low,credit_high,class_worst,class_best,series,expression,level,state,actual,limit,margin,unit,reason',
      'errors,Few errors,reliability,fail,1,0,0,needs-work,excellent,http_req_failed,rate<5%,critical,held,0.02,0.05,0.03,ratio,Too many.',
      'errors,Few errors,reliability,fail,1,0,0,needs-work,excellent,http_req_failed,rate<1%,critical,broken,0.02,0.01,-0.01,ratio,Too many.',
      'crowd,A crowd,latency,other profile,3,0,1,good,good,,,,,,,,,It is.',
    ]);
    expect(fileOf('csv', 'objectives.csv', makeRecord('passing', 20))).toBeUndefined();
  });
});
