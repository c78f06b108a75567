import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../analysis/analyse.ts';
import { SuiteError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { course, scalingRun } from '../scaling/scaling-runs.cases.ts';
import { assessRecords } from './scaling.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-scaling-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const measured = scalingRun({ cpu: course([0.5, 4], [0.9, 20]), memory: course([0.5, 24]) });
const record: RunRecord = { ...measured, ...analyse(measured) };
function written(text: string): string {
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, text);
  return file;
}
const decisionsOf = async (scaling: string | true) => {
  const assessed = await assessRecords([record], { scaling });
  return assessed?.[0]?.assessment.replay.decisions.map(({ rule, to }) => [rule, to]);
};

describe('analyze --scaling', () => {
  test("takes the policy of the run's suite, or of a file in each of its forms", async () => {
    expect(await assessRecords([record], {})).toBeUndefined();
    expect(await decisionsOf(true)).toEqual([['cpu', 2]]);
    const rule = 'trigger: monitor_app_cpu_ratio > 80% for 1m, action: Add 2 instances, cooldown: 1h';
    expect(await decisionsOf(written(`rules:\n  busy: { ${rule} }\n`))).toEqual([['busy', 3]]);
    expect(await decisionsOf(written(`- { ${rule} }\n`))).toEqual([['rule 1', 3]]);
    expect(await decisionsOf(written(`name: shop\nscaling:\n  rules:\n    - { ${rule} }\n`))).toEqual([
      ['rule 1', 3],
    ]);
    expect(
      await decisionsOf(
        written(JSON.stringify({ rules: [{ trigger: 'cpu_percent > 80%', action: 'add 1 pod' }] })),
      ),
    ).toEqual([['rule 1', 2]]);
  });

  test('tells every mistake of a file', async () => {
    const file = written(
      'rules:\n  busy: { trigger: monitor_app_cpu_ration > 80%, action: Grow, colour: red }\n',
    );
    const failed = await assessRecords([record], { scaling: file }).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(SuiteError);
    const { mistakes } = failed as SuiteError;
    expect(mistakes.map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['scaling.rules.busy.colour', undefined],
      ['scaling.rules.busy.action', undefined],
      ['scaling.rules.busy.trigger', 'monitor_app_cpu_ratio'],
    ]);
  });

  test('refuses what is no policy, and runs without one', async () => {
    await expect(assessRecords([record], { scaling: written('name: shop\n') })).rejects.toThrow(
      'holds no autoscaling policy',
    );
    await expect(assessRecords([record], { scaling: written('rules: [\n') })).rejects.toThrow(
      'is not sound YAML',
    );
    await expect(assessRecords([record], { scaling: written('- &a [*a, *a]\n') })).rejects.toThrow();
    await expect(assessRecords([record], { scaling: join(folder, 'none.yaml') })).rejects.toThrow(
      'cannot read',
    );
    const { scaling: _none, ...plan } = record.plan;
    await expect(assessRecords([{ ...record, plan }], { scaling: true })).rejects.toThrow(
      'has no autoscaling policy',
    );
  });

  test('writes manifests of one run', async () => {
    const [exportHpa, exportKeda] = [join(folder, 'hpa.yaml'), join(folder, 'keda.yaml')];
    await assessRecords([record], { exportHpa, exportKeda });
    expect(readFileSync(exportHpa, 'utf8')).toContain('kind: HorizontalPodAutoscaler');
    expect(readFileSync(exportKeda, 'utf8')).toContain('kind: ScaledObject');
    await expect(assessRecords([record, record], { exportHpa })).rejects.toThrow('name one run');
    await expect(assessRecords([record], { exportHpa: join(folder, 'no', 'hpa.yaml') })).rejects.toThrow(
      'cannot write',
    );
  });
});
