// All that is asked of a target and of a suite's settings before any load. Called by run-profile.ts, capacity.ts and examine.ts.

import type { GuardSettings } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import type { Overrides } from '../plan/overrides.ts';
import { limitsLeftOut, type PlannedProfile } from '../plan/plan.ts';
import { assertSafe, knownDestinations } from '../protocols/known-destinations.ts';
import type { ProtocolSecrets } from '../protocols/registry.ts';
import type { Checked } from '../protocols/settings.ts';
import { protocolSettings } from '../protocols/settings-registry.ts';
import { assertConsent } from '../suite/fault-consent.ts';
import { readProtocolSecrets } from '../suite/protocol-settings.ts';
import { safetyOf } from '../suite/safety.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import type { RunSecrets } from './drive.ts';
import type { RunEvent } from './run-event.ts';

export interface CheckedTarget {
  readonly secrets: RunSecrets;
  /** What must not be contacted; absent when the run is forced. */
  readonly guard: GuardSettings | undefined;
}

interface CheckOptions {
  readonly suite: LoadedSuite;
  readonly force: boolean;
  /** Faults may be made in what is not on this machine. */
  readonly allowFaults?: boolean;
  readonly overrides: Overrides;
  readonly onEvent: (event: RunEvent) => void;
  /** Starts what must be there before the target can be asked; called once nothing speaks against the target. */
  readonly raise: (guard: GuardSettings | undefined) => Promise<void>;
}

/**
 * Reads the secrets, asks whether the target may be loaded and can be reached, and tells what is left out of the plan.
 * Throws a `PlimsollError` when the target is unsafe or does not answer.
 */
export async function checkTarget(
  { plan, monitors, tooShort }: PlannedProfile,
  { suite, force, overrides, allowFaults = false, onEvent, raise }: CheckOptions,
): Promise<CheckedTarget> {
  const read = await readProtocolSecrets(suite, plan.profile);
  const settings = safetyOf(suite, plan, force);
  if (settings !== undefined)
    assertSafe(knownDestinations(plan, read.http, suite.definition.users), settings);
  const bySuite = suite.definition.safety?.allowFaults === true;
  assertConsent(plan.faults ?? [], settings, { byUser: allowFaults, bySuite });
  await raise(settings);
  const guard = settings && new TrafficGuard(settings);
  const protocolSecrets = await askServers(plan, read, { force, guard, onEvent });
  for (const { monitor, reason } of monitors.leftOut) {
    const message = `monitor ${monitor} is not used, nor any threshold or alert on its figures: ${reason}`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  for (const limit of tooShort) {
    const message = `the threshold ${limit} is not judged: a compressed run does less, in less time`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  for (const limit of limitsLeftOut(suite.definition, plan.profile, overrides)) {
    const message = `${limit} is not used: profile ${plan.profile} runs nothing that it selects`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  const secrets = { protocolSecrets, monitorSecrets: monitors.secrets };
  return { secrets, guard: settings };
}

/** Asks the target and the servers of the plan, and resolves with the secrets and what was found beside them. */
async function askServers(
  plan: Plan,
  secrets: ProtocolSecrets,
  { force, guard, onEvent }: Pick<CheckOptions, 'force' | 'onEvent'> & { guard: TrafficGuard | undefined },
): Promise<ProtocolSecrets> {
  const known = new Map<string, object>(Object.entries(secrets));
  for (const { name, ask } of questionsOf(plan, secrets, { force, guard })) {
    const { found, message } = await ask();
    known.set(name, { ...known.get(name), ...found });
    if (message !== undefined) onEvent({ kind: 'log', level: 'info', message });
  }
  return Object.fromEntries(known) as unknown as ProtocolSecrets;
}

/** What each server of the plan is to be asked, by the protocol that it speaks; `ask` rejects when it will not do. */
export function questionsOf(
  plan: Plan,
  secrets: ProtocolSecrets,
  { force, guard }: Pick<CheckOptions, 'force'> & { readonly guard: TrafficGuard | undefined },
): {
  readonly name: string;
  /** What is asked, in a word: the target, or the label of another server. */
  readonly subject: string;
  readonly ask: () => Promise<Checked<object>>;
}[] {
  const planned = plan as unknown as Readonly<Record<string, object | undefined>>;
  const known = secrets as unknown as Readonly<Record<string, object | undefined>>;
  return protocolSettings.flatMap(({ name, check, server }) => {
    const own = planned[name];
    if (own === undefined || check === undefined) return [];
    const how = { baseUrl: plan.baseUrl, force, guard };
    const subject = server?.label ?? 'target';
    return [{ name, subject, ask: () => unlessRefused(guard, check(own, known[name] ?? {}, how)) }];
  });
}

/** That a host was refused counts more than what followed from it. */
function unlessRefused<T>(guard: TrafficGuard | undefined, asked: Promise<T>): Promise<T> {
  return asked.catch((thrown: unknown) => {
    throw guard?.first ?? thrown;
  });
}
