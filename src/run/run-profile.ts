// The main path on one page: suite → plan → load → measurements → analysis → reports. The command line and
// whatever else drives runs are faces over `runProfile`.

import { randomBytes } from 'node:crypto';
import { createEngine, type Engine } from '../engine/engine.ts';
import { maskData } from '../masking/mask.ts';
import { mostWorkers } from '../model/bounds.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { packageVersion } from '../model/version.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import type { LiveOutputs } from '../outputs/live-outputs.ts';
import { monitorsOf } from '../plan/monitors.ts';
import type { Overrides } from '../plan/overrides.ts';
import { limitsLeftOut, makePlan } from '../plan/plan.ts';
import { assertSafe, knownDestinations } from '../protocols/known-destinations.ts';
import { assertReachable } from '../protocols/reachable.ts';
import { type ReportFormat, renderReport } from '../report/report.ts';
import { createJournal, type Journal } from '../store/journal.ts';
import { createRunDirectory, writeArtifact } from '../store/run-directory.ts';
import { describeEnvironment } from '../store/run-environment.ts';
import { readProtocolSecrets } from '../suite/protocol-secrets.ts';
import { safetyOf } from '../suite/safety.ts';
import type { TargetParts } from '../target-kit/target.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { wallClock } from '../time/clock.ts';
import { conclude } from './conclude.ts';
import { type DriveOptions, drive, type RunSecrets } from './drive.ts';
import { openOutputs } from './outputs.ts';

export type { RunEvent } from './run-event.ts';

export interface RunOptions
  extends Pick<DriveOptions, 'suite' | 'drainSignal' | 'cutSignal' | 'onEvent' | 'onControl'> {
  readonly profile: string;
  readonly overrides: Overrides;
  readonly workers: number;
  readonly seed: number;
  readonly force: boolean;
  readonly outDir: string;
  readonly formats: readonly ReportFormat[];
  /** Workers that already boot; without them the run starts its own. */
  readonly engine?: Engine;
  /** Where figures go while the run goes on, beside the suite's own outputs. */
  readonly outputs?: readonly OutputDefinition[];
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

const workerEntry = new URL(
  import.meta.url.endsWith('.ts') ? '../worker.ts' : '../worker.js',
  import.meta.url,
).href;

/** Starts worker processes ahead of a run, so that they boot while the suite is loaded. Throws a `UsageError` for too many. */
export function bootWorkers(count: number): Engine {
  if (!Number.isInteger(count) || count < 1 || count > mostWorkers) {
    throw new UsageError(`${count} workers: expected a whole number from 1 to ${mostWorkers}`, {
      hint: 'more workers than cores do not drive more load',
    });
  }
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
    const targetParts = await readTargetParts(options.overrides.baseUrl ?? suite.definition.baseUrl);
    const plan = makePlan(suite.definition, options.profile, {
      ...options.overrides,
      workers: options.workers,
      seed: options.seed,
      environment: suite.environment,
      targetParts,
    });
    onEvent({ kind: 'planned', plan: maskData(plan) });
    const { secrets, guard, runDir, id, startedAt } = await prepareRun(plan, { ...options, targetParts });
    const journal = await openJournal(runDir, plan, { id, startedAt }, onEvent);
    let outputs: LiveOutputs | undefined;
    try {
      outputs = await openOutputs([...(suite.definition.outputs ?? []), ...(options.outputs ?? [])], {
        plan: maskData(plan),
        id,
      });
      const measured = await drive(engine, plan, runDir, { ...options, ...secrets, guard, journal, outputs });
      const record = conclude({ ...measured, plan, id, startedAt });
      const files = await report(record, runDir, options.formats, measured.logTrouble);
      if (files.unwritten.every(({ fileName }) => fileName !== 'run.json')) await journal.remove();
      return { record, runDir, ...files, ...(await journal.close()) };
    } catch (thrown) {
      if (journal.windowCount === 0) await journal.remove();
      else await journal.close();
      throw thrown;
    } finally {
      await outputs?.close();
    }
  } finally {
    engine.close();
  }
}

export interface PreparedRun {
  readonly secrets: RunSecrets;
  /** What must not be contacted; absent when the run is forced. */
  readonly guard: GuardSettings | undefined;
  readonly runDir: string;
  readonly id: string;
  readonly startedAt: Date;
}

/** All that is checked and made before any load. Throws what `runProfile` throws. */
export async function prepareRun(
  plan: Plan,
  {
    suite,
    force,
    outDir,
    onEvent,
    targetParts,
    overrides,
  }: Pick<RunOptions, 'suite' | 'force' | 'outDir' | 'onEvent' | 'overrides'> & {
    readonly targetParts?: TargetParts | undefined;
  },
): Promise<PreparedRun> {
  let protocolSecrets = await readProtocolSecrets(suite, plan.profile);
  const settings = safetyOf(suite, plan, force);
  if (settings !== undefined) {
    assertSafe(knownDestinations(plan, protocolSecrets.http, suite.definition.users), settings);
  }
  const guard = settings && new TrafficGuard(settings);
  if (plan.baseUrl !== undefined) await assertReachable(plan.baseUrl, plan.http, protocolSecrets.http, guard);
  if (plan.sql !== undefined) {
    // Loaded only when needed: most suites have no database.
    const { assertDatabase } = await import('../protocols/sql/reachable.ts');
    const found = await unlessRefused(guard, assertDatabase(plan.sql, protocolSecrets.sql, force, guard));
    protocolSecrets = { ...protocolSecrets, sql: { ...protocolSecrets.sql, ...found } };
    if (found.pooled === true) onEvent({ kind: 'log', level: 'info', message: pooledMessage(plan.sql) });
  }
  if (plan.redis !== undefined) {
    const { assertRedis } = await import('../protocols/redis/reachable.ts');
    const found = await unlessRefused(guard, assertRedis(plan.redis, protocolSecrets.redis, guard));
    protocolSecrets = { ...protocolSecrets, redis: { ...protocolSecrets.redis, ...found } };
  }
  const monitors = monitorsOf(suite.definition, plan.profile, { baseUrl: plan.baseUrl, targetParts });
  for (const { monitor, reason } of monitors.leftOut) {
    const message = `monitor ${monitor} is left out, and any threshold or alert on its figures: ${reason}`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  for (const limit of limitsLeftOut(suite.definition, plan.profile, overrides)) {
    const message = `${limit} is left out: profile ${plan.profile} does nothing of the kind`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  const secrets = { protocolSecrets, monitorSecrets: monitors.secrets };
  const id = randomBytes(8).toString('hex');
  const startedAt = wallClock();
  const { suite: suiteName, profile } = plan;
  const runDir = await createRunDirectory({ outDir, suite: suiteName, profile, startedAt, id });
  return { secrets, guard: settings, runDir, id, startedAt };
}

/** That a host was refused counts more than what followed from it. */
function unlessRefused<T>(guard: TrafficGuard | undefined, asked: Promise<T>): Promise<T> {
  return asked.catch((thrown: unknown) => {
    throw guard?.first ?? thrown;
  });
}

function pooledMessage({ prepare }: NonNullable<Plan['sql']>): string {
  const how =
    prepare === true
      ? 'statements are prepared under names all the same, since sql.prepare says so'
      : "statements are not prepared under names, since its sessions are several clients' (sql.prepare)";
  return `a pooler stands before the database: ${how}`;
}

/** The journal holds from the start what `conclude` will ask for. */
export function openJournal(
  runDir: string,
  plan: Plan,
  { id, startedAt }: { readonly id: string; readonly startedAt: Date },
  onEvent: RunOptions['onEvent'],
): Promise<Journal> {
  const environment = describeEnvironment(plan.environment, packageVersion);
  const warn = (message: string): void => onEvent({ kind: 'log', level: 'warn', message });
  return createJournal(runDir, { id, startedAt: startedAt.toISOString(), environment, plan }, { warn });
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
