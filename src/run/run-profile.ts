// The main path on one page: suite → plan → load → measurements → analysis → reports. The command line and
// whatever else drives runs are faces over `runProfile`.

import type { Engine } from '../engine/engine.ts';
import { maskData } from '../masking/mask.ts';
import type { Yardstick } from '../model/baseline.ts';
import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import { behindProxy, rigOf } from '../plan/faults.ts';
import type { Overrides } from '../plan/overrides.ts';
import { planProfile } from '../plan/plan.ts';
import type { ReportFormat } from '../report/format-names.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { bootWorkers } from './boot-workers.ts';
import { checkTarget } from './check-target.ts';
import type { HeldTo } from './conclude.ts';
import { type DriveOptions, drive } from './drive.ts';
import { createOutputCompanion } from './outputs.ts';
import { createRig, type Rig } from './rig.ts';
import type { RunEvent } from './run-event.ts';
import { inSession, type Session } from './session.ts';
import { type RunOutcome, writeReports } from './write-reports.ts';

export interface RunOptions extends Pick<DriveOptions, 'suite' | 'drainSignal' | 'cutSignal' | 'onControl'> {
  readonly profile: string;
  readonly overrides: Overrides;
  readonly workers: number;
  readonly seed: number;
  readonly force: boolean;
  /** Faults may be made in what is not on this machine. */
  readonly allowFaults?: boolean;
  readonly outDir: string;
  readonly formats: readonly ReportFormat[];
  readonly onEvent: (event: RunEvent) => void;
  /** Workers that already boot; without them the run starts its own. */
  readonly engine?: Engine;
  /** Changes the plan before anything is done by it, for runs that are not of the profile as it is written. */
  readonly alter?: (plan: Plan) => Plan;
  /** What the run is held to, with equal runs that were made before it. */
  readonly heldTo?: HeldTo;
  /** Where figures go while the run goes on, beside the suite's own outputs. */
  readonly outputs?: readonly OutputDefinition[];
}

/**
 * Runs one profile from plan to reports. Throws a `PlimsollError` when there is nothing to report: a bad
 * plan, an unsafe or unreachable target, a failing setup. Whatever happens under load ends in a record.
 */
export async function runProfile(options: RunOptions): Promise<RunOutcome> {
  const { suite, profile, overrides, workers, seed, outDir, formats, onEvent } = options;
  const { definition, environment } = suite;
  const engine = options.engine ?? bootWorkers(workers);
  let rig: Rig | undefined;
  try {
    const targetParts = await readTargetParts(
      behindProxy(overrides.baseUrl ?? definition.baseUrl, rigOf(definition, definition.profiles[profile])),
    );
    const { alter = (asWritten) => asWritten } = options;
    const written = planProfile(definition, profile, {
      ...overrides,
      workers,
      seed,
      environment,
      targetParts,
      data: suite.data.plans,
    });
    const planned = { ...written, plan: alter(written.plan) };
    const { plan } = planned;
    const shown = maskData(plan);
    onEvent({ kind: 'planned', plan: shown });
    const raised = createRig(suite, plan, (message) => onEvent({ kind: 'log', level: 'info', message }));
    rig = raised;
    const target = await checkTarget(planned, { ...options, raise: (guard) => raised.raise(guard) });
    const { heldTo } = options;
    const yardstick = heldTo === undefined ? {} : { yardstick: heldTo.yardstick };
    return await inSession({ plan: shown, outDir, onEvent, ...yardstick }, async (session) => {
      if (heldTo !== undefined) await warnOfDifferences(heldTo.yardstick, shown, session);
      const outputs = [...(definition.outputs ?? []), ...(options.outputs ?? [])];
      await session.join(createOutputCompanion(outputs, shown, session));
      const measured = await drive(session, engine, { ...options, ...target, rig: raised, plan, shown });
      // Loaded when the load has ended: until then the memory is the load's.
      const { conclude } = await import('./conclude.ts');
      const record = conclude(session, shown, {
        ...measured,
        ...(await session.finish()),
        ...(heldTo !== undefined && { heldTo }),
      });
      return await writeReports(session, record, formats);
    });
  } finally {
    await rig?.takeDown();
    engine.close();
  }
}

/** Before the load: a run that differs from its baseline in what must be alike is going to be inconclusive. */
async function warnOfDifferences(yardstick: Yardstick, plan: Plan, session: Session): Promise<void> {
  if (yardstick.kind !== 'accepted') return;
  const { differencesOf } = await import('../regression/differences.ts');
  const { suite, profile, baseUrl = null } = plan;
  const own = { suite, profile, environment: session.environment, target: { baseUrl }, plan };
  for (const { text } of differencesOf(yardstick.baseline.conditions, own))
    session.tell('warn', `the run cannot be held to its baseline, and will be inconclusive. ${text}`);
}
