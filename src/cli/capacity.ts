// `plimsoll capacity`: flags in, exit code out. Searches for the highest load that still meets the objectives.

import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { searchCapacity } from '../run/capacity.ts';
import type { RunOutcome } from '../run/write-reports.ts';
import { loadSuite } from '../suite/suite.ts';
import { favourMemory } from '../system/favour-memory.ts';
import { chooseProfile } from './choose-profiles.ts';
import { readDestinations } from './destinations.ts';
import { type CapacityFlags, overridesOf, workerCount } from './flags.ts';
import { listenForInterrupts, unlessInterrupted } from './interrupts.ts';
import { displayFor, exitCodeOf, exportSummary, printOutcome, show } from './run.ts';
import { type SuiteWithTarget, sayOnError, startSuiteTarget } from './suite-target.ts';

const units = { users: 'users', rate: 'iterations/s' } as const;

/** Runs the search. Throws what loading the suite and `searchCapacity` throw. */
export async function capacityCommand(nameOrPath: string, flags: CapacityFlags): Promise<number> {
  const { formats, exportTo } = await readDestinations(flags, flags.export);
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
    try {
      const profile = chooseProfile(loaded.definition, flags.profile, ['capacity', 'normal']);
      target = await startSuiteTarget(loaded, flags, { interrupted: interrupts.drain, say: sayOnError });
      const { suite } = target;
      const display = displayFor(flags);
      let outcome: RunOutcome;
      try {
        outcome = await searchCapacity({
          suite,
          profile,
          unit: flags.unit === undefined ? undefined : units[flags.unit],
          from: flags.from,
          to: flags.to,
          precision: flags.precision,
          stepDurationMs: flags.stepDuration,
          overrides: overridesOf(flags),
          workers: workerCount(flags),
          seed: flags.seed ?? randomInt(2 ** 31),
          force: flags.force === true,
          outDir: resolve(flags.out ?? 'results'),
          formats,
          drainSignal: interrupts.drain,
          cutSignal: interrupts.cut,
          onEvent: (event) => show(event, display, flags),
        });
      } finally {
        display.stop();
      }
      await printOutcome(outcome, profile, flags);
      if (exportTo !== undefined) await exportSummary(exportTo, outcome.record);
      return exitCodeOf(outcome);
    } finally {
      await target?.stop();
    }
  } finally {
    interrupts.stop();
  }
}
