// The search for the highest load that still meets the objectives. A feedback loop: each step is a run of its own
// on workers of its own, and decides the next; in the end all steps become one record.

import {
  decideNext,
  type SearchAttempt,
  type SearchResult,
  type SearchRules,
} from '../analysis/capacity-search.ts';
import { assessGenerator } from '../analysis/generator-health.ts';
import { type JudgedStep, judgeStep } from '../analysis/step-outcome.ts';
import { gapReasons } from '../analysis/worker-losses.ts';
import { maskData, maskText } from '../masking/mask.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import { collectPart, joinSteps, type StepWindows, stepOffsets } from '../metrics/join-steps.ts';
import type { StepAmounts } from '../metrics/search-floors.ts';
import { mostRatePerSec, mostVus } from '../model/bounds.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import type { Refusal } from '../model/guard.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan, SearchStepPlan, SearchUnit } from '../model/plan.ts';
import type { WorkerGap, WorkerHealth } from '../model/run-record.ts';
import { RefusedError } from '../network/traffic-guard.ts';
import { planSearchStep, unitOf } from '../plan/search-step.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { formatFigure } from '../text/format-figure.ts';
import { delay } from '../time/timer.ts';
import { conclude, type Driven } from './conclude.ts';
import { drive } from './drive.ts';
import { bootWorkers, prepareRun, type RunOptions, type RunOutcome, report } from './run-profile.ts';

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

interface Step extends StepWindows {
  readonly plan: Plan;
  readonly errors: readonly ErrorGroup[];
  readonly driven: Driven;
  readonly saturation: readonly string[];
}

type Prepared = Awaited<ReturnType<typeof prepareRun>>;

/**
 * Searches and reports. `plan.search` of the record lists the steps with their outcomes; series with a step's
 * scenario tag hold what counted of it, whole metrics hold everything sent. Throws a `UsageError` for options that
 * make no search, and what `runProfile` throws.
 */
export async function searchCapacity(options: CapacityOptions): Promise<RunOutcome> {
  assertSearchable(options);
  const { suite, profile, workers, seed } = options;
  const environment = suite.environment;
  const targetParts = await readTargetParts(options.overrides.baseUrl ?? suite.definition.baseUrl);
  const planOptions = { ...options.overrides, workers, seed, environment, targetParts };
  const { baseUrl } = options.overrides;
  const unit =
    options.unit ?? unitOf(suite.definition, profile, { workers, seed, environment, baseUrl, targetParts });
  if (unit === 'users' && !(Number.isInteger(options.from) && Number.isInteger(options.to))) {
    throw new UsageError(`--from ${options.from} --to ${options.to}: expected whole users`);
  }
  if (unit === 'users' && options.to > mostVus) {
    throw new UsageError(`--to ${options.to}: expected at most ${mostVus} users`);
  }
  const warmUpMs = Math.max(1000, Math.round((options.stepDurationMs * warmUpShare) / 1000) * 1000);
  const rules: SearchRules = { unit, from: options.from, to: options.to, precision: options.precision };
  const planOf = (load: number, name: string): Plan =>
    planSearchStep(suite.definition, profile, {
      ...planOptions,
      name,
      unit,
      load,
      durationMs: options.stepDurationMs,
      warmUpMs,
    });

  const firstPlan = planOf(rules.from, 'step-1');
  options.onEvent({ kind: 'planned', plan: maskData(firstPlan) });
  const prepared = await prepareRun(firstPlan, { ...options, targetParts });
  const { steps, tried, result, endedBy, refusal } = await searchSteps(
    rules,
    options,
    async (load, scenario) => {
      const plan = planOf(load, scenario);
      try {
        return await carryOut(plan, warmUpMs, prepared, options);
      } catch (thrown) {
        // A target that was overloaded a moment ago may not be ready for the next step's setup.
        const isFirst = scenario === firstPlan.scenarios[0]!.name;
        if (isFirst || options.drainSignal.aborted || thrown instanceof RefusedError) throw thrown;
        tell(options, `${scenario}: ${messageOf(thrown)} Once more, after a pause.`);
        await delay(warmUpMs, { signal: options.drainSignal });
        return await carryOut(plan, warmUpMs, prepared, options);
      }
    },
  );
  const { from, to, precision } = rules;
  const adaptive = { from, to, precision, warmUpMs, ...(endedBy !== undefined && { endedBy }) };
  const record = join(steps, { unit, steps: tried, adaptive }, prepared, {
    interrupted: options.drainSignal.aborted,
    // A step that the generator could not drive bounds the answer; only without an answer is it what limited the search.
    saturated: result?.kind === 'inconclusive',
    refusal,
  });
  const logTrouble = steps.find(({ driven }) => driven.logTrouble !== undefined)?.driven.logTrouble;
  const files = await report(record, prepared.runDir, options.formats, logTrouble);
  return { record, runDir: prepared.runDir, ...files };
}

interface Searched {
  readonly steps: readonly Step[];
  readonly tried: readonly SearchStepPlan[];
  /** Absent when the search did not come to its end. */
  readonly result?: SearchResult;
  readonly endedBy?: string;
  /** What ended it for safety. */
  readonly refusal?: Refusal | undefined;
}

/** Step after step, until the search is over, interrupted, or cannot go on. Throws what the first step throws. */
async function searchSteps(
  rules: SearchRules,
  options: CapacityOptions,
  carryOutStep: (load: number, scenario: string) => Promise<Step>,
): Promise<Searched> {
  const steps: Step[] = [];
  const tried: SearchStepPlan[] = [];
  const attempts: SearchAttempt[] = [];
  const done: { readonly amounts: StepAmounts; readonly held: boolean }[] = [];
  for (;;) {
    const decision = decideNext(rules, attempts);
    if (decision.kind === 'done') return { steps, tried, result: decision.result };
    const { load, purpose } = decision;
    const scenario = `step-${steps.length + 1}`;
    tell(options, `${scenario}: ${formatFigure(load, rules.unit)} (${purposeWords[purpose]})`);
    let step: Step;
    try {
      step = await carryOutStep(load, scenario);
    } catch (thrown) {
      if (steps.length === 0) throw thrown;
      if (thrown instanceof RefusedError) return { steps, tried, refusal: thrown.refusal };
      const endedBy = `${scenario} at ${formatFigure(load, rules.unit)} could not be made: ${messageOf(thrown)}`;
      tell(options, endedBy);
      return { steps, tried, endedBy };
    }
    steps.push(step);
    if (step.driven.interrupted || step.driven.refusal !== undefined) {
      tried.push({ scenario, load });
      return { steps, tried, refusal: step.driven.refusal };
    }
    const lower = done.filter((one) => one.held && one.amounts.load < load).map(({ amounts }) => amounts);
    const { outcome, reasons, amounts } = judge(step, { unit: rules.unit, load, lower });
    done.push({ amounts, held: outcome === 'held' });
    tell(options, `${scenario}: ${[outcomeWords[outcome], ...reasons].join(' ')}`);
    const trial = { purpose, outcome, ...(reasons.length > 0 && { reasons }) };
    tried.push({ scenario, load, trial });
    attempts.push({ load, ...trial });
    // A target that was overloaded gets time to work off what it has queued.
    if (outcome !== 'held') await delay(step.warmUpMs, { signal: options.drainSignal });
    if (options.drainSignal.aborted) return { steps, tried };
  }
}

const purposeWords = {
  grow: 'going up',
  narrow: 'narrowing',
  repeat: 'once more, to be sure',
  confirm: 'confirming',
} as const;
const outcomeWords = {
  held: 'held.',
  broke: 'broke.',
  noisy: 'noisy: its two halves disagree.',
  saturated: 'the generator could not drive it.',
} as const;

function assertSearchable({ from, to, precision, stepDurationMs }: CapacityOptions): void {
  if (to > mostRatePerSec) throw new UsageError(`--to ${to}: expected at most ${mostRatePerSec}`);
  if (from > to) throw new UsageError(`--from ${from}: expected at most --to, ${to}`);
  if (!(precision > 0 && precision < 1)) {
    throw new UsageError(`--precision ${precision * 100}%: expected more than 0 and less than 100 percent`);
  }
  if (stepDurationMs < shortestStepMs) {
    throw new UsageError(`--step-duration ${stepDurationMs}ms: expected at least 3s`, {
      hint: 'a step needs a second to warm up and a second for each of its halves',
    });
  }
}

function tell({ onEvent }: CapacityOptions, message: string): void {
  onEvent({ kind: 'log', level: 'info', message: maskText(message) });
}

/** One step on workers of its own. */
async function carryOut(
  plan: Plan,
  warmUpMs: number,
  { runDir, secrets, guard }: Prepared,
  { suite, drainSignal, cutSignal, onEvent }: CapacityOptions,
): Promise<Step> {
  const engine = bootWorkers(plan.workers);
  const windows: MetricWindow[] = [];
  const errors: ErrorGroup[] = [];
  const reports: MonitorReport[] = [];
  try {
    const driven = await drive(engine, plan, runDir, {
      suite,
      drainSignal,
      cutSignal,
      onEvent,
      ...secrets,
      guard,
      onWindow(window, groups) {
        windows.push(window);
        errors.push(...groups);
      },
      onMonitorReport: (report) => reports.push(report),
    });
    // A step in which load was missing for a while shows as little as one that could not be driven.
    const reasons = [...assessGenerator({ plan, ...driven }).reasons, ...gapReasons({ plan, ...driven })];
    const durationMs = driven.timeline.at(-1)?.endAtMs ?? plan.durationMs;
    const scenario = plan.scenarios[0]!.name;
    const alerts = driven.alerts ?? [];
    const told = { windows, reports, alerts, errors, driven };
    return { scenario, ...told, durationMs, warmUpMs, plan: maskData(plan), saturation: reasons };
  } finally {
    engine.close();
  }
}

/** A step without its warm-up, whose rates are those of the time until its planned end. */
function judge(
  { plan, windows, reports, alerts, warmUpMs, saturation }: Step,
  search: Pick<Parameters<typeof judgeStep>[0], 'unit' | 'load' | 'lower'>,
): JudgedStep {
  const endMs = plan.durationMs;
  const middleMs = warmUpMs + Math.floor((endMs - warmUpMs) / 2000) * 1000;
  const part = (fromMs: number, toMs: number) => collectPart(plan, { windows, reports }, fromMs, toMs);
  const ending = alerts.find(({ aborted }) => aborted);
  return judgeStep({
    plan,
    ...search,
    seconds: (endMs - warmUpMs) / 1000,
    counted: part(warmUpMs, endMs),
    firstHalf: part(warmUpMs, middleMs),
    secondHalf: part(middleMs, endMs),
    saturation,
    endedBy: ending === undefined ? undefined : `The alert ${ending.title} ended the step.`,
  });
}

/** All steps as one record. */
function join(
  steps: readonly Step[],
  search: NonNullable<Plan['search']>,
  { id, startedAt }: Prepared,
  {
    interrupted,
    saturated,
    refusal,
  }: {
    readonly interrupted: boolean;
    readonly saturated: boolean;
    readonly refusal: Refusal | undefined;
  },
): RunOutcome['record'] {
  const { startsMs, durationMs } = stepOffsets(steps);
  const scenarios = steps.map(({ plan }, i) => ({ ...plan.scenarios[0]!, startAtMs: startsMs[i]! }));
  const last = steps.at(-1)!;
  const plan: Plan = {
    ...last.plan,
    scenarios,
    thresholds: steps.flatMap((step) => step.plan.thresholds),
    search,
    durationMs,
    maxDurationMs: Math.max(...scenarios.map((one) => one.startAtMs + last.plan.maxDurationMs)),
  };
  const errors = createErrorCollector();
  for (const [i, step] of steps.entries()) {
    const offsetMs = startsMs[i]!;
    errors.accept(
      step.errors.map((group) => ({
        ...group,
        firstAtMs: group.firstAtMs + offsetMs,
        lastAtMs: group.lastAtMs + offsetMs,
      })),
    );
  }
  return conclude({
    ...joinSteps(plan, steps),
    plan,
    id,
    startedAt,
    interrupted,
    errors: errors.finish(),
    refusal,
    suiteFindings: steps.flatMap(({ driven }) => driven.suiteFindings),
    workers: joinWorkers(steps),
    gaps: joinGaps(steps, startsMs),
    generator: { saturated, reasons: saturated ? last.saturation : [] },
  });
}

function joinGaps(steps: readonly Step[], startsMs: readonly number[]): WorkerGap[] {
  return steps.flatMap(({ driven }, i) =>
    driven.gaps.map((gap) => ({
      ...gap,
      fromMs: gap.fromMs + startsMs[i]!,
      untilMs: gap.untilMs === null ? null : gap.untilMs + startsMs[i]!,
      measuredUntilMs: gap.measuredUntilMs + startsMs[i]!,
    })),
  );
}

/** Per worker index: CPU of all steps, the highest memory, the process of the last step. */
function joinWorkers(steps: readonly Step[]): WorkerHealth[] {
  const byIndex = new Map<number, WorkerHealth>();
  for (const worker of steps.flatMap(({ driven }) => driven.workers)) {
    const known = byIndex.get(worker.index);
    byIndex.set(worker.index, {
      ...worker,
      cpuMs: worker.cpuMs + (known?.cpuMs ?? 0),
      peakMemoryBytes: Math.max(worker.peakMemoryBytes, known?.peakMemoryBytes ?? 0),
      completed: worker.completed && known?.completed !== false,
    });
  }
  return [...byIndex.values()];
}
