// Monitors during one run: makes them, takes a first look, and hands on what they tell. drive.ts and monitor-run.ts
// use it.

import type { MonitorReport } from './model/monitor.ts';
import type { MonitorPlan, MonitorSecrets } from './model/monitor-settings.ts';
import type { Monitor } from './monitors/monitor.ts';
import { createMonitor } from './monitors/monitors.ts';
import { createSampler, type Sampler, type Watched } from './monitors/sampler.ts';

interface Handlers {
  readonly report: (report: MonitorReport) => void;
  readonly warn: (message: string) => void;
}

/**
 * The monitors of a plan, ready to be started: each has been asked once, so that connections stand. One that cannot
 * be read is told of by `warn`, and asked again at its interval. Never rejects: watching must not keep a run from
 * going ahead.
 */
export async function createWatch(
  plans: readonly MonitorPlan[],
  secrets: MonitorSecrets,
  { report, warn }: Handlers,
): Promise<Sampler> {
  const watched = await Promise.all(plans.map((plan) => makeWatched(plan, secrets)));
  const sampler = createSampler(watched, report);
  for (const { monitor, reason } of await sampler.prime()) {
    const { title } = plans.find(({ name }) => name === monitor)!;
    warn(`monitor ${monitor} (${title}) cannot be read yet: ${reason}`);
  }
  return sampler;
}

async function makeWatched(plan: MonitorPlan, secrets: MonitorSecrets): Promise<Watched> {
  try {
    return { plan, monitor: await createMonitor(plan, secrets[plan.name]) };
  } catch (thrown) {
    return { plan, monitor: unreadable(thrown) };
  }
}

/** Stands for a monitor that cannot be made, so that the record has a gap with the reason. */
function unreadable(reason: unknown): Monitor {
  return { read: () => Promise.reject(reason), close: async () => {} };
}
