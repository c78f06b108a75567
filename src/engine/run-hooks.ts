// Runs a suite's `setup` and `teardown`: once per run, in one worker, with a client but no virtual user.

import type { RunContext } from '../model/context.ts';
import type { Row } from '../model/feeder.ts';
import { suiteAsUser } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import type { SuiteFinding } from '../model/verdict.ts';
import { Cookies } from '../protocols/http/cookies.ts';
import type { HookProtocol } from '../protocols/registry.ts';
import { Scope } from '../protocols/scope.ts';
import { findingOf } from './suite-finding.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Returns what `setup` returned, as plain JSON; rejects when it throws. */
export async function runSetup(suite: SuiteDefinition, plan: Plan, deps: WorkerDeps): Promise<unknown> {
  if (suite.setup === undefined) return undefined;
  const data = await withContext('setup', plan, deps, suite.setup);
  // Every worker gets its own copy; what JSON cannot carry would be lost silently later.
  deps.data = data === undefined ? undefined : JSON.parse(JSON.stringify(data));
  return deps.data;
}

export async function runTeardown(suite: SuiteDefinition, plan: Plan, deps: WorkerDeps): Promise<void> {
  const { teardown } = suite;
  if (teardown === undefined) return;
  await withContext('teardown', plan, deps, (context) => teardown({ ...context, data: deps.data }));
}

async function withContext<Result>(
  task: string,
  plan: Plan,
  deps: WorkerDeps,
  body: (context: RunContext) => Result,
): Promise<Awaited<Result>> {
  const scope = new Scope(deps.meter, { user: suiteAsUser, task }, deps.onOverflow);
  const user = { scope, cookies: new Cookies(), takeScheduledAtMs: () => -1 };
  const clients = deps.protocols.connect(user);
  const session = { close: () => clients.close() };
  deps.hookSessions.add(session);
  try {
    const { env, log } = deps;
    const { baseUrl, profile } = plan;
    const finding = (given: SuiteFinding): void => deps.onFinding(findingOf(given));
    const protocols = deps.protocols.ofHooks(clients) as Pick<RunContext, HookProtocol>;
    const rows = <One extends Row>(feeder: string) => deps.feeders.rows(feeder) as Iterable<One>;
    return await body({ ...protocols, env, log, baseUrl, profile, rows, finding });
  } finally {
    session.close();
    deps.hookSessions.delete(session);
  }
}
