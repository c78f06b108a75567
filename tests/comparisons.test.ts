// Comparisons with a known truth and findings of a suite's own code, from the suite to record and reports.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { describe, expect, test } from 'vitest';
import { expectExit, wasHeldUp } from './exit-code.ts';
import { readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

const file = fileURLToPath(new URL('./fixtures/comparisons.suite.ts', import.meta.url));

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly record: RunRecord | undefined;
  readonly markdown: string;
  readonly html: string;
}

async function run(profile: string): Promise<Finished> {
  const folder = temporaryFolder();
  try {
    const flags = ['--profile', profile, '--workers', '2', '--formats', 'json,md,html', '--out', folder.path];
    const result = await runCli(['run', file, ...flags]);
    const read = (name: string) => readFileSync(join(folder.path, 'comparisons', 'latest', name), 'utf8');
    if (result.code === 3) return { ...result, record: undefined, markdown: '', html: '' };
    const record = readRecord(folder.path, 'comparisons');
    return { ...result, record, markdown: read('summary.md'), html: read('report.html') };
  } finally {
    folder.dispose();
  }
}

/** The journal holds this many windows. */
async function untilWindows(path: string, count: number): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const written = readFileSync(path, 'utf8').match(/^[0-9a-f]{8} \d+ window /gm)?.length ?? 0;
    if (written >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} has too few windows`);
}

describe('a comparison', () => {
  test('finds nothing where there is nothing', async () => {
    const { record, stdout } = await run('none');
    const { status, difference, low, high, pairs } = record!.comparisons!.overhead!;
    expect(status, stdout).toBe('pass');
    expect(Math.abs(difference!)).toBeLessThan(0.03);
    expect(low!).toBeLessThan(high!);
    // Two workers and four seconds, of which the machine may have skipped some.
    expect(pairs.of.length).toBeGreaterThanOrEqual(5);
    expect(pairs.of.length).toBeLessThanOrEqual(10);
    expect(record!.verdict.reasons.join()).toContain('The difference overhead is within its limit <10%');
  });

  test('finds the 30 % that were planted, fails the run, and is in every report', async () => {
    const finished = await run('planted');
    const { record, stdout, markdown, html } = finished;
    const { status, difference, low, high } = record!.comparisons!.overhead!;
    expectExit({ ...finished, record: record! }, 1);
    expect(status).toBe('fail');
    expect(difference!).toBeCloseTo(0.3, 1);
    // The truth lies in 95 of 100 intervals; in the others it lies close by.
    expect(low!).toBeLessThan(0.33);
    expect(high!).toBeGreaterThan(0.27);
    for (const text of [stdout, html]) expect(text).toMatch(/\+\d\d\.\d % \(95 % interval \+\d\d\.\d % to/);
    expect(markdown).toMatch(/### Comparisons\n[\s\S]*❌ \| `overhead`/);
    expect(html).toContain('id="comparisons"');
  });
});

describe('findings of a suite', () => {
  test('from setup warn', async () => {
    const { record, code, stdout } = await run('warns');
    expect(code).toBe(5);
    expect(record!.findings).toContainEqual({
      kind: 'suite',
      source: 'suite',
      severity: 'warning',
      title: 'The cache is cold',
      detail: 'The cache is cold',
      evidence: [],
      advice: 'Warm it up first.',
    });
    expect(record!.verdict.reasons).toContain('The cache is cold.');
    expect(stdout).toContain('→ Warm it up first.');
  });

  test('from teardown fail the run when they are critical, with their evidence in the reports', async () => {
    const finished = await run('fails');
    const { record, stdout, markdown, html } = finished;
    expectExit({ ...finished, record: record! }, 1);
    if (!wasHeldUp(record!)) expect(record!.verdict).toMatchObject({ status: 'fail' });
    expect(stdout).toContain('A queue was left behind.');
    const own = record!.findings.filter(({ source }) => source === 'suite');
    expect(own.map(({ severity }) => severity)).toEqual(['critical', 'info']);
    expect(markdown).toContain('`jobs waiting` 12 jobs (limit 0 jobs)');
    expect(html).toContain('jobs waiting');
  });

  test('and comparisons are recovered when the coordinator is killed', async () => {
    const folder = temporaryFolder();
    try {
      const flags = ['--profile', 'long', '--workers', '2', '--out', folder.path];
      const running = startCli(['run', file, ...flags]);
      await running.saw(/running comparisons/);
      const runDir = join(folder.path, 'comparisons', 'latest');
      await untilWindows(join(runDir, 'run.journal'), 2);
      running.child.kill('SIGKILL');
      await running.done;
      const { code, stderr } = await runCli(['report', runDir, '--formats', 'json']);
      expect(code, stderr).toBe(0);
      const record = readRecord(folder.path, 'comparisons');
      expect(record.findings.find(({ source }) => source === 'suite')?.title).toBe('This will not end well');
      expect(record.comparisons!.overhead!.ofCount).toBeGreaterThan(0);
    } finally {
      folder.dispose();
    }
  });

  test('that are none end a setup with what is wrong', async () => {
    const { code, stderr } = await run('wrong');
    expect(code).toBe(3);
    expect(stderr).toContain('expected severity "info", "warning" or "critical"');
  });
});
