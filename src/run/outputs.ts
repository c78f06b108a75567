// The outputs of a session as its companion: they pass on what is measured while it is measured. Every kind of run joins
// them to its session.

import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import type { OutputHub } from '../outputs/outputs.ts';
import { wallClock } from '../time/clock.ts';
import type { Companion } from './companion.ts';
import type { Session } from './session.ts';

/** After the load, what has not gone out yet gets so long. */
const closeGraceMs = 3000;

/**
 * Makes a companion of outputs; without definitions it loads nothing and does nothing. `prepare` rejects with a
 * `UsageError` for a definition that no output can be made of.
 */
export function createOutputCompanion(
  definitions: readonly OutputDefinition[],
  plan: Plan,
  session: Pick<Session, 'id' | 'reportOutputs'>,
): Companion {
  let startEpochMs = wallClock().getTime();
  let hub: OutputHub | undefined;
  /** Run time of the session at run time 0 of the load, ms, whole seconds: the steps of a search follow one another. */
  let offsetMs = 0;
  /** Run time of the session up to which something was heard. */
  let newestAtMs = 0;
  const later = (atMs: number): number => {
    const sessionMs = atMs + offsetMs;
    newestAtMs = Math.max(newestAtMs, sessionMs);
    return sessionMs;
  };
  return {
    async prepare() {
      if (definitions.length === 0) return;
      const { createOutputs } = await import('../outputs/outputs.ts');
      hub = await createOutputs(definitions, {
        id: session.id,
        suite: plan.suite,
        profile: plan.profile,
        environment: plan.environment,
        tags: plan.tags,
        get startEpochMs() {
          return startEpochMs;
        },
        monitors: Object.fromEntries((plan.monitors ?? []).map(({ name, figures }) => [name, figures])),
      });
    },
    start() {
      offsetMs = Math.ceil(newestAtMs / 1000) * 1000;
      startEpochMs = wallClock().getTime() - offsetMs;
    },
    // The last windows are yet to come.
    async finish() {},
    async close() {
      const open = hub;
      hub = undefined;
      if (open !== undefined) session.reportOutputs(await open.close(closeGraceMs));
    },
    hears: {
      window(window) {
        const [startAtMs, endAtMs] = [later(window.startAtMs), later(window.endAtMs)];
        hub?.window({ ...window, startAtMs, endAtMs });
      },
      monitor(report) {
        if (report.kind !== 'sample') return;
        const { sample } = report;
        hub?.sample({ ...sample, atMs: later(sample.atMs) });
      },
      alert: (transition) => hub?.alert({ ...transition, atMs: later(transition.atMs) }),
    },
  };
}
