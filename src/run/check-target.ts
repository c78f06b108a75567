// All that is asked of a target and of a suite's settings before any load. Called by run-profile.ts and capacity.ts.

import type { GuardSettings } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import type { Overrides } from '../plan/overrides.ts';
import { limitsLeftOut, type PlannedProfile } from '../plan/plan.ts';
import { assertSafe, knownDestinations } from '../protocols/known-destinations.ts';
import { assertReachable } from '../protocols/reachable.ts';
import { readProtocolSecrets } from '../suite/protocol-secrets.ts';
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
  readonly overrides: Overrides;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Reads the secrets, asks whether the target may be loaded and can be reached, and tells what is left out of the plan.
 * Throws a `PlimsollError` when the target is unsafe or does not answer.
 */
export async function checkTarget(
  { plan, monitors }: PlannedProfile,
  { suite, force, overrides, onEvent }: CheckOptions,
): Promise<CheckedTarget> {
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
  for (const { monitor, reason } of monitors.leftOut) {
    const message = `monitor ${monitor} is not used, nor any threshold or alert on its figures: ${reason}`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  for (const limit of limitsLeftOut(suite.definition, plan.profile, overrides)) {
    const message = `${limit} is not used: profile ${plan.profile} runs nothing that it selects`;
    onEvent({ kind: 'log', level: 'info', message });
  }
  const secrets = { protocolSecrets, monitorSecrets: monitors.secrets };
  return { secrets, guard: settings };
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
      ? 'statements are still prepared under names, because sql.prepare is set'
      : "statements are not prepared under names, since its sessions are several clients' (sql.prepare)";
  return `the database is behind a pooler: ${how}`;
}
