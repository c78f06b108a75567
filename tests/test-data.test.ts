// Test data in whole runs: which rows reach the target, over several workers, also when one is lost; what the record,
// the verdict and the exit code say of them.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunRecord } from 'plimsoll';
import { expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { type CliResult, readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';
import { workersOf } from './worker-processes.ts';

interface Place {
  readonly server: CountingServer;
  readonly folder: string;
  /** Runs a suite of these lines, one profile alone, over two workers. */
  run(lines: string, profile: string): Promise<CliResult & { readonly record: RunRecord }>;
}

async function inPlace(body: (place: Place) => Promise<void>, delayMs = 0): Promise<void> {
  const server = await startCountingServer(() => delayMs);
  const { path: folder, dispose } = temporaryFolder();
  try {
    await body({
      server,
      folder,
      async run(lines, profile) {
        const file = path.join(folder, 'suite.yaml');
        writeFileSync(file, `name: rows\nbaseUrl: ${server.url}\n${lines}profiles:\n  only: ${profile}\n`);
        const result = await runCli(['run', file, '--workers', '2', '--out', folder]);
        expect([0, 1, 5], result.stderr + result.stdout).toContain(result.code);
        return { ...result, record: readRecord(folder, 'rows') };
      },
    });
  } finally {
    dispose();
    await server.close();
  }
}

/** How often each path under `/<name>/` was asked for, the most first. */
function timesOf({ byPath }: CountingServer, name: string): number[] {
  return [...byPath]
    .filter(([asked]) => asked.startsWith(`/${name}/`))
    .map(([, times]) => times)
    .sort((a, b) => b - a);
}

function textOfFiles(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(suite\.yaml|customers\.csv)$/.test(entry.name))
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

test.concurrent('every unique row of a file is given once, and its secrets are nowhere', () =>
  inPlace(async ({ server, folder, run }) => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `${i},"name ""${i}"",\r\nsecond line",Geheim-${1000 + i}`,
    );
    writeFileSync(path.join(folder, 'customers.csv'), `\ufeffid,name,password\r\n${rows.join('\r\n')}\r\n`);
    const suite = `
data:
  customers: { file: ./customers.csv, policy: unique, secrets: [password] }
  days: { rows: [{ day: mon }, { day: tue }, { day: wed }] }
users:
  buyer:
    tasks:
      buy:
        requests:
          - { url: "/customer/\${customers.id}", name: "as \${customers.password}", form: { name: "\${customers.name}" }, method: POST }
          - { url: "/\${days.day}/\${customers.id}", name: day }
`;
    const { record, stdout } = await run(suite, '{ executor: shared-iterations, vus: 20, iterations: 300 }');
    expect(record.data).toEqual([
      {
        name: 'customers',
        rows: 300,
        given: 300,
        wraps: 0,
        refused: 0,
        usersEnded: 0,
        endedAtMs: null,
        lost: 0,
      },
      { name: 'days', rows: 3, given: 300, wraps: 99, refused: 0, usersEnded: 0, endedAtMs: null, lost: 0 },
    ]);
    expect(timesOf(server, 'customer')).toEqual(Array.from({ length: 300 }, () => 1));
    expect(server.count).toBe(600);
    // Both requests of an iteration are of the same customer.
    const ofDays = [...server.byPath.keys()].filter((asked) => /^\/(mon|tue|wed)\//.test(asked));
    expect(new Set(ofDays.map((asked) => asked.split('/')[2])).size).toBe(300);
    expect(record.plan.data?.[0]).toMatchObject({
      ...{ source: 'csv', columns: ['id', 'name', 'password'], masked: ['password'] },
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    });
    expect(stdout).toMatch(/customers +unique, per iteration +300 +300 +0/);
    expect(textOfFiles(folder)).not.toMatch(/Geheim-/);
  }));

test.concurrent('users that find no row end, and the verdict is left open', () =>
  inPlace(async ({ server, run }) => {
    const suite = `
data:
  codes: { generate: { code: "\${row:000}" }, count: 50, policy: unique }
users:
  buyer: { thinkTime: 20ms, tasks: { redeem: { requests: [{ url: "/redeem/\${codes.code}" }] } } }
`;
    const { record, code } = await run(suite, '{ executor: constant-vus, vus: 6, duration: 60s }');
    expect(code).toBe(5);
    expect(timesOf(server, 'redeem')).toEqual(Array.from({ length: 50 }, () => 1));
    expect(record.data).toMatchObject([{ rows: 50, given: 50, refused: 6, usersEnded: 6 }]);
    expect(record.metrics.iterations?.values).toMatchObject({ count: 50 });
    expect(record.metrics.iterations_failed?.values ?? { count: 0 }).toMatchObject({ count: 0 });
    expect(record.errors).toEqual([]);
    expect(record.verdict.reasons.join('\n')).toMatch(
      /data\.codes: .* into the run, no row was left \(50 given\)\. 6 users ended/,
    );
    expect(record.findings.map(({ kind }) => kind)).toContain('data');
    // What nobody could do for want of a row was due, and is dropped.
    const shared = await run(
      suite,
      '{ executor: shared-iterations, vus: 6, iterations: 80, maxDuration: 60s }',
    );
    expect(shared.code).toBe(5);
    expect(shared.record.metrics.iterations?.values).toMatchObject({ count: 50 });
    expect(shared.record.metrics.dropped_iterations?.values).toMatchObject({ count: 30 });
    // The run was over with its last user.
    expect(record.timeline.at(-1)!.endAtMs).toBeLessThan(50_000);
  }));

test.concurrent('with an arrival rate the scenario ends in all workers; with `fail` the run fails', () =>
  inPlace(async ({ server, run }) => {
    const suite = (atEnd: string): string => `
data:
  codes: { generate: { code: "\${row:000}" }, count: 40, policy: unique, atEnd: ${atEnd} }
users:
  buyer: { tasks: { redeem: { requests: [{ url: "/${atEnd}/\${codes.code}" }] } } }
`;
    const rate = '{ executor: constant-arrival-rate, rate: 40, duration: 60s, preAllocatedVUs: 10 }';
    const ended = await run(suite('stop-user'), rate);
    expect(ended.code).toBe(5);
    expect(timesOf(server, 'stop-user')).toEqual(Array.from({ length: 40 }, () => 1));
    expect(ended.record.timeline.at(-1)!.endAtMs).toBeLessThan(50_000);
    const dropped = ended.record.metrics.dropped_iterations?.values as { readonly count: number } | undefined;
    expect(dropped?.count).toBeGreaterThanOrEqual(ended.record.data![0]!.refused);
    const failed = await run(suite('fail'), '{ executor: constant-vus, vus: 2, duration: 60s }');
    expect(failed.code === 1 || failed.record.generator.saturated, failed.stdout).toBe(true);
    expect(failed.record.verdict.reasons.join('\n')).toMatch(/no row was left .* The run ended and failed/);
    expect(timesOf(server, 'fail')).toEqual(Array.from({ length: 40 }, () => 1));
  }));

test.concurrent('the rows of a worker that is killed are not given again', () =>
  inPlace(async ({ server, folder }) => {
    const file = path.join(folder, 'suite.yaml');
    writeFileSync(
      file,
      `
name: rows
baseUrl: ${server.url}
data: { codes: { generate: { code: "\${row}" }, count: 1000000, policy: unique } }
users: { buyer: { thinkTime: 10ms, tasks: { redeem: { requests: [{ url: "/redeem/\${codes.code}", name: redeem }] } } } }
profiles: { only: { executor: constant-vus, vus: 10, duration: 5s } }
`,
    );
    const run = startCli(['run', file, '--workers', '2', '--out', folder]);
    await run.saw(/running/);
    await wait(1500);
    process.kill(workersOf(run.child.pid!)[0]!, 'SIGKILL');
    const { code } = await run.done;
    expect(code).toBe(5);
    expect(timesOf(server, 'redeem')[0]).toBe(1);
    const [{ given, lost, refused }] = readRecord(folder, 'rows').data as [
      NonNullable<RunRecord['data']>[number],
    ];
    expect(refused).toBe(0);
    expect(lost).toBeGreaterThan(0);
    // What the lost worker did after its last report is among the lost.
    expect(given).toBeLessThanOrEqual(server.count);
    expect(given + lost).toBeGreaterThanOrEqual(server.count);
  }));

test.concurrent('a run rebuilt from its journal tells of the data as well', () =>
  inPlace(async ({ server, folder }) => {
    const file = path.join(folder, 'suite.yaml');
    writeFileSync(
      file,
      `
name: rows
baseUrl: ${server.url}
data: { codes: { generate: { code: "\${row}" }, count: 100, policy: circular } }
users: { buyer: { thinkTime: 20ms, tasks: { redeem: { requests: [{ url: "/redeem/\${codes.code}", name: redeem }] } } } }
profiles: { only: { executor: constant-vus, vus: 5, duration: 60s } }
`,
    );
    const run = startCli(['run', file, '--workers', '1', '--out', folder]);
    await run.saw(/running/);
    await wait(2500);
    run.child.kill('SIGKILL');
    await run.done;
    const latest = path.join(folder, 'rows', 'latest');
    await runCli(['report', latest]);
    const record = JSON.parse(readFileSync(path.join(latest, 'run.json'), 'utf8')) as RunRecord;
    expect(record.recovery?.killed).toBe(true);
    expect(record.data).toMatchObject([{ name: 'codes', rows: 100, refused: 0 }]);
    expect(record.data![0]!.given).toBeGreaterThan(0);
  }));
