// Looks at everything that a run needs, without load on the target: `plimsoll doctor` calls it.

import { maskText } from '../masking/mask.ts';
import { type ExitCode, exitCodes, messageOf, PlimsollError } from '../model/errors.ts';
import type { Examined } from '../model/examination.ts';
import type { GuardSettings } from '../model/guard.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { Dialer } from '../network/dialer.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import { behindProxy } from '../plan/faults.ts';
import type { Overrides } from '../plan/overrides.ts';
import { type PlannedProfile, planProfile } from '../plan/plan.ts';
import { assertSafe, knownDestinations } from '../protocols/known-destinations.ts';
import { findMissingEnv, missingEnvHint } from '../suite/environment.ts';
import { readProtocolSecrets } from '../suite/protocol-settings.ts';
import { safetyOf } from '../suite/safety.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { formatCount } from '../text/format-figure.ts';
import { questionsOf } from './check-target.ts';
import { examineGenerator } from './examine-generator.ts';
import { examineMachine } from './examine-machine.ts';
import { ownMonitors, tryMonitors } from './monitors.ts';
import { createRig } from './rig.ts';

export interface ExamineOptions {
  /** Where results would go. */
  readonly outDir: string;
  readonly workers: number;
}

export interface ExamineSuiteOptions extends ExamineOptions {
  readonly profiles: readonly string[];
  readonly overrides: Overrides;
  readonly force: boolean;
}

/** The machine alone, as the lines are known. */
export async function* examineAlone({ outDir, workers }: ExamineOptions): AsyncGenerator<Examined, void> {
  yield* await examineMachine(outDir);
  yield* await examineGenerator(workers, []);
}

/** The machine, and what the profiles of a suite need; nothing that may not be loaded is contacted. */
export async function* examineSuite(
  suite: LoadedSuite,
  options: ExamineSuiteOptions,
): AsyncGenerator<Examined, void> {
  const { definition } = suite;
  const { profiles, outDir, workers } = options;
  yield* await examineMachine(outDir);
  const chosen = `${formatCount(profiles.length, 'profile')} looked at: ${profiles.join(', ')}`;
  yield { subject: 'suite', status: 'good', finding: `${definition.name} is sound; ${chosen}` };
  yield examineVariables(suite);
  const planned: PlannedProfile[] = [];
  for (const profile of profiles) {
    try {
      planned.push(await plan(suite, profile, options));
    } catch (thrown) {
      yield failed(`profile ${profile}`, thrown);
    }
  }
  // Profiles share their servers and monitors: what was found of one is not told again.
  const told = new Set<string>();
  for (const one of planned) {
    for await (const line of examineServers(suite, one, options.force)) {
      const key = JSON.stringify([line.subject, line.finding]);
      if (!told.has(key)) yield line;
      told.add(key);
    }
  }
  yield* await examineGenerator(
    workers,
    planned.map((one) => one.plan),
  );
}

async function plan(
  { definition, environment, data }: LoadedSuite,
  profile: string,
  { overrides, workers }: ExamineSuiteOptions,
): Promise<PlannedProfile> {
  const url = overrides.baseUrl ?? definition.baseUrl;
  const targetParts = await readTargetParts(behindProxy(url, definition));
  const given = { workers, seed: 0, environment, targetParts, data: data.plans };
  return planProfile(definition, profile, { ...overrides, ...given });
}

function examineVariables({ definition, env }: LoadedSuite): Examined {
  const subject = 'variables';
  const { requiredEnv = [] } = definition;
  const missing = findMissingEnv(definition, env);
  if (missing.length > 0) {
    const finding = `missing: ${missing.map(({ expected }) => expected).join('; ')}`;
    return { subject, status: 'bad', finding, remedy: missingEnvHint, exitCode: exitCodes.usage };
  }
  const finding = requiredEnv.length === 0 ? 'the suite requires none' : `set: ${requiredEnv.join(', ')}`;
  return { subject, status: 'good', finding };
}

/** Whether the target may be loaded, answers, and can be watched. */
async function* examineServers(
  suite: LoadedSuite,
  { plan, monitors }: PlannedProfile,
  force: boolean,
): AsyncGenerator<Examined, void> {
  let settings: GuardSettings | undefined;
  const rig = createRig(suite, plan, () => {});
  try {
    const secrets = await readProtocolSecrets(suite, plan.profile);
    settings = safetyOf(suite, plan, force);
    if (settings !== undefined)
      assertSafe(knownDestinations(plan, secrets.http, suite.definition.users), settings);
    await rig.raise(settings);
    const guard = settings && new TrafficGuard(settings);
    for (const { name, subject, ask } of questionsOf(plan, secrets, { force, guard })) {
      // Every plan has settings of HTTP; where there is no base URL, nobody is asked.
      if (name === 'http' && plan.baseUrl === undefined) continue;
      try {
        const { message } = await ask();
        const finding = message ?? (name === 'http' ? `${plan.baseUrl} answers` : 'answers');
        yield { subject, status: 'good', finding: maskText(finding) };
      } catch (thrown) {
        yield failed(subject, thrown);
      }
    }
    for (const { monitor, reason } of monitors.leftOut) {
      const remedy = 'name its address in the suite, or leave it: it is optional';
      yield { subject: `monitor ${monitor}`, status: 'open', finding: `is left out: ${reason}`, remedy };
    }
    const ofTarget = (plan.monitors ?? []).filter(({ name }) => !ownMonitors.includes(name));
    const failures = await tryMonitors(ofTarget, monitors.secrets, new Dialer({ guard }));
    for (const [i, one] of ofTarget.entries()) yield examineMonitor(one, failures[i]);
  } catch (thrown) {
    yield failed('target', thrown);
  } finally {
    await rig.takeDown();
  }
}

function examineMonitor({ name, title }: MonitorPlan, failure: string | undefined): Examined {
  const subject = `monitor ${name}`;
  if (failure === undefined) return { subject, status: 'good', finding: `${title} can be read` };
  return {
    ...{ subject, status: 'caution', finding: maskText(`${title} cannot be read: ${failure}`) },
    remedy: 'start what it reads, or correct its settings; a run goes ahead without it, and tells of the gap',
  };
}

/** In the words of the run that it would end. */
export function failed(subject: string, thrown: unknown): Examined {
  const known = thrown instanceof PlimsollError ? thrown : undefined;
  const exitCode: ExitCode = known?.exitCode ?? exitCodes.internal;
  return {
    ...{ subject, status: 'bad', exitCode },
    finding: maskText(messageOf(thrown)),
    ...(known?.hint !== undefined && { remedy: maskText(known.hint) }),
  };
}
