import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { analyse } from '../analysis/analyse.ts';
import type { CapacityAssessment } from '../analysis/capacity-plan/capacity-plan.ts';
import { arrivals, measure, recordIterations, scenario } from '../analysis/measurements.cases.ts';
import type { Scalability } from '../analysis/scalability.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { findScaling } from '../scaling/find-scaling.ts';
import { course, scalingRun } from '../scaling/scaling-runs.cases.ts';
import { uslThroughput } from '../stats/usl.ts';
import { analyzeCommand } from './analyze.ts';
import type { AnalyzeFlags } from './flags.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-analyze-'));
  for (const inFlight of [2, 4, 8, 16, 32, 48]) {
    const rate = uslThroughput({ sigma: 0.05, kappa: 0.002, gamma: 30 }, inFlight);
    const executor = { ...arrivals(rate, 50), durationMs: 20_000 } as ReturnType<typeof arrivals>;
    const measured = measure({
      plan: { scenarios: [scenario('main', executor)], durationMs: 20_000 },
      seconds: 20,
      record: (meter) =>
        recordIterations(meter, Math.round(rate), {
          durationMs: (1000 * inFlight) / rate,
          failed: inFlight > 32 ? 50 : 0,
        }),
    });
    mkdirSync(join(folder, String(inFlight)));
    const record = { ...measured, ...analyse(measured) };
    writeFileSync(join(folder, String(inFlight), 'run.json'), JSON.stringify(record));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command prints, and the same as JSON from its file. */
async function analyzed(names: readonly string[], flags: AnalyzeFlags) {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const reportFile = join(folder, 'analysis.json');
  try {
    const code = await analyzeCommand(
      names.map((name) => join(folder, name)),
      { ...flags, color: false, reportFile },
    );
    return { code, text: printed.join(''), json: JSON.parse(readFileSync(reportFile, 'utf8')) as Report };
  } finally {
    write.mockRestore();
  }
}

interface Report {
  readonly id?: string;
  readonly runs?: readonly unknown[];
  readonly scalability?: Scalability | null;
  readonly capacity?: CapacityAssessment;
  readonly findings?: readonly Finding[];
}

describe('analyze', () => {
  test('counts a run that is named twice once', async () => {
    const once = await analyzed(['2', '4', '8', '16', '32'], {});
    const twice = await analyzed(['2', '4', '8', '16', '32', join('8', 'run.json'), '8'], {});
    expect(twice.text).toBe(once.text);
    expect((await analyzed(['4', '4'], {})).json.id).toBeDefined();
  });

  test('of one run tells its verdict and findings, and nothing of scalability unless asked', async () => {
    const { code, text, json } = await analyzed(['4'], {});
    expect(code).toBe(0);
    expect(json.id).toBe('a1');
    expect(json).not.toHaveProperty('scalability');
    expect(text).not.toContain('Scalability');
  });

  test('of several runs draws one curve through their levels, and estimates other loads with a range', async () => {
    const { code, text, json } = await analyzed(['2', '4', '8', '16', '32'], { at: [24, 64], instances: 2 });
    expect(code).toBe(0);
    expect(json.runs).toHaveLength(5);
    expect(json.scalability!.levels).toHaveLength(5);
    expect(json.scalability!.estimates.map(({ load }) => load)).toEqual([24, 64]);
    expect(text).toContain('The Universal Scalability Law was fitted to 5 levels');
    expect(text).toMatch(/24 in flight +2\d\d\/s +2\d\d\/s to 2\d\d\/s/);
    expect(text).toMatch(/64 in flight: (100|99\.\d) % beyond/);
    expect(text).toContain('rounded up, without a buffer');
  });

  test('says which levels were left out, and why', async () => {
    const { text, json } = await analyzed(['2', '4', '8', '16', '32', '48'], {});
    expect(json.scalability!.levels.filter(({ leftOut }) => leftOut !== undefined)).toHaveLength(1);
    expect(text).toContain('fitted to 5 levels');
    expect(text).toMatch(/\n +2\d(\.\d)? % of its operations failed\n/);
  });

  test('with users of today alone has a row for them, and where it stands to the recommended maximum', async () => {
    const { text, json } = await analyzed(['2', '4', '8', '16', '32'], { users: 300 });
    expect(json.capacity!.growth!.rows).toMatchObject([{ title: 'today', users: 300 }]);
    expect(text).toMatch(/\n +today +2026-01-01 +300\b/);
  });

  describe('of a policy', () => {
    const ranTo = scalingRun({ cpu: course([0.5, 4], [0.9, 20]), memory: course([0.5, 24]) });
    const { scaling, ...plan } = ranTo.plan;
    const write = (name: string, measured: Measurements): void => {
      const record = { ...measured, ...analyse(measured, [], undefined, findScaling(measured)) };
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'run.json'), JSON.stringify(record));
    };
    const findingOf = ({ json }: { readonly json: Report }): string =>
      (json.findings ?? [])
        .filter(({ kind }) => kind === 'scaling')
        .map(({ title, detail }) => `${title}. ${detail}`)
        .join('\n');
    beforeAll(() => {
      write('busy', { ...ranTo, plan: { ...plan, scaling: scaling! } });
      write('bare', { ...ranTo, plan });
      const rule = 'trigger: monitor_app_cpu_ratio > 80% for 1m, action: Add 2 instances, cooldown: 1h';
      writeFileSync(join(folder, 'policy.yaml'), `rules:\n  told: { ${rule} }\n`);
    });

    test('the finding is of the policy that was given, and of no other', async () => {
      expect(findingOf(await analyzed(['busy'], {}))).toContain('rule cpu adds 1 instance (1 to 2)');
      for (const name of ['busy', 'bare']) {
        const told = findingOf(await analyzed([name], { scaling: join(folder, 'policy.yaml') }));
        expect(told).toContain('rule told adds 2 instances (1 to 3)');
        expect(told).not.toContain('rule cpu');
      }
      expect(findingOf(await analyzed(['bare'], {}))).toBe('');
    });

    test('the finding begins with the instances that were given, also without --scaling', async () => {
      const given = 'Instances at the start: 7 (as stated)';
      expect(findingOf(await analyzed(['busy'], { instances: 7 }))).toContain(given);
      expect(findingOf(await analyzed(['busy'], { instances: 7, scaling: true }))).toContain(given);
      const policy = { scaling: join(folder, 'policy.yaml'), instances: 7 };
      expect(findingOf(await analyzed(['busy'], policy))).toContain('rule told adds 2 instances (7 to 9)');
    });
  });

  test('says why there is no curve', async () => {
    const { text, json } = await analyzed(['2', '4'], { at: [100] });
    expect(json.scalability!.refusal).toBe('A curve needs 4 levels of load or more; there are 2.');
    expect(text).toContain('A curve needs 4 levels of load or more; there are 2.');
  });
});
