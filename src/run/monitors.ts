// The monitors of one load, or of a watch without load, as a companion: takes a first look, and hands on what they tell.
// drive.ts and watch-only.ts make it; examine.ts tries them.

import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorPlan, MonitorSecrets } from '../model/monitor-settings.ts';
import type { Monitor } from '../monitors/monitor.ts';
import { createMonitor } from '../monitors/monitors.ts';
import { createSampler, type Sampler, type Watched } from '../monitors/sampler.ts';
import type { Dialer } from '../network/dialer.ts';
import { generatorHostMonitor, generatorMonitor } from '../suite/monitor-settings.ts';
import { delay } from '../time/timer.ts';
import type { Companion } from './companion.ts';

interface Handlers {
  /** Opens the connections of the monitors; asks nobody when absent. */
  readonly dialer?: Dialer;
  readonly report: (report: MonitorReport) => void;
  readonly warn: (message: string) => void;
  /** Asked when the load has ended: whether it went badly, so that sources are asked why. */
  readonly wentBadly: () => boolean;
}

/** One monitor, or several. */
type Watch = Pick<Sampler, 'start' | 'finish' | 'diagnose' | 'close'>;

/** Of the load generator, not of the target. */
export const ownMonitors: readonly string[] = [generatorMonitor, generatorHostMonitor];

/** One that takes longer to be asked for the first time holds up no other. */
const patienceMs = 300;

/**
 * Makes a companion of the monitors of a plan. `prepare` asks each once, so that connections stand; one that does not
 * answer soon begins when it does, or has failed. One that cannot be read is told of by `warn`, and asked again at its
 * interval. Nothing of it rejects, and the load need not wait for it: watching must not keep a run from going ahead.
 */
export function createMonitorCompanion(
  plans: readonly MonitorPlan[],
  secrets: MonitorSecrets,
  handlers: Handlers,
): Companion {
  let watching: Promise<Watch> | undefined;
  return {
    async prepare() {
      watching = createWatch(plans, secrets, handlers);
      await watching;
    },
    start(now) {
      void watching?.then((watch) => watch.start(now));
    },
    async finish() {
      const watch = await watching;
      await watch?.finish();
      if (handlers.wentBadly()) await watch?.diagnose();
    },
    async close() {
      const watch = await watching;
      watching = undefined;
      await watch?.close();
    },
  };
}

/** Asks each monitor once. Resolves with why it cannot be read, in their order; `undefined` for one that can. */
export async function tryMonitors(
  plans: readonly MonitorPlan[],
  secrets: MonitorSecrets,
  dialer: Dialer,
): Promise<(string | undefined)[]> {
  return await Promise.all(
    plans.map(async (plan) => {
      const sampler = createSampler([await makeWatched(plan, secrets, dialer)], () => {});
      try {
        const [failure] = await sampler.prime();
        return failure?.reason;
      } finally {
        await sampler.close();
      }
    }),
  );
}

async function createWatch(
  plans: readonly MonitorPlan[],
  secrets: MonitorSecrets,
  { report, warn, dialer }: Handlers,
): Promise<Watch> {
  const watched = await Promise.all(plans.map((plan) => makeWatched(plan, secrets, dialer)));
  const watches = watched.map((one) => watchOne(one.plan, createSampler([one], report), warn));
  const giveUp = new AbortController();
  await Promise.race([
    Promise.all(watches.map(({ primed }) => primed)),
    delay(patienceMs, { signal: giveUp.signal }),
  ]);
  giveUp.abort();
  return {
    start(now) {
      for (const watch of watches) watch.start(now);
    },
    async finish() {
      await Promise.all(watches.map((watch) => watch.finish()));
    },
    async diagnose() {
      // Why the target went badly is not told by the load generator.
      const ofTarget = watches.filter((_, i) => !ownMonitors.includes(plans[i]!.name));
      await Promise.all(ofTarget.map((watch) => watch.diagnose()));
    },
    async close() {
      await Promise.all(watches.map((watch) => watch.close()));
    },
  };
}

/** A monitor that begins by itself once it was asked for the first time, which `primed` waits for. */
function watchOne(
  { name, title }: MonitorPlan,
  sampler: Sampler,
  warn: Handlers['warn'],
): Watch & { readonly primed: Promise<void> } {
  let closed = false;
  const primed = sampler.prime().then(([failure]) => {
    if (failure === undefined || closed) return;
    warn(`monitor ${name} (${title}) cannot be read yet: ${failure.reason}`);
  });
  let started: Promise<void> | undefined;
  return {
    primed,
    start(now) {
      started = primed.then(() => {
        if (!closed) sampler.start(now);
      });
    },
    async finish() {
      await started;
      await sampler.finish();
    },
    diagnose: () => sampler.diagnose(),
    async close() {
      closed = true;
      await sampler.close();
    },
  };
}

async function makeWatched(
  plan: MonitorPlan,
  secrets: MonitorSecrets,
  dialer: Dialer | undefined,
): Promise<Watched> {
  try {
    const own = Object.hasOwn(secrets, plan.name) ? secrets[plan.name] : undefined;
    return { plan, monitor: await createMonitor(plan, own, dialer) };
  } catch (thrown) {
    return { plan, monitor: unreadable(thrown) };
  }
}

/** Stands for a monitor that cannot be made, so that the record has a gap with the reason. */
function unreadable(reason: unknown): Monitor {
  return { read: () => Promise.reject(reason), close: async () => {} };
}
