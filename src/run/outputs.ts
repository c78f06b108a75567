// The outputs of one run, opened before the load. Called by run/run-profile.ts.

import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import type { LiveOutputs } from '../outputs/live-outputs.ts';
import { wallClock } from '../time/clock.ts';

/** After the load, what has not gone out yet gets so long. */
const closeGraceMs = 3000;

/** Opens outputs; `undefined` when there are none, which loads nothing. */
export async function openOutputs(
  definitions: readonly OutputDefinition[],
  { plan, id }: { readonly plan: Plan; readonly id: string },
): Promise<LiveOutputs | undefined> {
  if (definitions.length === 0) return undefined;
  const { createOutputs } = await import('../outputs/outputs.ts');
  let startEpochMs = wallClock().getTime();
  let closing: ReturnType<LiveOutputs['close']> | undefined;
  const hub = await createOutputs(definitions, {
    id,
    suite: plan.suite,
    profile: plan.profile,
    environment: plan.environment,
    tags: plan.tags,
    get startEpochMs() {
      return startEpochMs;
    },
    monitors: Object.fromEntries((plan.monitors ?? []).map(({ name, figures }) => [name, figures])),
  });
  return {
    started() {
      startEpochMs = wallClock().getTime();
    },
    window: (window) => hub.window(window),
    observe(report) {
      if (report.kind === 'sample') hub.sample(report.sample);
    },
    alert: (transition) => hub.alert(transition),
    close: () => (closing ??= hub.close(closeGraceMs)),
  };
}
