// `plimsoll run`: flags in, exit code out. Chooses the profiles, shows progress, prints summary and verdict.

import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import type { Yardstick } from '../model/baseline.ts';
import { exitCodes, messageOf, PlimsollError, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { RefusedError } from '../network/traffic-guard.ts';
import { leftOutOfBudget } from '../plan/budget.ts';
import { makePalette } from '../report/text/palette.ts';
import type { PlannedStep } from '../run/plan-steps.ts';
import type { RunEvent } from '../run/run-event.ts';
import { type NotRun, runProfiles } from '../run/run-profiles.ts';
import type { RunOutcome } from '../run/write-reports.ts';
import type { LogLevel } from '../store/run-log.ts';
import { type LoadedSuite, loadSuite } from '../suite/suite.ts';
import { favourMemory } from '../system/favour-memory.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { chooseSteps } from './choose-profiles.ts';
import { usesColour } from './colour.ts';
import { createCourseReport } from './course-report.ts';
import type { Destinations, Export } from './destinations.ts';
import { overridesOf, type RunFlags, workerCount } from './flags.ts';
import { listenForInterrupts, unlessInterrupted } from './interrupts.ts';
import { printError } from './print-error.ts';
import { createProgressDisplay, type ProgressDisplay, silentDisplay } from './progress.ts';
import { createSpreadBook } from './spread-book.ts';
import { type SuiteWithTarget, sayOnError, startSuiteTarget } from './suite-target.ts';
import { unwrittenError } from './unwritten.ts';
import { alertLines } from './watched-lines.ts';

/**
 * Runs the chosen profiles one after the other. Returns the exit code of the worst of them. `destinations` are those of
 * the flags. `engine` are workers that boot already, for the first run; whoever booted them closes them.
 */
export async function runCommand(
  nameOrPath: string,
  flags: RunFlags,
  destinations: Destinations,
  engine: Engine | undefined,
): Promise<number> {
  const { formats, exportTo, outputs } = destinations;
  const workers = workerCount(flags);
  favourMemory();
  const interrupts = listenForInterrupts();
  try {
    const loading = loadSuite(nameOrPath, {
      environment: flags.env,
      env: process.env,
      mayLackEnv: flags.withTarget === true,
    });
    const loaded = await unlessInterrupted(loading, interrupts.drain);
    let target: SuiteWithTarget | undefined;
    let display = silentDisplay;
    try {
      const steps = chooseSteps(loaded.definition, flags);
      const profiles = steps.map(({ profile }) => profile);
      const seed = flags.seed ?? randomInt(2 ** 31);
      const yardsticks = await yardsticksOf(nameOrPath, loaded, profiles, flags);
      if (flags.dryRun) {
        const { dryRun } = await import('./dry-run.ts');
        return await dryRun(loaded, profiles, flags, { workers, seed });
      }
      const outDir = resolve(flags.out ?? 'results');
      const { assertDisk } = await import('../run/examine-machine.ts');
      await assertDisk(outDir);
      target = await startSuiteTarget(loaded, flags, { interrupted: interrupts.drain, say: sayOnError });
      const repeat = flags.repeat ?? 1;
      let leftOut: ReadonlyMap<string, string> = new Map();
      if (steps.length > 1 || flags.budget !== undefined) {
        const { planSteps } = await import('../run/plan-steps.ts');
        const given = { overrides: overridesOf(flags), workers, seed };
        const planned = await planSteps(target.suite, steps, given);
        if (flags.budget !== undefined) leftOut = leftOutOfBudget(planned, flags.budget, repeat);
        if (!flags.quiet) for (const line of courseLines(planned, repeat, leftOut)) sayOnError(line);
      }
      const outcomes = runProfiles({
        suite: flags.skipCleanup ? keepingData(target.suite) : target.suite,
        steps,
        repeat,
        overrides: overridesOf(flags),
        workers,
        seed,
        force: flags.force === true,
        allowFaults: flags.allowFaults === true,
        outDir,
        formats,
        outputs,
        ...(engine !== undefined && { engine }),
        yardsticks,
        leftOut,
        drainSignal: interrupts.drain,
        cutSignal: interrupts.cut,
        onEvent(event) {
          if (event.kind === 'planned') display = displayFor(flags);
          show(event, display, flags);
        },
      });
      const exitCodesSeen: number[] = [];
      const course = createCourseReport({
        ...{ suite: loaded.definition.name, environment: loaded.environment, outDir },
        ...{
          hasSeveral: steps.length > 1 || leftOut.size > 0,
          quiet: flags.quiet === true,
          color: flags.color !== false,
        },
        ...(flags.compress !== undefined && { compress: flags.compress }),
      });
      const rounds = new Map<string, number>();
      const spread = createSpreadBook(repeat);
      for await (const outcome of outcomes) {
        display.stop();
        if (outcome.kind === 'not-run') {
          course.leaveOut(outcome);
          exitCodesSeen.push(outcome.exitCode);
          sayNotRun(outcome);
          continue;
        }
        const round = (rounds.get(outcome.profile) ?? 0) + 1;
        rounds.set(outcome.profile, round);
        await printOutcome(outcome, outcome.profile, flags);
        if (exportTo !== undefined) await exportSummary(exportTo, outcome.record);
        await course.add(outcome);
        spread.add(outcome.record);
        exitCodesSeen.push(round < repeat ? exitCodeOfRound(outcome) : exitCodeOf(outcome));
      }
      await course.finish(formats);
      await spread.print(flags);
      if (interrupts.drain.aborted && exitCodesSeen.length < profiles.length * repeat)
        exitCodesSeen.push(exitCodes.interrupted);
      return worst(exitCodesSeen);
    } catch (thrown) {
      // Ctrl-C reaches the workers as well, and one that is still booting ends with it.
      if (!interrupts.drain.aborted || thrown instanceof UsageError) throw thrown;
      throw new PlimsollError(exitCodes.interrupted, 'interrupted before any load was driven', {
        cause: thrown,
      });
    } finally {
      display.stop();
      await target?.stop();
    }
  } finally {
    interrupts.stop();
  }
}

/** What each profile is held to; nothing without `--compare-baseline`. Throws a `UsageError` for a profile without. */
async function yardsticksOf(
  nameOrPath: string,
  { definition, environment }: LoadedSuite,
  profiles: readonly string[],
  flags: RunFlags,
): Promise<ReadonlyMap<string, Yardstick>> {
  const { compareBaseline, baselineFile, map } = flags;
  if (compareBaseline !== true) {
    if (baselineFile === undefined && map === undefined) return new Map();
    throw new UsageError('--baseline-file and --map go with --compare-baseline');
  }
  // Loaded only here: most runs have no baseline.
  const { pathOfYardsticks, readBaselines, yardstickFor } = await import('./yardsticks.ts');
  const path = pathOfYardsticks(nameOrPath, baselineFile);
  const read = await readBaselines(path, map);
  const suite = definition.name;
  return new Map(
    profiles.map((profile) => [profile, yardstickFor(path, read, { suite, profile, environment })]),
  );
}

/** Suites that clean up after themselves look at this variable, which may be set from outside just as well. */
function keepingData(suite: LoadedSuite): LoadedSuite {
  return { ...suite, env: { ...suite.env, PLIMSOLL_SKIP_CLEANUP: '1' } };
}

/** What is going to be run, in one line, and what is left out. */
function courseLines(
  planned: readonly PlannedStep[],
  repeat: number,
  leftOut: ReadonlyMap<string, string>,
): string[] {
  const run = planned.filter(({ profile }) => !leftOut.has(profile));
  const parts = run.map(({ profile, plan }) => `${profile} ${formatDuration(Math.round(plan.durationMs))}`);
  const totalMs = run.reduce((sum, { plan }) => sum + plan.durationMs, 0) * repeat;
  const times = repeat === 1 ? '' : `, ${repeat} times each`;
  return [
    `${formatCount(run.length, 'profile')} in at most ${formatDuration(Math.round(totalMs))} of load${times}: ${parts.join(', ') || 'none'}`,
    ...[...leftOut].map(([profile, why]) => `left out: ${profile}. ${why}`),
  ];
}

/** What the summary at the end says again; with the hint, if an error was the reason. */
function sayNotRun({ profile, reason, error }: NotRun): void {
  process.stderr.write(`${profile} was not run${error === undefined ? `: ${reason}` : ''}\n`);
  if (error !== undefined) printError(error, process.stderr);
}

type OutputFlags = Pick<RunFlags, 'quiet' | 'color' | 'verbose'>;

/** Shows how a run goes; nothing with `--quiet`. */
export function displayFor(flags: OutputFlags): ProgressDisplay {
  if (flags.quiet) return silentDisplay;
  return createProgressDisplay(process.stderr, makePalette(useColour(flags, process.stderr)), {
    verbose: flags.verbose === true,
  });
}

/** Prints the summary, or with `--quiet` the verdict alone. */
export async function printOutcome(outcome: RunOutcome, profile: string, flags: OutputFlags): Promise<void> {
  const { renderTerminal, verdictMark } = await import('../report/text/terminal.ts');
  const { record, runDir } = outcome;
  const palette = makePalette(useColour(flags));
  if (flags.quiet) {
    const { mark, paint } = verdictMark(record, palette);
    process.stdout.write(
      `${paint(`${mark} ${record.verdict.status}`)} ${profile}: ${record.verdict.reasons[0]}\n`,
    );
  } else {
    process.stdout.write(
      `\n${renderTerminal(record, { palette, artifactsDir: relative(process.cwd(), runDir) || runDir })}`,
    );
  }
  if (record.refusal !== undefined) printError(new RefusedError(record.refusal), process.stderr);
  if (outcome.unwritten.length > 0) printError(unwrittenError(outcome), process.stderr);
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** `loglevel` is that of the least important messages which are shown; `info` when absent, and `debug` with `verbose`. */
export function show(
  event: RunEvent,
  display: ProgressDisplay,
  { verbose, loglevel = verbose === true ? 'debug' : 'info' }: Pick<RunFlags, 'loglevel' | 'verbose'> = {},
): void {
  switch (event.kind) {
    case 'planned':
      break;
    case 'started':
      display.started(event.plan);
      break;
    case 'progress':
      display.update(event.plan, event.progress);
      break;
    case 'alert':
      for (const line of alertLines(event.transition)) display.say(line);
      break;
    case 'log':
      if (levels.indexOf(event.level) >= levels.indexOf(loglevel))
        display.say(`${event.level === 'info' ? '' : `${event.level}: `}${event.message}`);
      break;
    case 'stopping':
      display.say(`stopping: ${event.reason}`);
      break;
  }
}

/** Without the record a verdict cannot be looked into: that is no success, whatever it is. */
export function exitCodeOf({ record, unwritten }: RunOutcome): number {
  if (unwritten.some(({ fileName }) => fileName === 'run.json')) return exitCodes.internal;
  return exitCodeOfRecord(record);
}

/**
 * Of a run that is made again: the next one is held to the baseline together with it, so what its gates leave open is not the
 * last word.
 */
function exitCodeOfRound(outcome: RunOutcome): number {
  const { record } = outcome;
  if (record.verdict.status !== 'inconclusive' || record.baseline === undefined) return exitCodeOf(outcome);
  return exitCodeOf({ ...outcome, record: { ...record, verdict: record.baseline.own } });
}

export function exitCodeOfRecord(record: RunRecord): number {
  if (record.refusal !== undefined) return exitCodes.refused;
  if (record.interrupted) return exitCodes.interrupted;
  switch (record.verdict.status) {
    case 'pass':
    case 'warn':
      return exitCodes.pass;
    case 'fail':
      return exitCodes.fail;
    case 'inconclusive':
      return exitCodes.inconclusive;
  }
}

/** Of several runs, the one that matters most to whoever called: a record lost, refused, interrupted, fail, not run, inconclusive. */
export function worst(codes: readonly number[]): number {
  const { internal, refused, interrupted, fail, usage, unreachable, inconclusive } = exitCodes;
  const order: readonly number[] = [internal, refused, interrupted, fail, usage, unreachable, inconclusive];
  return order.find((code) => codes.includes(code)) ?? exitCodes.pass;
}

export function useColour(
  flags: Pick<RunFlags, 'color'>,
  stream: NodeJS.WriteStream = process.stdout,
): boolean {
  return usesColour(stream, flags.color);
}

export async function exportSummary({ file, format }: Export, record: RunRecord): Promise<void> {
  const { renderReport } = await import('../report/report.ts');
  const [rendered] = renderReport(format, record);
  try {
    await writeFile(file, rendered!.content);
  } catch (thrown) {
    // The run's own artifacts stand; its verdict does too.
    const hint = '`plimsoll report` makes all reports of a run again';
    printError(new UsageError(`cannot write ${file}: ${messageOf(thrown)}`, { hint }), process.stderr);
  }
}
