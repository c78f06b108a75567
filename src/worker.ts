// Entry of a worker process: joins suite, engine, protocols and meter, and answers the coordinator's
// messages. run/run-profile.ts has it started, never a person.

import { pathToFileURL } from 'node:url';
import { ErrorLog } from './engine/error-log.ts';
import type { FromWorker, LogLevel, ToWorker, WorkerStage } from './engine/messages.ts';
import { RunClock } from './engine/run-clock.ts';
import { runSetup, runTeardown } from './engine/run-hooks.ts';
import { describeThrown } from './engine/thrown.ts';
import type { WorkerDeps } from './engine/worker-deps.ts';
import { createWorkerRun, type WorkerRun } from './engine/worker-run.ts';
import { knownSecrets } from './masking/known-secrets.ts';
import { learnSuite } from './masking/learn-suite.ts';
import { maskData, maskText } from './masking/mask.ts';
import { maskWindow } from './masking/mask-window.ts';
import { createMeter, mostSeries } from './meter/meter.ts';
import type { Logger } from './model/context.ts';
import { StoppedError } from './model/errors.ts';
import type { GuardSettings } from './model/guard.ts';
import { type MetricDefinition, type SeriesDefinition, seriesKey, type Tags } from './model/metric.ts';
import type { Plan } from './model/plan.ts';
import type { SuiteDefinition } from './model/suite.ts';
import type { Finding } from './model/verdict.ts';
import { TrafficGuard } from './network/traffic-guard.ts';
import { HeldRuntime } from './protocols/held-connections.ts';
import { HttpRuntime } from './protocols/http/runtime.ts';
import { openRedis } from './protocols/redis/protocol.ts';
import { openSql } from './protocols/sql/protocol.ts';
import { formatFigure } from './text/format-figure.ts';
import { machineMs } from './time/clock.ts';
import { startTimer } from './time/timer.ts';

interface Prepared {
  readonly plan: Plan;
  readonly suite: SuiteDefinition;
  readonly worker: number;
  readonly deps: WorkerDeps & { readonly meter: ReturnType<typeof createMeter> };
  readonly http: HttpRuntime;
}

/** One object for all: error groups are told apart by the identity of their tags. */
const noTags: Tags = {};

let prepared: Prepared | undefined;
let run: WorkerRun | undefined;
let stage: WorkerStage = 'prepare';

function send(message: FromWorker, onSent?: () => void): void {
  if (process.connected) process.send!(message, undefined, undefined, onSent);
}

function fail(thrown: unknown): void {
  const { message, stack } = describeThrown(thrown);
  send({ kind: 'failed', stage, message: maskText(message), stack: maskText(stack) });
}

const log: Logger = {
  debug: (message) => sendLog('debug', message),
  info: (message) => sendLog('info', message),
  warn: (message) => sendLog('warn', message),
  error: (message) => sendLog('error', message),
};

function sendLog(level: LogLevel, message: string): void {
  send({ kind: 'log', level, message: maskText(String(message)) });
}

/** The first host that is not contacted is told: it ends the run. */
function guardOf(settings: GuardSettings): TrafficGuard {
  let told = false;
  return new TrafficGuard(settings, (refusal) => {
    if (!told) send({ kind: 'refused', refusal });
    told = true;
  });
}

/** Half of the series there may be are a warning in time; all of them are told as well. */
function warnOfSeries(count: number, example: SeriesDefinition): void {
  const what = `this worker keeps ${formatFigure(count, 'count')} series of metrics apart, such as ${seriesKey(example.metric, example.tags)}`;
  const remedy = 'give requests a "name", and tags few values';
  log.warn(
    count < mostSeries
      ? `${what}: half of what it may; beyond it new names and tags are counted as "(other)"; ${remedy}`
      : `${what}: new names and tags are counted as "(other)" from now on; ${remedy}`,
  );
}

async function prepare(message: Extract<ToWorker, { kind: 'prepare' }>): Promise<void> {
  const { plan, worker } = message;
  Object.assign(process.env, message.env);
  const bundle = (await import(pathToFileURL(message.bundlePath).href)) as { default: SuiteDefinition };
  learnSecrets(bundle.default, message);
  const clock = new RunClock();
  const errors = new ErrorLog();
  const meter = createMeter(message.sender, { mostSeries, onFilling: warnOfSeries });
  for (const [name, definition] of Object.entries(plan.metrics)) {
    meter.define(name, definition as MetricDefinition);
  }
  const guard = message.guard === null ? undefined : guardOf(message.guard);
  const http = new HttpRuntime({
    guard,
    baseUrl: plan.baseUrl,
    plan: plan.http,
    userAgent: message.userAgent,
    secrets: message.secrets.http,
    onFailure: (exchange, code, text) =>
      errors.add('request', code, text, exchange.endpoint.tags, clock.fromProcessMs(exchange.endedAtMs)),
  });
  const held = new HeldRuntime({
    http,
    onFailure: (tags, code, text) => errors.add('request', code, text, tags, clock.now()),
    onWarning: log.warn,
  });
  const redis =
    plan.redis === undefined
      ? null
      : await openRedis({
          plan: plan.redis,
          secrets: message.secrets.redis,
          guard,
          worker,
          workerCount: plan.workers,
          onFailure: (tags, code, text) => errors.add('request', code, text, tags, clock.now()),
          onWarning: log.warn,
        });
  const sql =
    plan.sql === undefined
      ? null
      : await openSql({
          plan: plan.sql,
          secrets: message.secrets.sql,
          guard,
          worker,
          workers: plan.workers,
          onFailure: (tags, code, text) => errors.add('request', code, text, tags, clock.now()),
        });
  const warned = new Set<string>();
  const deps = {
    meter,
    http,
    held,
    sql,
    redis,
    onFinding: (finding: Finding) => send({ kind: 'finding', finding: maskData(finding) }),
    errors,
    clock,
    log,
    env: process.env,
    hookSessions: new Set<{ close(): void }>(),
    data: undefined as unknown,
    onOverflow(what: string, example: string) {
      if (warned.has(what)) return;
      warned.add(what);
      log.warn(
        `more than 500 different ${what} in one task, such as ${example}: further ones are counted as "(other)"; give such requests a "name"`,
      );
    },
  };
  prepared = { plan, suite: bundle.default, worker, deps, http };
}

/** Texts are masked before they leave: only this process knows the cookies and credentials of its users. */
function learnSecrets(suite: SuiteDefinition, message: Extract<ToWorker, { kind: 'prepare' }>): void {
  const { plan, secrets } = message;
  learnSuite(suite, process.env);
  knownSecrets.learnSettings({ plan, secrets });
}

function start({ atMachineMs, data, controls, resume }: Extract<ToWorker, { kind: 'start' }>): void {
  const { plan, suite, worker, deps } = prepared!;
  stage = 'run';
  deps.data = data;
  deps.clock.startAt(atMachineMs);
  run = createWorkerRun({
    plan,
    suite,
    worker,
    deps,
    resume,
    onWindow: (message) =>
      send({ ...message, window: maskWindow(message.window), errors: maskData(message.errors) }),
    onFinished: () => send({ kind: 'finished' }),
  });
  for (const control of controls) run.control(control);
  if (resume !== undefined) send({ kind: 'resumed', atMs: run.fromMs });
  startTimer(() => run!.start(), Math.max(0, atMachineMs - machineMs()));
}

async function exit(): Promise<void> {
  for (const session of prepared?.deps.hookSessions ?? []) session.close();
  await prepared?.deps.held.close();
  await prepared?.deps.sql?.runtime.close();
  await prepared?.deps.redis?.close();
  await prepared?.http.close();
  const totals = run?.close() ?? { cpuMs: 0, peakMemoryBytes: 0 };
  send({ kind: 'bye', ...totals }, () => process.disconnect());
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'prepare':
      await prepare(message);
      send({ kind: 'prepared' });
      break;
    case 'setup': {
      stage = 'setup';
      const { suite, plan, deps } = prepared!;
      send({ kind: 'setup-done', data: await runSetup(suite, plan, deps) });
      break;
    }
    case 'start':
      start(message);
      break;
    case 'stop':
      run?.stop(message.mode, message.graceMs);
      break;
    case 'control':
      run?.control(message.control);
      break;
    case 'teardown': {
      stage = 'teardown';
      const { suite, plan, deps } = prepared!;
      await runTeardown(suite, plan, deps);
      send({ kind: 'teardown-done' });
      break;
    }
    case 'exit':
      await exit();
      break;
  }
}

process.on('message', (message: ToWorker) => {
  handle(message).catch(fail);
});
// The terminal sends Ctrl-C to the whole group; only the coordinator decides what it means.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Without a coordinator nobody would ever stop the load.
process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', (thrown) => {
  if (!(thrown instanceof StoppedError)) report(thrown, 'unhandled_rejection');
});
// Whatever user code left in a bad state cannot be trusted with more load: what was measured is saved, and
// the worker is lost.
process.on('uncaughtException', (thrown) => {
  if (!process.connected) process.exit(1);
  if (stage === 'run' || stage === 'teardown') {
    report(thrown, 'uncaught_exception');
    run?.close();
  } else {
    fail(thrown);
  }
  send({ kind: 'log', level: 'error', message: 'an exception that nothing caught ends this worker' }, () =>
    process.exit(1),
  );
});

/** Counts and tells an exception that no virtual user was there to catch. */
function report(thrown: unknown, code: string): void {
  if (prepared === undefined) {
    log.error(describeThrown(thrown).stack);
    return;
  }
  const { errors, clock } = prepared.deps;
  const stack = errors.addException(thrown, noTags, clock.now(), code);
  if (stack !== undefined) log.warn(`${code.replace('_', ' ')}: ${stack}`);
}

send({ kind: 'booted' });
