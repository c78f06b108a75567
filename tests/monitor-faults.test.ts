// What is watched goes away, comes back, and hangs in the middle of a run: gaps in what was read, and nothing else. The
// load, its figures and the verdict do not notice.

import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MonitorRecord } from '../src/model/monitor.ts';
import { findFreePort } from '../src/system/free-port.ts';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectExit } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import {
  durationMs,
  expectNoSecrets,
  expectPlannedLoad,
  expectSound,
  p95LimitMs,
  readWatched,
  startWatched,
  type WatchedRun,
} from './watched-run.ts';
import { type Sources, startSources } from './watched-sources.ts';

const timeout = 120_000;
const seconds = 22;
const perSec = 40;
/** How far the clocks of run and test may be apart, and the ends of a gap from what caused it. */
const slackMs = 600;

interface Span {
  /** Wall clock. */
  readonly fromMs: number;
  readonly untilMs: number;
}

let server: CountingServer;
let sources: Sources;
let run: WatchedRun;
let elapsedMs: number;
/** When nobody was there, by source, and when nobody answered. */
const down: Record<string, Span> = {};
const held: Record<string, Span> = {};
let silentFromMs: number;
const folder = temporaryFolder();

beforeAll(async () => {
  [server, sources] = await Promise.all([startCountingServer(() => 5), startSources()]);
  const otlpPort = await findFreePort();
  const options = { url: server.url, outDir: folder.path };
  const env = { ...sources.env, OTLP_PORT: String(otlpPort) };
  const running = startWatched('monitors', 'faults', { ...options, env });
  await running.saw(/running monitors/);
  const startedAtMs = performance.now();
  const sender = setInterval(() => void sendOtlp(otlpPort), 150);
  await wait(2500);
  clearInterval(sender);
  silentFromMs = Date.now();
  const each = Object.entries({ db: sources.db, cache: sources.cache, pages: sources.pages });
  await Promise.all(
    each.map(async ([name, source]) => {
      await source.stop();
      const fromMs = Date.now();
      await wait(2500);
      const untilMs = Date.now();
      await source.start();
      down[name] = { fromMs, untilMs };
      await wait(2500);
      const release = source.hold();
      const heldFromMs = Date.now();
      await wait(3000);
      held[name] = { fromMs: heldFromMs, untilMs: Date.now() };
      release();
    }),
  );
  const result = await running.done;
  elapsedMs = performance.now() - startedAtMs;
  run = readWatched(folder.path, 'monitors', result);
}, timeout);
afterAll(async () => {
  await Promise.all([server?.close(), sources?.end()]);
  folder.dispose();
});

async function sendOtlp(port: number): Promise<void> {
  const gauge = { dataPoints: [{ asDouble: 7, timeUnixNano: `${Date.now()}000000` }] };
  const body = JSON.stringify({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'workers.busy', gauge }] }] }],
  });
  const headers = { 'content-type': 'application/json' };
  // Before the monitor listens, nobody is there.
  await fetch(`http://127.0.0.1:${port}/v1/metrics`, { method: 'POST', headers, body }).catch(() => {});
}

/** Wall clock to run time, by the line of the log that says when the load began. */
function runTime(wallMs: number): number {
  const started = run.log.find(({ message }) => message === 'started')!;
  return wallMs - Date.parse(started.time);
}

const monitorOf = (name: string): MonitorRecord => run.record.monitors[name]!;

/** A gap that spans the time in which the source was not there, and in it nothing was read. */
function expectGap(name: string, span: Span): void {
  const { gaps, times } = monitorOf(name);
  const [fromMs, untilMs] = [runTime(span.fromMs), runTime(span.untilMs)];
  const covers = gaps.some(
    (gap) =>
      gap.fromMs <= fromMs + slackMs &&
      gap.untilMs !== null &&
      gap.untilMs >= untilMs - slackMs &&
      gap.reason.length > 10,
  );
  expect(covers, `${name} from ${fromMs} to ${untilMs}: ${JSON.stringify({ gaps, times })}`).toBe(true);
}

describe('the load', () => {
  test('is as planned, to the request', () => {
    expectPlannedLoad(run, seconds * perSec, server.count);
  });

  test('is as fast as against the same target without disturbances', () => {
    expect(figureOf(run.record, 'http_req_duration', 'p(95)')).toBeLessThan(p95LimitMs);
    expect(figureOf(run.record, 'http_req_duration', 'count')).toBe(seconds * perSec);
  });

  test('ends in time, and passes: gaps are no reason against it', () => {
    expect(elapsedMs).toBeLessThan((seconds + 12) * 1000);
    expect(durationMs(run)).toBeLessThan((seconds + 3) * 1000);
    expectExit(run, 0);
    for (const reason of run.record.verdict.reasons)
      expect(reason).not.toMatch(/could not be (read|watched)/);
    const gaps = run.record.findings.filter(({ kind }) => kind === 'monitor-gap');
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    for (const { severity } of gaps) expect(severity).toBe('info');
  });
});

test.each(['machine', 'server', 'db', 'cache', 'page', 'health', 'pushed'])(
  '%s: times on the clock of the run, nothing inside a gap',
  (name) => {
    expectSound(run, monitorOf(name));
  },
);

test.each([
  ['db', 'db'],
  ['cache', 'cache'],
  ['page', 'pages'],
])('%s: a gap while the source is stopped, one while it hangs, and readings afterwards', (name, source) => {
  expectGap(name, down[source]!);
  expectGap(name, held[source]!);
  const releasedAtMs = runTime(held[source]!.untilMs);
  const { times, failures, readings } = monitorOf(name);
  expect(times.filter((atMs) => atMs > releasedAtMs).length).toBeGreaterThanOrEqual(3);
  expect(failures).toBeGreaterThanOrEqual(4);
  expect(readings).toBeGreaterThan(15);
});

test('restarts are told', () => {
  for (const [name, text] of [
    ['db', /^the server was restarted/],
    ['cache', /^the server was restarted/],
    ['server', /^the process was restarted: .* took the place of \d+/],
    ['health', /^the target was restarted: startedAt is now/],
  ] as const) {
    const { events } = monitorOf(name);
    expect(
      events.filter((event) => text.test(event.text)),
      `${name}: ${JSON.stringify(events)}`,
    ).toHaveLength(1);
  }
  expect(figureOf(run.record, 'monitor_server_restarts')).toBe(1);
  expect(figureOf(run.record, 'monitor_health_restarts')).toBe(1);
  expect(run.log.map(({ message }) => message)).toContain('monitor db: the server was restarted');
});

test('server: no gap but while nobody listens; one that is held still is watched', () => {
  expectGap('server', down.pages!);
  const [fromMs, untilMs] = [runTime(held.pages!.fromMs), runTime(held.pages!.untilMs)];
  const during = monitorOf('server').times.filter((atMs) => atMs > fromMs && atMs < untilMs);
  expect(during.length).toBeGreaterThanOrEqual(3);
});

test('health: down while it is stopped and while it hangs, which is a reading and no gap', () => {
  const { gaps, times, series, events } = monitorOf('health');
  expect(gaps).toEqual([]);
  for (const { fromMs, untilMs } of [down.pages!, held.pages!]) {
    const during = times.flatMap((atMs, i) =>
      atMs > runTime(fromMs) + slackMs && atMs < runTime(untilMs) - slackMs ? [series.up!.avg[i]] : [],
    );
    expect(during.length).toBeGreaterThan(0);
    expect(new Set(during)).toEqual(new Set([0]));
  }
  expect(series.up!.avg.at(-1)).toBe(1);
  expect(figureOf(run.record, 'monitor_health_downtime_ms')).toBeGreaterThan(3500);
  expect(events.filter(({ text }) => text.startsWith('down since')).length).toBeGreaterThanOrEqual(2);
  expect(events.filter(({ text }) => text.startsWith('up again')).length).toBeGreaterThanOrEqual(2);
});

test('pushed: silence is a gap to the end', () => {
  const { gaps, times, series } = monitorOf('pushed');
  expect(gaps.at(-1)).toMatchObject({ untilMs: null });
  expect(gaps.at(-1)!.reason).toMatch(/nothing has been sent to .* for \d+ s/);
  const silentAtMs = runTime(silentFromMs);
  expect(gaps.at(-1)!.fromMs).toBeLessThan(silentAtMs + 15_000 + 1500);
  // Before it counts as silence, there is nothing to tell.
  const afterwards = series.busy!.avg.filter((_, i) => times[i]! > silentAtMs + slackMs);
  expect(new Set([null, ...afterwards])).toEqual(new Set([null]));
  const before = series.busy!.avg.filter((value) => value !== null);
  expect(before.length).toBeGreaterThan(3);
  expect(new Set(before)).toEqual(new Set([7]));
});

test('machine: no gap', () => {
  expect(monitorOf('machine').gaps).toEqual([]);
  expect(monitorOf('machine').readings).toBeGreaterThan(30);
});

test('a counter that fell with its source counts no less than nothing', () => {
  for (const [name, monitor] of Object.entries(run.record.monitors)) {
    for (const [figure, { type }] of Object.entries(monitor.figures)) {
      if (type !== 'counter') continue;
      const gains = monitor.series[figure]!.avg.filter((value) => value !== null);
      expect(Math.min(...gains), `${name} ${figure}`).toBeGreaterThanOrEqual(0);
    }
  }
});

test('log and reports tell of each gap, and no artifact holds a secret', () => {
  for (const name of ['db', 'cache', 'page', 'server', 'pushed']) {
    const { title } = monitorOf(name);
    expect(run.files['run.log']!.includes(`monitor ${name} could not be read`), name).toBe(true);
    for (const file of ['summary.md', 'report.html']) {
      expect(run.files[file]!.includes(`${title} could not be watched all the time`), file).toBe(true);
    }
  }
  expectNoSecrets(run, sources.secrets);
});
