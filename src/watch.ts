// Monitors during one run: makes them, takes a first look, and hands on what they tell. drive.ts and monitor-run.ts
// use it.

import { messageOf } from './model/errors.ts';
import type { MonitorReport } from './model/monitor.ts';
import type { MonitorPlan, MonitorSecrets } from './model/monitor-settings.ts';
import { createMonitor } from './monitors/monitors.ts';
import { createSampler, type Sampler } from './monitors/sampler.ts';

/**
 * The monitors of a plan, ready to be started: each has been asked once, so that connections stand. One that cannot
 * be read is told of by `warn`, and asked again at its interval. Never rejects: watching must not keep a run from
 * going ahead.
 */
export async function createWatch(
  plans: readonly MonitorPlan[],
  secrets: MonitorSecrets,
  handlers: { readonly report: (report: MonitorReport) => void; readonly warn: (message: string) => void },
): Promise<Sampler> {
  const watched = await Promise.all(
    plans.map(async (plan) => ({ plan, monitor: await createMonitor(plan, secrets[plan.name]) })),
  );
  const sampler = createSampler(watched, handlers.report);
  for (const { monitor, reason } of await sampler.prime()) {
    const { title } = plans.find(({ name }) => name === monitor)!;
    handlers.warn(`monitor ${monitor} (${title}) cannot be read yet: ${messageOf(reason)}`);
  }
  return sampler;
}
