// A whole suite in one command: the order of its course, gates that close, one verdict over all, and its report.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let server: CountingServer;
const folder = temporaryFolder();
const file = join(folder.path, 'whole.suite.yaml');

beforeAll(async () => {
  server = await startCountingServer();
  writeFileSync(
    file,
    `name: whole
baseUrl: ${server.url}
users: { reader: { tasks: { read: { requests: [{ url: / }] } } } }
course: { order: [smoke, load], gates: [] }
profiles:
  deeper: { executor: per-vu-iterations, vus: 1, iterations: 1000, needs: [broken], markers: [slow] }
  load: { executor: per-vu-iterations, vus: 2, iterations: 10, markers: [load] }
  broken:
    executor: per-vu-iterations
    vus: 1
    iterations: 5
    markers: [load, slow]
    thresholds: { http_reqs: ["count<1"] }
  smoke: { executor: per-vu-iterations, vus: 1, iterations: 3 }
`,
  );
});
afterAll(async () => {
  await server.close();
  folder.dispose();
});

/** On a machine that is held up, a run may be inconclusive. */
const or = (status: string): unknown => expect.stringMatching(new RegExp(`^(${status}|inconclusive)$`));

test('--all runs what its gates let through, and says for all together what became of it', async () => {
  const out = join(folder.path, 'all');
  const before = server.count;
  const { code, stdout, stderr } = await runCli(['run', file, '--all', '--out', out]);
  expect(server.count - before).toBe(3 + 20 + 5);
  expect(stderr).toMatch(/4 profiles in at most .* of load: smoke .*, load .*, broken .*, deeper /);
  expect(stderr).toContain('deeper was not run: It needs broken, which did not pass.');
  const told = stdout.slice(stdout.lastIndexOf('  whole, 4 profiles'));
  expect(told).toContain('deeper was not run: It needs broken, which did not pass.');
  expect(told).toMatch(/Load test results by profile {2}\d of 4 passed, .*1 not run/);

  const files = readdirSync(join(out, 'whole'));
  const named = (pattern: RegExp): string => {
    const found = files.find((name) => pattern.test(name));
    return readFileSync(join(out, 'whole', found!), 'utf8');
  };
  const report = JSON.parse(named(/^load-report-.*json$/)) as { verdict: string };
  expect(report).toMatchObject({
    test_suite: 'whole',
    verdict: or('fail'),
    execution_summary: { total_scenarios: 4, not_run_scenarios: 1 },
    performance_metrics: { of: 'requests', reliability: { success_rate: 1, error_rate: 0 } },
    scenarios: [
      { profile: 'smoke', verdict: or('pass'), total: 3 },
      { profile: 'load', verdict: or('pass'), total: 20, response_times: { p95_ms: expect.any(Number) } },
      { profile: 'broken', verdict: or('fail'), total: 5 },
      { profile: 'deeper', verdict: 'not-run' },
    ],
  });
  expect(code, stdout + stderr).toBe(report.verdict === 'fail' ? 1 : 5);
  for (const ending of ['txt', 'md', 'html'])
    expect(named(new RegExp(`^suite-report-.*${ending}$`))).toContain('which did not pass');
});

test('a profile that may not be run ends the course, and what ran before it is told', async () => {
  const away = join(folder.path, 'away.suite.yaml');
  writeFileSync(
    away,
    `name: away
baseUrl: ${server.url}
users: { reader: { tasks: { read: { requests: [{ url: / }] } } } }
profiles:
  first: { executor: per-vu-iterations, vus: 1, iterations: 3 }
  drill:
    executor: constant-vus
    vus: 1
    duration: 3s
    faults:
      broken: { kind: switch, at: 1s, for: 1s, start: { url: "http://192.0.2.1/bad" }, end: { url: "http://192.0.2.1/good" } }
  last: { executor: per-vu-iterations, vus: 1, iterations: 7 }
`,
  );
  const out = join(folder.path, 'away');
  const before = server.count;
  const { code, stdout, stderr } = await runCli(['run', away, '--all', '--out', out]);
  expect(code).toBe(4);
  expect(server.count - before).toBe(3);
  expect(stderr).toContain('192.0.2.1');
  expect(stdout).toContain('last was not run: Nothing was run after drill, which was refused.');
  expect(readdirSync(join(out, 'away')).some((name) => name.startsWith('suite-report-'))).toBe(true);
});

test('a compressed suite makes as much less, says so everywhere, and does not pass', async () => {
  const out = join(folder.path, 'compressed');
  const before = server.count;
  const args = ['run', file, '-p', 'smoke,load', '--compress', '10', '--out', out];
  const { code, stdout } = await runCli(args);
  expect(code).toBe(5);
  expect(server.count - before).toBe(1 + 2);
  expect(stdout).toContain('? INCONCLUSIVE (compressed 10 times)  whole / load');
  expect(stdout).toContain('? INCONCLUSIVE (compressed 10 times)  whole, 2 profiles');
  const latest = join(out, 'whole', 'latest');
  expect(JSON.parse(readFileSync(join(latest, 'run.json'), 'utf8'))).toMatchObject({
    plan: { compressed: 10 },
    verdict: { status: 'inconclusive' },
  });
  for (const name of ['summary.txt', 'summary.md', 'report.html', 'junit.xml'])
    expect(readFileSync(join(latest, name), 'utf8')).toContain('compressed 10 times');
  for (const name of ['load-report.json', 'executive-summary.json'])
    expect(JSON.parse(readFileSync(join(latest, name), 'utf8'))).toMatchObject({ compressed: 10 });
});

test('what does not fit into the budget is left out, told before, and never passes', async () => {
  const before = server.count;
  const args = ['run', file, '-p', 'load,smoke', '--budget', '1s', '--out', join(folder.path, 'none')];
  const { code, stdout, stderr } = await runCli(args);
  expect(server.count - before).toBe(0);
  expect(code).toBe(5);
  expect(stderr).toContain(
    'left out: load. It takes about 10m5s, and 1s of the time budget of 1s were left.',
  );
  expect(stdout).toContain('? INCONCLUSIVE  whole, 2 profiles');
});

test('markers choose, and what cannot be chosen is told before there is load', async () => {
  const before = server.count;
  const chosen = await runCli(['run', file, '-m', 'load and not slow', '--out', join(folder.path, 'some')]);
  expect([0, 5], chosen.stderr).toContain(chosen.code);
  expect(server.count - before).toBe(20);
  const unknown = await runCli(['run', file, '-m', 'lod']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('no profile of whole has the marker lod; did you mean load?');
  const misfit = await runCli(['run', file, '--all', '--rate', '5', '--out', folder.path]);
  expect(misfit).toMatchObject({ code: 2 });
  expect(misfit.stderr).toContain('--rate does not fit the profile smoke');
  expect(server.count - before).toBe(20);
});

test('where no profile could be run, what was not run is told and written all the same', async () => {
  const out = join(folder.path, 'none');
  const unreachable = 'http://127.0.0.1:9';
  const run = await runCli(['run', file, '--all', '--base-url', unreachable, '--out', out]);
  expect(run.code, run.stdout + run.stderr).not.toBe(0);
  expect(run.stdout).toContain('0 of 4 passed, 4 not run');
  expect(run.stderr).not.toContain('cannot write');
  const reports = readdirSync(join(out, 'whole')).filter((name) => name.startsWith('suite-report-'));
  expect(reports.map((name) => name.replace(/.*\./, ''))).toEqual(
    expect.arrayContaining(['txt', 'md', 'html']),
  );
});
