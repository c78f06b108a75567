// Everything that can be watched at once, beside a steady load: what the record and the reports say of it.

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectExit } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';
import {
  expectNoSecrets,
  expectPlannedLoad,
  expectSound,
  p95LimitMs,
  runWatched,
  type WatchedRun,
} from './watched-run.ts';
import { type Sources, startSources } from './watched-sources.ts';

const timeout = 90_000;
const perSec = 40;
let server: CountingServer;
let sources: Sources;
const folder = temporaryFolder();
beforeAll(async () => {
  [server, sources] = await Promise.all([startCountingServer(() => 5), startSources()]);
}, timeout);
afterAll(async () => {
  await Promise.all([server?.close(), sources?.end()]);
  folder.dispose();
});

describe('all at once', () => {
  const names = ['machine', 'server', 'db', 'cache', 'page', 'health', 'pushed'] as const;
  let run: WatchedRun;
  let received: number;
  beforeAll(async () => {
    const { env } = sources;
    run = await runWatched('monitors', 'everything', { url: server.url, outDir: folder.path, env });
    received = server.count;
  }, timeout);

  test('the load is as planned', () => {
    expectPlannedLoad(run, 6 * perSec, received);
    expect(figureOf(run.record, 'http_req_duration', 'p(95)')).toBeLessThan(p95LimitMs);
    expectExit(run, 0);
  });

  test.each(names)('%s: readings all the time, on the clock of the run', (name) => {
    const monitor = run.record.monitors[name]!;
    expectSound(run, monitor);
    // Every 250 ms at best; machines are shared.
    expect(monitor.readings, JSON.stringify(monitor)).toBeGreaterThanOrEqual(6);
    expect(monitor.times[0]).toBeLessThan(3000);
    expect(monitor.times.at(-1)).toBeGreaterThan(4000);
    expect(run.record.plan.monitors).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ name, intervalMs: 250 })]) as object,
    );
  });

  test('each figure that was read is a metric, with the same values', () => {
    const { monitors, metrics } = run.record;
    const all = Object.entries(monitors).flatMap(([name, { figures, series }]) =>
      Object.entries(figures).map(([figure, { type }]) => ({ name, figure, type, series: series[figure]! })),
    );
    expect(all.length).toBeGreaterThan(60);
    for (const { name, figure, type, series } of all) {
      const entry = metrics[`monitor_${name}_${figure}`];
      expect(entry, `${name} ${figure}`).toMatchObject({ type });
      const read = series.avg.filter((value) => value !== null);
      expect(read.length, `${name} ${figure}`).toBeGreaterThan(0);
      if (type === 'counter') continue;
      // The course is kept to seven digits.
      const { last, count } = { ...entry!.values } as { last: number; count: number };
      expect(count).toBe(read.length);
      expect(Math.abs(read.at(-1)! - last)).toBeLessThanOrEqual(Math.abs(last) * 1e-6);
    }
  });

  test('figures are those that the sources have', () => {
    const { record } = run;
    for (const [series, value] of [
      ['monitor_page_queue', 3],
      ['monitor_health_queue', 3],
      ['monitor_health_up', 1],
      ['monitor_pushed_busy', 7],
    ] as const) {
      expect(figureOf(record, series, 'min'), series).toBe(value);
      expect(figureOf(record, series, 'max'), series).toBe(value);
    }
    // Ten a second, over the six seconds and what is left before the first reading and after the last.
    expect(figureOf(record, 'monitor_page_jobs')).toBeGreaterThanOrEqual(30);
    expect(figureOf(record, 'monitor_page_jobs')).toBeLessThanOrEqual(90);
    expect(Math.abs(figureOf(record, 'monitor_page_jobs', 'rate') - 10)).toBeLessThan(2);
    expect(figureOf(record, 'monitor_cache_commands')).toBeGreaterThan(10);
    expect(figureOf(record, 'monitor_db_transactions')).toBeGreaterThan(3);
    expect(figureOf(record, 'monitor_server_rss_bytes', 'min')).toBeGreaterThan(20e6);
    expect(figureOf(record, 'monitor_server_restarts')).toBe(0);
    expect(record.monitors.generator!.figures).toHaveProperty('rss_bytes');
    // The suite watches this machine by itself.
    expect(record.monitors).not.toHaveProperty('generator_host');
  });

  test('every threshold on a figure is judged', () => {
    const { plan, metrics } = run.record;
    expect(plan.thresholds).toHaveLength(19);
    for (const { metric, expression } of plan.thresholds) {
      const result = metrics[metric]?.thresholds?.[expression];
      expect(result, `${metric} ${expression}`).toMatchObject({ ok: true });
      expect(result!.actual, `${metric} ${expression}`).toBeTypeOf('number');
    }
    expect(metrics.monitor_page_queue!.thresholds!['last==3']!.actual).toBe(3);
    expect(metrics.monitor_page_jobs!.thresholds!['rate<1200/min']).toMatchObject({ limit: 20 });
    expect(metrics.monitor_server_rss_bytes!.thresholds!['growth<500GB/h']!.limit).toBe(500e9);
  });

  test('the reports name what was watched', () => {
    for (const { title } of Object.values(run.record.monitors)) {
      for (const file of ['summary.txt', 'summary.md', 'report.html']) {
        const text = run.files[file]!.toLowerCase();
        expect(text.includes(title.toLowerCase()), `${title} in ${file}`).toBe(true);
      }
    }
    expect(run.stdout).toContain('Watched');
    expect(run.files['summary.md']).toContain('resident memory');
  });

  test('no artifact holds a secret', () => {
    expectNoSecrets(run, sources.secrets);
  });
});

describe.concurrent('thresholds', () => {
  test('one that does not hold: exit 1, and the figure', { timeout }, async () => {
    const own = temporaryFolder();
    const { env } = sources;
    const run = await runWatched('monitors', 'broken', { url: server.url, outDir: own.path, env });
    own.dispose();
    expectExit(run, 1);
    expect(run.stdout).toMatch(/Greatest \S.* \d+ \(limit 2\): too high\./);
  });

  test('one on what nobody read: exit 5, and the reason', { timeout }, async () => {
    const own = temporaryFolder();
    const run = await runWatched('monitors', 'unread', { url: server.url, outDir: own.path });
    own.dispose();
    expect(run.code).toBe(5);
    expect(run.record.verdict.status).toBe('inconclusive');
    expect(run.stdout).toMatch(/Greatest connections of \S.* \(limit 100\): nothing was read of it\./);
    expect(run.record.metrics.monitor_db_connections!.thresholds!['max<100']).toMatchObject({
      ok: false,
      actual: null,
    });
  });
});

test.concurrent('monitors that nobody answers: a warning each, and the run goes on', {
  timeout,
}, async () => {
  const own = temporaryFolder();
  const [target, silent] = await Promise.all([startCountingServer(() => 5), startSilentServer()]);
  const env = { SILENT_URL: `redis://127.0.0.1:${silent.port}` };
  const run = await runWatched('monitors', 'nobody', { url: target.url, outDir: own.path, env });
  silent.close();
  await target.close();
  own.dispose();
  expectPlannedLoad(run, 3 * perSec, target.count);
  expectExit(run, 0);
  // One that waits for an answer holds up no other.
  expect(run.record.monitors.machine!.times[0]).toBeLessThan(1500);
  for (const name of ['db', 'cache', 'page', 'pushed', 'silent']) {
    expect(run.stderr).toMatch(new RegExp(`warn: monitor ${name} \\(.+\\) cannot be read yet: \\S+`));
    const { readings, failures, gaps, times, title } = run.record.monitors[name]!;
    expect({ readings, times }).toEqual({ readings: 0, times: [] });
    expect(failures).toBeGreaterThan(0);
    expect(gaps).toMatchObject([{ untilMs: null }]);
    expect(run.stdout).toContain(`${title} could not be read`);
  }
  // A target that is down is what a health page is asked for.
  expect(run.record.monitors.health).toMatchObject({ failures: 0, gaps: [] });
  expect(figureOf(run.record, 'monitor_health_up', 'max')).toBe(0);

  // What is optional and not there goes without a threshold, an alert, or an entry in the record.
  for (const name of ['left_out', 'left']) {
    expect(run.stderr).toMatch(
      new RegExp(
        `monitor ${name} is not used, nor any threshold or alert .*: the address of .* is not known`,
      ),
    );
    expect(run.record.monitors).not.toHaveProperty(name);
  }
  expect(run.record.plan.thresholds.map(({ metric }) => metric).sort()).toEqual([
    'monitor_left_over_load1',
    'monitor_machine_load1',
  ]);
  expect(run.record.alerts).toBeUndefined();
});

test.concurrent('mistakes in what is watched are told all at once, exit 2', { timeout }, async () => {
  const file = fileURLToPath(new URL('./fixtures/watching-mistaken.suite.yaml', import.meta.url));
  const { code, stderr } = await runCli(['run', file, '--base-url', server.url, '--out', folder.path]);
  expect(code, stderr).toBe(2);
  expect(stderr).toMatch(/15 mistakes/);
  for (const line of [
    /monitors\.postgres\.interval .*expected a duration of at least 100ms, got "50ms"/,
    /monitors\.my-cache .*expected a name of letters, digits and _/,
    /monitors\.shop .*expected one of port, pid, pidFile and name/,
    /monitors\.page\.kind .*did you mean prometheus/,
    /monitors\.generator .*expected another name/,
    /thresholds\.monitor_postgres_conections .*did you mean monitor_postgres_connections/,
    /thresholds\.monitor_postgres_size_bytes\[0\] .*expected a limit in a unit that fits/,
    /thresholds\["monitor_postgres_deadlocks\{db:a\}"\] .*tag/,
    /alerts\.empty .*expected `warning`, `critical` or both/,
    /alerts\.slow\.warning .*expected an aggregation after http_req_duration/,
    /alerts\.slow\.abort .*expected `critical` as well/,
    /alerts\.unknown\.critical .*did you mean monitor_postgres_lock_waits/,
    /outputs\[0\]\.kind .*did you mean webhook/,
    /outputs\[1\]\.ulr .*did you mean url/,
  ]) {
    expect(stderr).toMatch(line);
  }
});

/** Accepts, and never answers. */
async function startSilentServer(): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  return {
    port: (silent.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      silent.close();
    },
  };
}
