// The search for the highest load that still meets the objectives: one session, and a load of its own for each step, on
// workers of its own. In the end all steps become one record.

import type { SearchRules } from '../analysis/capacity-search.ts';
import { mostRatePerSec, mostVus } from '../executors/bounds.ts';
import { maskData } from '../masking/mask.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan, SearchUnit } from '../model/plan.ts';
import { RefusedError } from '../network/traffic-guard.ts';
import { behindProxy } from '../plan/faults.ts';
import type { PlannedProfile } from '../plan/plan.ts';
import { planSearchStep, unitOf } from '../plan/search-step.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { formatCount } from '../text/format-figure.ts';
import { delay } from '../time/timer.ts';
import { bootWorkers } from './boot-workers.ts';
import { type CheckedTarget, checkTarget } from './check-target.ts';
import { type DriveOptions, drive, type PlannedLoad } from './drive.ts';
import { concludeSearch, makeSearchStep, type SearchStep } from './join-search.ts';
import { createOutputCompanion } from './outputs.ts';
import { createRig } from './rig.ts';
import type { RunOptions } from './run-profile.ts';
import { searchSteps } from './search-steps.ts';
import { inSession, type Session } from './session.ts';
import { type RunOutcome, writeReports } from './write-reports.ts';

export interface CapacityOptions extends Omit<RunOptions, 'engine' | 'onControl'> {
  /** What is raised; that of the profile's executor when absent. */
  readonly unit?: SearchUnit | undefined;
  readonly from: number;
  readonly to: number;
  /** 0..1; see `AdaptiveSearch`. */
  readonly precision: number;
  readonly stepDurationMs: number;
}

/** Share of a step that is warm-up; whole seconds, since workers measure by the second. */
const warmUpShare = 0.25;
const shortestStepMs = 3000;

/**
 * Searches and reports. `plan.search` of the record lists the steps with their outcomes; series with a step's
 * scenario tag hold what counted of it, whole metrics hold everything sent. Throws a `UsageError` for options that
 * make no search, and what `runProfile` throws.
 */
export async function searchCapacity(options: CapacityOptions): Promise<RunOutcome> {
  assertSearchable(options);
  const { suite, onEvent } = options;
  const planned = await planSearch(options);
  const { rules, planOf } = planned;
  const first = planOf(rules.from, 'step-1');
  const shown = maskData(first.plan);
  onEvent({ kind: 'planned', plan: shown });
  const rig = createRig(suite, first.plan, (message) => onEvent({ kind: 'log', level: 'info', message }));
  try {
    const target = await checkTarget(first, { ...options, raise: (guard) => rig.raise(guard) });
    return await searchInSession(options, { ...planned, first, shown, target: { ...target, rig } });
  } finally {
    await rig.takeDown();
  }
}

/** All that is known before the session of a search begins. */
interface PreparedSearch extends PlannedSearch {
  readonly first: PlannedProfile;
  /** The plan of the first step, masked. */
  readonly shown: Plan;
  readonly target: CheckedTarget & Pick<DriveOptions, 'rig'>;
}

function searchInSession(options: CapacityOptions, prepared: PreparedSearch): Promise<RunOutcome> {
  const { suite, outDir, formats, drainSignal, onEvent } = options;
  const { rules, warmUpMs, planOf, first, shown, target } = prepared;
  const search = { ...rules, warmUpMs };
  return inSession({ plan: shown, outDir, onEvent, search }, async (session) => {
    const outputs = [...(suite.definition.outputs ?? []), ...(options.outputs ?? [])];
    await session.join(createOutputCompanion(outputs, shown, session));
    const rowsTaken = new Map<string, number>();
    const tell = (message: string): void => session.tell('info', message);
    const carryOutStep = async (load: number, scenario: string): Promise<SearchStep> => {
      const isFirst = scenario === 'step-1';
      const { plan } = isFirst ? first : planOf(load, scenario);
      assertRowsLeft(plan, rowsTaken);
      const planned = { plan, shown: isFirst ? shown : maskData(plan), load };
      try {
        return await carryOut(session, planned, warmUpMs, { ...options, ...target, rowsTaken });
      } catch (thrown) {
        // A target that was overloaded a moment ago may not be ready for the next step's setup.
        if (isFirst || drainSignal.aborted || thrown instanceof RefusedError) throw thrown;
        tell(`${scenario}: ${messageOf(thrown)} Once more, after a pause.`);
        await delay(warmUpMs, { signal: drainSignal });
        return await carryOut(session, planned, warmUpMs, { ...options, ...target, rowsTaken });
      }
    };
    const handlers = { tell, drainSignal, onTrial: session.journal.trial.bind(session.journal) };
    const searched = await searchSteps(rules, handlers, carryOutStep);
    const { steps, tried, result, endedBy, refusal } = searched;
    session.journal.searched(endedBy);
    const { unit, from, to, precision } = rules;
    const adaptive = { from, to, precision, warmUpMs, ...(endedBy !== undefined && { endedBy }) };
    const record = concludeSearch(
      session,
      steps,
      { unit, steps: tried, adaptive },
      {
        interrupted: drainSignal.aborted,
        // A step that the generator could not drive bounds the answer; only without an answer is it what limited the search.
        saturated: result?.kind === 'inconclusive',
        refusal,
        ...(await session.finish()),
      },
    );
    return await writeReports(session, record, formats);
  });
}

interface PlannedSearch {
  readonly rules: SearchRules;
  /** Of every step, ms. */
  readonly warmUpMs: number;
  readonly planOf: (load: number, scenario: string) => PlannedProfile;
}

async function planSearch(options: CapacityOptions): Promise<PlannedSearch> {
  const { suite, profile, workers, seed, overrides, from, to, precision, stepDurationMs } = options;
  const { definition, environment } = suite;
  const { baseUrl } = overrides;
  const targetParts = await readTargetParts(behindProxy(baseUrl ?? definition.baseUrl, definition));
  const surroundings = { workers, seed, environment, targetParts, data: suite.data.plans };
  const unit = options.unit ?? unitOf(definition, profile, { ...surroundings, baseUrl });
  if (unit === 'users' && !(Number.isInteger(from) && Number.isInteger(to))) {
    throw new UsageError(`--from ${from} --to ${to}: expected whole users`);
  }
  if (unit === 'users' && to > mostVus) {
    throw new UsageError(`--to ${to}: expected at most ${mostVus} users`);
  }
  const warmUpMs = Math.max(1000, Math.round((stepDurationMs * warmUpShare) / 1000) * 1000);
  return {
    rules: { unit, from, to, precision },
    warmUpMs,
    planOf: (load, name) =>
      planSearchStep(definition, profile, {
        ...overrides,
        ...surroundings,
        ...{ name, unit, load, durationMs: stepDurationMs, warmUpMs },
      }),
  };
}

function assertSearchable({ from, to, precision, stepDurationMs }: CapacityOptions): void {
  if (to > mostRatePerSec) throw new UsageError(`--to ${to}: expected at most ${mostRatePerSec}`);
  if (from > to) throw new UsageError(`--from ${from}: expected at most --to, ${to}`);
  if (!(precision > 0 && precision < 1)) {
    throw new UsageError(
      `--precision ${Number((precision * 100).toPrecision(6))}%: expected more than 0 and less than 100 percent`,
    );
  }
  if (stepDurationMs < shortestStepMs) {
    throw new UsageError(`--step-duration ${stepDurationMs}ms: expected at least 3s`, {
      hint: 'a step needs a second to warm up and a second for each of its halves',
    });
  }
}

/** Throws a `UsageError` when the earlier steps have used up unique rows: no further step can be driven. */
function assertRowsLeft({ data = [] }: Plan, rowsTaken: ReadonlyMap<string, number>): void {
  for (const { name, policy, rows } of data) {
    if (policy !== 'unique' || rows === null || (rowsTaken.get(name) ?? 0) < rows) continue;
    throw new UsageError(
      `data.${name}: the steps before have used up the ${formatCount(rows, 'unique row')}.`,
    );
  }
}

/** One step on workers of its own. */
async function carryOut(
  session: Session,
  { plan, shown, load }: PlannedLoad & { readonly load: number },
  warmUpMs: number,
  options: Omit<DriveOptions, keyof PlannedLoad>,
): Promise<SearchStep> {
  const { suite, secrets, rig, rowsTaken, guard, drainSignal, cutSignal } = options;
  session.journal.step(load, shown);
  const engine = bootWorkers(plan.workers);
  const windows: MetricWindow[] = [];
  const errors: ErrorGroup[] = [];
  const reports: MonitorReport[] = [];
  try {
    const driven = await drive(session, engine, {
      ...{ plan, shown, suite, secrets, rig, guard, drainSignal, cutSignal },
      ...(rowsTaken !== undefined && { rowsTaken }),
      onWindow(window, groups) {
        windows.push(window);
        errors.push(...groups);
      },
      onMonitorReport: (report) => reports.push(report),
    });
    return makeSearchStep({ plan: shown, warmUpMs, windows, errors, reports, driven });
  } finally {
    engine.close();
  }
}
