// The search for the capacity of a server whose capacity is known exactly.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { expect, test } from 'vitest';
import { expectFinished } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { type CliResult, readRecord, runCli, temporaryFolder } from './run-cli.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

interface Search extends CliResult {
  readonly record: RunRecord;
  readonly html: string;
}

/** Starts a server with that many places and that time for each request, searches its capacity, and ends it. */
async function search(servers: number, serviceMs: number, ...args: string[]): Promise<Search> {
  const folder = temporaryFolder();
  const script = [fixture('queue-server.mjs'), String(servers), String(serviceMs)];
  const server = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${line.toString().trim()}`;
    const result = await runCli([
      'capacity',
      fixture('capacity.suite.ts'),
      ...['--base-url', url, '--out', folder.path, '--workers', '1', '--step-duration', '3s', ...args],
    ]);
    expectFinished(result);
    const html = readFileSync(join(folder.path, 'capacity', 'latest', 'report.html'), 'utf8');
    return { ...result, record: readRecord(folder.path, 'capacity'), html };
  } finally {
    server.kill('SIGKILL');
    folder.dispose();
  }
}

// A busy machine may disturb a search, which then rightly says so; three in a row would be another matter.
const patient = { retry: 2, timeout: 120_000 };

// The first three go on beside one another: their loads are small, 100 requests a second at most.
test.concurrent('finds the arrival rate that a queue carries within the precision', patient, async () => {
  // 2 places × 40 ms carry 50/s. Above that the queue grows, and p(95) passes 150 ms within the step.
  const args = ['--unit', 'rate', '--from', '36', '--precision', '12%'];
  const { code, stdout, record, html } = await search(2, 40, ...args);
  expect(code, stdout).toBe(0);
  const finding = record.findings.find(({ kind }) => kind === 'capacity')!;
  const figure = (name: string): number => finding.evidence.find((one) => one.name === name)!.value;
  const safe = figure('highest load that held');
  const breaking = figure('lowest load that broke');
  expect(safe).toBeGreaterThan(50 / 1.13);
  expect(safe).toBeLessThan(50 * 1.06);
  expect(breaking).toBeGreaterThan(50);
  expect(breaking - safe).toBeLessThanOrEqual(0.12 * safe);
  expect(figure('achieved at that load')).toBeGreaterThan(safe * 0.9);

  const { search: plan } = record.plan;
  expect(plan).toMatchObject({
    unit: 'iterations/s',
    adaptive: { from: 36, precision: 0.12, warmUpMs: 1000 },
  });
  expect(plan!.steps[0]).toMatchObject({ load: 36, trial: { purpose: 'grow', outcome: 'held' } });
  expect(plan!.steps.at(-1)).toMatchObject({ load: safe, trial: { outcome: 'held' } });
  expect(record.verdict.status).toBe('pass');
  expect(record.verdict.reasons.join(' ')).toMatch(
    /The safe load is .* a second step confirmed it.*breaking point is .*first limit to break: p\(95\) of http_req_duration/,
  );
  expect(stdout).toContain('The safe load is');
  // Nothing that was sent is missing: the steps and their warm-up are all that the record counts.
  const series = Object.values(record.metrics).filter(
    ({ metric, tags = {} }) => metric === 'http_reqs' && Object.keys(tags).join() === 'scenario',
  );
  const sum = series.reduce((all, { values }) => all + ('count' in values ? values.count : 0), 0);
  expect(sum).toBe(figureOf(record, 'http_reqs'));
  expect(html.includes('id="chart-capacity"')).toBe(true);
});

test.concurrent('goes no higher than it may, and counts users for a profile of users', patient, async () => {
  const { record, code } = await search(4, 40, '--from', '4', '--to', '4');
  expect(code).toBe(0);
  expect(record.plan.search).toMatchObject({
    unit: 'users',
    steps: [{ load: 4, trial: { outcome: 'held' } }],
  });
  expect(record.findings.find(({ kind }) => kind === 'capacity')?.title).toBe('Capacity: at least 4 users');
  expect(figureOf(record, 'vus_max', 'max')).toBe(4);
});

test.concurrent(
  'asks for no more throughput than the load offers, and says what is not reached',
  patient,
  async () => {
    const args = ['--profile', 'floored', '--unit', 'rate', '--from', '24', '--precision', '30%'];
    const { record, code, stdout } = await search(2, 40, ...args);
    expect(code, stdout).toBe(0);
    const [first] = record.plan.search!.steps;
    expect(first).toMatchObject({ load: 24, trial: { outcome: 'held' } });
    const floor = record.metrics['http_reqs{scenario:step-1}']!;
    expect(floor.thresholds!['rate>1000']).toMatchObject({ ok: true, limit: 1000 });
    // Per second of the step, not of the search.
    expect((floor.values as { rate: number }).rate).toBeGreaterThan(18);
    const whole = record.metrics.http_reqs!.values as { count: number; rate: number };
    const loadedSeconds = record.plan.search!.steps.length * 3;
    expect(whole.rate).toBeCloseTo(whole.count / loadedSeconds, 5);
    const safe = record.findings
      .find(({ kind }) => kind === 'capacity')!
      .evidence.find(({ name }) => name === 'highest load that held')!.value;
    expect(safe).toBeGreaterThan(50 / 1.35);
    expect(safe).toBeLessThan(50 * 1.06);
    expect(record.verdict.status).toBe('warn');
    expect(record.verdict.reasons.join(' ')).toMatch(/Requests \S+\/s at .* \(more than 1,000\/s\): no load/);
    // Each step's objectives with their figures, none of them cut.
    const steps = stdout
      .slice(stdout.indexOf('Capacity search'), stdout.indexOf('Tasks'))
      .replace(/\s+/g, ' ');
    expect(steps.match(/95th percentile response time [\d.]+ m?s \(limit/g)).toHaveLength(
      record.plan.search!.steps.length,
    );
    expect(steps).not.toContain('…');
  },
);

test('goes down when the generator cannot drive the first step, and is inconclusive where none can be driven', async () => {
  const args = ['--profile', 'heavy', '--unit', 'users', '--from', '2', '--to', '100'];
  const { record, code } = await search(50, 5, ...args);
  expect(code).toBe(5);
  expect(record.plan.search!.steps.map(({ load, trial }) => [load, trial?.purpose, trial?.outcome])).toEqual([
    [2, 'grow', 'saturated'],
    [2, 'repeat', 'saturated'],
    [1, 'narrow', 'saturated'],
  ]);
  expect(record.verdict.status).toBe('inconclusive');
  expect(record.generator.saturated).toBe(true);
  const { detail } = record.findings.find(({ kind }) => kind === 'capacity')!;
  expect(detail).toContain('The load generator could not drive even 1 user');
}, 60_000);

test('says what makes no search', async () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await runCli(['capacity', fixture('capacity.suite.ts'), ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('--from', '10', '--to', '5')).toContain('expected at most --to, 5');
  expect(await refused('--step-duration', '1s')).toContain('expected at least 3s');
  expect(await refused('--profile', 'smokey')).toContain('did you mean smoke');
});
