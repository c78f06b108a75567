// `plimsoll monitor`: watches without load. Flags in, exit code out.

import { resolve } from 'node:path';
import { UsageError } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { makeWatchPlan } from '../plan/watch-plan.ts';
import { makePalette } from '../report/text/palette.ts';
import { runWatch } from '../run/watch-only.ts';
import { loadSuite } from '../suite/suite.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { formatDuration } from '../time/duration.ts';
import { chooseProfiles } from './choose-profiles.ts';
import { readDestinations } from './destinations.ts';
import type { MonitorFlags } from './flags.ts';
import { listenForInterrupts } from './interrupts.ts';
import { requestedMonitors } from './monitor-request.ts';
import { exitCodeOf, exportSummary, printOutcome, show, useColour } from './run.ts';
import { createWatchDisplay } from './watch-display.ts';

const shortestIntervalMs = 100;

/** Watches until the end of `--duration`, or Ctrl-C. Returns the exit code of the verdict. */
export async function monitorCommand(nameOrPath: string | undefined, flags: MonitorFlags): Promise<number> {
  const { interval, duration, reportFile } = flags;
  if (interval !== undefined && interval < shortestIntervalMs) {
    throw new UsageError(
      `--interval ${formatDuration(interval)}: expected at least ${formatDuration(shortestIntervalMs)}`,
    );
  }
  const { formats, exportTo, outputs } = await readDestinations(flags, reportFile, '--report-file');
  const requested = requestedMonitors(flags);
  const loaded =
    nameOrPath === undefined
      ? undefined
      : await loadSuite(nameOrPath, { environment: flags.env, env: process.env });
  const interrupts = listenForInterrupts();
  try {
    const [profile] =
      loaded === undefined || flags.profile === undefined
        ? []
        : chooseProfiles(loaded.definition, { profile: [flags.profile] });
    const suite: SuiteDefinition = {
      ...(loaded?.definition ?? withoutSuite),
      monitors: { ...loaded?.definition.monitors, ...requested },
    };
    const baseUrl = flags.baseUrl ?? suite.baseUrl;
    const targetParts = await readTargetParts(baseUrl);
    const { plan, monitors } = makeWatchPlan(suite, profile, {
      durationMs: duration ?? Number.POSITIVE_INFINITY,
      environment: loaded?.environment ?? flags.env ?? 'local',
      baseUrl: flags.baseUrl,
      targetParts,
      intervalMs: interval,
    });
    const display = createWatchDisplay(process.stderr, makePalette(useColour(flags, process.stderr)), {
      quiet: flags.quiet === true,
      hasEnd: duration !== undefined,
    });
    for (const { monitor, reason } of monitors.leftOut)
      display.say(`monitor ${monitor} is not used: ${reason}`);
    let outcome: Awaited<ReturnType<typeof runWatch>>;
    try {
      outcome = await runWatch({
        plan,
        secrets: monitors.secrets,
        outputs: [...(suite.outputs ?? []), ...outputs],
        outDir: resolve(flags.out ?? 'results'),
        formats,
        signal: interrupts.drain,
        hasEnd: duration !== undefined,
        onEvent: (event) => show(event, display),
      });
    } finally {
      display.stop();
    }
    await printOutcome(outcome, plan.profile, flags);
    if (exportTo !== undefined) await exportSummary(exportTo, outcome.record);
    return exitCodeOf(outcome);
  } finally {
    interrupts.stop();
  }
}

/** What is watched when no suite is named. */
const withoutSuite: SuiteDefinition = {
  name: 'monitor',
  users: { nobody: { tasks: { nothing: { run: () => undefined } } } },
  profiles: {},
};
