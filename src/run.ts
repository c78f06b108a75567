// The main path on one page: suite → plan → load → measurements → analysis → reports. The command line and
// whatever else drives runs are faces over `runProfile`.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { conclude, type Driven } from './conclude.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { limitWarnings, readMachineLimits } from './engine/machine-limits.ts';
import { createRunControl, type RunControl } from './engine/run-control.ts';
import { createCollector } from './metrics/collector.ts';
import { createErrorCollector } from './metrics/error-groups.ts';
import type { ErrorGroup } from './model/error-group.ts';
import { messageOf } from './model/errors.ts';
import type { HttpSecrets } from './model/http-secrets.ts';
import type { MetricWindow } from './model/metric.ts';
import type { Plan } from './model/plan.ts';
import type { LiveProgress } from './model/progress.ts';
import type { RedisSecrets } from './model/redis-settings.ts';
import type { RunRecord } from './model/run-record.ts';
import type { SqlSecrets } from './model/sql-settings.ts';
import type { Finding } from './model/verdict.ts';
import { packageVersion } from './model/version.ts';
import type { Overrides } from './plan/overrides.ts';
import { makePlan } from './plan/plan.ts';
import { assertReachable } from './protocols/reachable.ts';
import { type ReportFormat, renderReport } from './report/report.ts';
import { createJournal, type Journal } from './store/journal.ts';
import { createRunDirectory, writeArtifact } from './store/run-directory.ts';
import { describeEnvironment } from './store/run-environment.ts';
import { createRunLog, type LogLevel } from './store/run-log.ts';
import { readHttpSecrets } from './suite/http-settings.ts';
import { readRedisSecrets } from './suite/redis-settings.ts';
import { assertSafeTarget } from './suite/safety.ts';
import { readSqlSecrets } from './suite/sql-settings.ts';
import type { LoadedSuite } from './suite/suite.ts';
import { wallClock } from './time/clock.ts';

/** What happens during a run, in order. */
export type RunEvent =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'started'; readonly plan: Plan; readonly runDir: string }
  | { readonly kind: 'progress'; readonly plan: Plan; readonly progress: LiveProgress }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly kind: 'stopping'; readonly reason: string };

export interface RunOptions {
  readonly suite: LoadedSuite;
  readonly profile: string;
  readonly overrides: Overrides;
  readonly workers: number;
  readonly seed: number;
  readonly force: boolean;
  readonly outDir: string;
  readonly formats: readonly ReportFormat[];
  /** Workers that already boot; without them the run starts its own. */
  readonly engine?: Engine;
  /** Aborting it ends the run early: running iterations may finish for a few seconds. */
  readonly drainSignal: AbortSignal;
  /** Aborting it cuts off what still runs. */
  readonly cutSignal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Called once, when the load begins: externally-controlled scenarios are changed through the handle. */
  readonly onControl?: (control: RunControl) => void;
}

export interface RunOutcome {
  readonly record: RunRecord;
  readonly runDir: string;
  /** File names in `runDir`. */
  readonly artifacts: readonly string[];
  /** Those that are missing or cut off, because the disk was full or is not there any more. */
  readonly unwritten: readonly UnwrittenFile[];
  /** Without run.json: whether `plimsoll report` can rebuild it from the journal, as a whole or in part. */
  readonly recoverable?: 'whole' | 'part';
}

export interface UnwrittenFile {
  readonly fileName: string;
  readonly reason: string;
}

/** How long running iterations may go on after Ctrl-C, and after a threshold ended the run. */
const interruptGraceMs = 5000;
const abortGraceMs = 2000;

const workerEntry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)
  .href;

/** Starts worker processes ahead of a run, so that they boot while the suite is loaded. */
export function bootWorkers(count: number): Engine {
  return createEngine(workerEntry, count);
}

/**
 * Runs one profile from plan to reports. Throws a `PlimsollError` when there is nothing to report: a bad
 * plan, an unsafe or unreachable target, a failing setup. Whatever happens under load ends in a record.
 */
export async function runProfile(options: RunOptions): Promise<RunOutcome> {
  const { suite, onEvent } = options;
  const engine = options.engine ?? bootWorkers(options.workers);
  try {
    const plan = makePlan(suite.definition, options.profile, {
      ...options.overrides,
      workers: options.workers,
      seed: options.seed,
      environment: suite.environment,
    });
    onEvent({ kind: 'planned', plan });
    const { httpSecrets, sqlSecrets, redisSecrets, runDir, ...started } = await prepareRun(plan, options);
    const journal = await openJournal(runDir, plan, started, onEvent);
    try {
      const secrets = { httpSecrets, sqlSecrets, redisSecrets };
      const measured = await drive(engine, plan, runDir, { ...options, ...secrets, journal });
      const record = conclude({ ...measured, ...started, plan });
      const files = await report(record, runDir, options.formats, measured.logTrouble);
      if (files.unwritten.every(({ fileName }) => fileName !== 'run.json')) await journal.remove();
      return { record, runDir, ...files, ...(await journal.close()) };
    } catch (thrown) {
      if (journal.windowCount === 0) await journal.remove();
      else await journal.close();
      throw thrown;
    }
  } finally {
    engine.close();
  }
}

/** All that is checked and made before any load. Throws what `runProfile` throws. */
export async function prepareRun(
  plan: Plan,
  { suite, force, outDir }: Pick<RunOptions, 'suite' | 'force' | 'outDir'>,
): Promise<{
  httpSecrets: HttpSecrets;
  sqlSecrets: SqlSecrets;
  redisSecrets: RedisSecrets;
  runDir: string;
  id: string;
  startedAt: Date;
}> {
  for (const url of [plan.baseUrl, plan.sql?.url, plan.redis?.url]) {
    assertSafeTarget({
      baseUrl: url,
      environment: suite.environment,
      declared: suite.definition.environments?.[suite.environment],
      allowedHosts: suite.definition.safety?.allowedHosts,
      env: suite.env,
      force,
    });
  }
  const httpSecrets = await readHttpSecrets(suite.definition, plan.profile, suite.file, suite.env);
  if (plan.baseUrl !== undefined) await assertReachable(plan.baseUrl, plan.http, httpSecrets);
  const sqlSecrets = await readSqlSecrets(suite.definition, plan.profile, suite.file, suite.env);
  if (plan.sql !== undefined) {
    // Loaded only when needed: most suites have no database.
    const { assertDatabase } = await import('./protocols/sql/reachable.ts');
    await assertDatabase(plan.sql, sqlSecrets, force);
  }
  const redisSecrets = await readRedisSecrets(suite.definition, plan.profile, suite.file);
  if (plan.redis !== undefined) {
    const { assertRedis } = await import('./protocols/redis/reachable.ts');
    await assertRedis(plan.redis, redisSecrets);
  }
  const id = randomBytes(8).toString('hex');
  const startedAt = wallClock();
  const { suite: suiteName, profile } = plan;
  const runDir = await createRunDirectory({ outDir, suite: suiteName, profile, startedAt, id });
  return { httpSecrets, sqlSecrets, redisSecrets, runDir, id, startedAt };
}

/** The journal holds from the start what `conclude` will ask for. */
function openJournal(
  runDir: string,
  plan: Plan,
  { id, startedAt }: { readonly id: string; readonly startedAt: Date },
  onEvent: RunOptions['onEvent'],
): Promise<Journal> {
  const environment = describeEnvironment(plan.environment, packageVersion);
  const warn = (message: string): void => onEvent({ kind: 'log', level: 'warn', message });
  return createJournal(runDir, { id, startedAt: startedAt.toISOString(), environment, plan }, { warn });
}

/** What drives the load of one plan, once all is checked. */
export interface DriveOptions
  extends Pick<RunOptions, 'suite' | 'drainSignal' | 'cutSignal' | 'onEvent' | 'onControl'> {
  readonly httpSecrets: HttpSecrets;
  readonly sqlSecrets: SqlSecrets;
  readonly redisSecrets: RedisSecrets;
  /** Takes in all that happens, as it happens. */
  readonly journal?: Journal;
  /** Also told of every window that a worker sends. */
  readonly onWindow?: (window: MetricWindow, errors: readonly ErrorGroup[]) => void;
}

/** Load and measurements. */
export async function drive(
  engine: Engine,
  plan: Plan,
  runDir: string,
  options: DriveOptions,
): Promise<Driven> {
  const { suite, drainSignal, cutSignal, onEvent, httpSecrets, sqlSecrets, redisSecrets, journal } = options;
  const log = createRunLog(join(runDir, 'run.log'));
  const tell = (level: LogLevel, message: string): void => {
    log.write(level, message);
    onEvent({ kind: 'log', level, message });
  };
  const collector = createCollector(plan, (message) => tell('warn', message));
  const errors = createErrorCollector();
  const suiteFindings: Finding[] = [];
  let aborted = false;
  const stop = (mode: 'drain' | 'cut', graceMs: number, reason: string): void => {
    log.write('warn', 'stopping', { reason, mode });
    onEvent({ kind: 'stopping', reason });
    engine.stop(mode, graceMs);
  };
  const onDrain = (): void => {
    journal?.stopping('interrupt');
    stop('drain', interruptGraceMs, 'interrupted: letting running iterations finish');
  };
  const onCut = (): void => stop('cut', 0, 'interrupted again: cutting off what still runs');
  drainSignal.addEventListener('abort', onDrain);
  cutSignal.addEventListener('abort', onCut);
  if (drainSignal.aborted) onDrain();
  if (cutSignal.aborted) onCut();
  try {
    for (const warning of limitWarnings(plan, await readMachineLimits())) tell('warn', warning);
    const { durationMs, workers, gaps } = await engine.run({
      plan,
      bundlePath: suite.bundlePath,
      env: changedEnv(suite.env),
      userAgent: `plimsoll/${packageVersion}`,
      httpSecrets,
      sqlSecrets,
      redisSecrets,
      hasSetup: suite.definition.setup !== undefined,
      hasTeardown: suite.definition.teardown !== undefined,
      onStarted() {
        journal?.started();
        log.write('info', 'started', { suite: plan.suite, profile: plan.profile, target: plan.baseUrl });
        onEvent({ kind: 'started', plan, runDir });
        options.onControl?.(
          createRunControl(plan, (control) => {
            log.write('info', 'controlled', { ...control });
            engine.control(control);
          }),
        );
      },
      onWindow(window, deltas) {
        journal?.window(window, deltas);
        options.onWindow?.(window, deltas);
        collector.accept(window);
        errors.accept(deltas);
        onEvent({ kind: 'progress', plan, progress: collector.progress() });
        const [breached] = aborted ? [] : collector.breachedAborts(window.endAtMs);
        if (breached !== undefined) {
          aborted = true;
          journal?.stopping('threshold');
          stop('drain', abortGraceMs, `threshold ${breached.metric}: ${breached.expression} does not hold`);
        }
      },
      onGaps: (gapsSoFar) => journal?.gaps(gapsSoFar),
      onFinding(finding) {
        journal?.finding(finding);
        suiteFindings.push(finding);
      },
      onLog: tell,
    });
    journal?.ended({ durationMs, workers, gaps });
    log.write('info', 'ended', { durationMs });
    return {
      ...collector.finish(durationMs),
      errors: errors.finish(),
      suiteFindings,
      workers,
      gaps,
      interrupted: drainSignal.aborted,
      logTrouble: log.trouble,
    };
  } finally {
    drainSignal.removeEventListener('abort', onDrain);
    cutSignal.removeEventListener('abort', onCut);
    log.close();
  }
}

/** Variables that the suite's environment sets or changes; workers inherit the others. */
function changedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== process.env[name]) changed[name] = value;
  }
  return changed;
}

/** Writes what can be written: a full disk costs files, not the run. */
export async function report(
  record: RunRecord,
  runDir: string,
  formats: readonly ReportFormat[],
  logTrouble?: string,
): Promise<Pick<RunOutcome, 'artifacts' | 'unwritten'>> {
  const artifacts: string[] = [];
  const unwritten: UnwrittenFile[] =
    logTrouble === undefined ? [] : [{ fileName: 'run.log', reason: logTrouble }];
  // The record first: everything else can be made from it again.
  for (const format of [...formats].sort((a, b) => Number(b === 'json') - Number(a === 'json'))) {
    for (const { fileName, content } of renderReport(format, record)) {
      try {
        await writeArtifact(runDir, fileName, content);
        artifacts.push(fileName);
      } catch (thrown) {
        unwritten.push({ fileName, reason: messageOf((thrown as Error).cause ?? thrown) });
      }
    }
  }
  return { artifacts, unwritten };
}
