// `plimsoll compare --run A B`: runs both sides in turn and compares what they measured. Flags in, exit code out. Called by
// commands/define-compare.ts.

import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { maskText } from '../masking/mask.ts';
import { exitCodes, PlimsollError, UsageError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import { makePlan } from '../plan/plan.ts';
import type { DifferenceKind } from '../regression/differences.ts';
import type { RunEvent } from '../run/run-event.ts';
import { runProfile } from '../run/run-profile.ts';
import { type LoadedSuite, loadSuite } from '../suite/suite.ts';
import { favourMemory } from '../system/favour-memory.ts';
import { formatDuration } from '../time/duration.ts';
import { chooseProfiles } from './choose-profiles.ts';
import { compareOptions, reportComparison } from './compare.ts';
import { type CompareFlags, overridesOf, workerCount } from './flags.ts';
import { listenForInterrupts, unlessInterrupted } from './interrupts.ts';
import { displayFor, exitCodeOf, printOutcome, show } from './run.ts';
import { type SuiteWithTarget, sayOnError, startSuiteTarget } from './suite-target.ts';
import { paperFormat } from './write-paper.ts';

/** Runs of each side: enough to show how much equal runs differ. */
const usualRepeat = 3;
const usualLimitMs = 3_600_000;
/** Starting workers and writing reports take time, too. */
const besideLoadMs = 3000;

interface LiveSide {
  readonly name: string;
  readonly suite: LoadedSuite;
  readonly profile: string;
  readonly baseUrl: string | undefined;
  readonly records: RunRecord[];
}

/**
 * Runs A and B in the order A B, B A, A B, ..., the same round with the same seed, and compares them. Returns the exit code
 * of the comparison; that of a run which was refused or interrupted, or whose record was lost. Throws a `UsageError` before
 * any load for sides that cannot be run, and for more time than `--time-limit`.
 */
export async function compareLive(names: readonly string[], flags: CompareFlags): Promise<number> {
  if (names.length !== 2) throw new UsageError('compare --run needs exactly two sides');
  // What does not fit is told before the load.
  const format = paperFormat(flags);
  const options = compareOptions(flags);
  favourMemory();
  const interrupts = listenForInterrupts();
  const stops: SuiteWithTarget[] = [];
  try {
    const sides: LiveSide[] = [];
    for (const [i, name] of names.entries())
      sides.push(await unlessInterrupted(loadSide(name, i === 0 ? 'A' : 'B', flags), interrupts.drain));
    const [a, b] = sides as [LiveSide, LiveSide];
    assertTwoSides(a, b, names);
    const repeat = flags.repeat ?? usualRepeat;
    assertInTime(sides, repeat, flags);
    const targets = new Map<LiveSide, LoadedSuite>();
    for (const side of sides) {
      const started =
        side.baseUrl === undefined
          ? await startSuiteTarget(side.suite, {}, { interrupted: interrupts.drain, say: sayOnError })
          : { suite: side.suite, stop: async () => {} };
      stops.push(started);
      targets.set(side, started.suite);
    }
    const seed = flags.seed ?? randomInt(2 ** 31);
    for (let round = 0; round < repeat; round++) {
      for (const side of round % 2 === 0 ? [a, b] : [b, a]) {
        const code = await runSide(side, targets.get(side)!, seed + round, flags, interrupts);
        if (code !== undefined) return code;
      }
    }
    // Whoever names two systems wants them compared all the same.
    const allowed: DifferenceKind[] = [...options.allowed, 'target', 'environment', 'suite'];
    const pair = sides.map(({ name, records }) => ({ name, records }));
    return await reportComparison(pair, { ...options, allowed }, format, flags);
  } finally {
    for (const target of stops) await target.stop();
    interrupts.stop();
  }
}

/** A base URL or an environment of `--suite`, else a suite. */
async function loadSide(text: string, letter: string, flags: CompareFlags): Promise<LiveSide> {
  const isUrl = /^https?:\/\//i.test(text);
  if (isUrl && flags.suite === undefined)
    throw new UsageError(`${text} is a base URL: name the suite to run against it with --suite`);
  const environment = !isUrl && flags.suite !== undefined ? text : flags.env;
  const suite = await loadSuite(flags.suite ?? text, { environment, env: process.env });
  const chosen = flags.profile === undefined ? {} : { profile: [flags.profile] };
  const profiles = chooseProfiles(suite.definition, chosen);
  const [profile, ...others] = profiles;
  if (profile === undefined || others.length > 0)
    throw new UsageError(`--profile ${flags.profile} fits several: ${profiles.join(', ')}`);
  const baseUrl = isUrl ? text : undefined;
  // A base URL may hold a password, or a token in its query.
  return { name: `${letter} (${maskText(text)})`, suite, profile, baseUrl, records: [] };
}

function planOf({ suite, profile, baseUrl }: LiveSide, flags: CompareFlags): Plan {
  const { definition, environment } = suite;
  const overrides = { ...overridesOf(flags), ...(baseUrl !== undefined && { baseUrl }) };
  return makePlan(definition, profile, { ...overrides, workers: workerCount(flags), seed: 0, environment });
}

/** The same system twice is allowed: it shows how much equal runs differ. */
function assertTwoSides(a: LiveSide, b: LiveSide, [one, other]: readonly string[]): void {
  if (a.profile === b.profile) return;
  throw new UsageError(`${one} would run the profile ${a.profile}, and ${other} ${b.profile}`, {
    hint: 'choose one with --profile',
  });
}

function assertInTime(sides: readonly LiveSide[], repeat: number, flags: CompareFlags): void {
  const plans = sides.map((side) => planOf(side, flags));
  const searched = plans.find(({ search }) => search !== undefined);
  if (searched !== undefined)
    throw new UsageError(`${searched.profile} searches for a capacity, so it has no one load to compare`);
  const totalMs = plans.reduce((sum, { durationMs }) => sum + repeat * (durationMs + besideLoadMs), 0);
  const limitMs = flags.timeLimit ?? usualLimitMs;
  if (totalMs <= limitMs) {
    sayOnError(`${2 * repeat} runs in turn, about ${formatDuration(Math.round(totalMs / 1000) * 1000)}`);
    return;
  }
  throw new UsageError(
    `${2 * repeat} runs take about ${formatDuration(totalMs)}, more than ${formatDuration(limitMs)}`,
    { hint: 'shorten them with --duration, make fewer with --repeat, or allow more with --time-limit' },
  );
}

/** One run. Returns an exit code where the comparison cannot go on. */
async function runSide(
  side: LiveSide,
  suite: LoadedSuite,
  seed: number,
  flags: CompareFlags,
  interrupts: ReturnType<typeof listenForInterrupts>,
): Promise<number | undefined> {
  if (interrupts.drain.aborted) return exitCodes.interrupted;
  let display = displayFor({ ...flags, quiet: true });
  const { name, profile, baseUrl } = side;
  try {
    const outcome = await runProfile({
      ...{ suite, profile, seed },
      overrides: { ...overridesOf(flags), ...(baseUrl !== undefined && { baseUrl }) },
      workers: workerCount(flags),
      force: flags.force === true,
      outDir: resolve(flags.results ?? 'results'),
      formats: ['json', 'html'],
      drainSignal: interrupts.drain,
      cutSignal: interrupts.cut,
      onEvent(event: RunEvent) {
        if (event.kind === 'planned') display = displayFor({ ...flags, quiet: true });
        show(event, display);
      },
    });
    side.records.push(outcome.record);
    await printOutcome(outcome, name, { ...flags, quiet: true });
    const code = exitCodeOf(outcome);
    const ending: readonly number[] = [exitCodes.internal, exitCodes.refused, exitCodes.interrupted];
    return ending.includes(code) ? code : undefined;
  } catch (thrown) {
    if (!interrupts.drain.aborted || thrown instanceof UsageError) throw thrown;
    throw new PlimsollError(exitCodes.interrupted, 'interrupted before any load was driven', {
      cause: thrown,
    });
  } finally {
    display.stop();
  }
}
