// The faults of one load as its companion: begins each at its time and takes it back, at the end of the load at the latest.
// drive.ts makes it.

import { messageOf } from '../model/errors.ts';
import type { FaultPlan, FaultReport } from '../model/fault.ts';
import { machineMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import type { Companion } from './companion.ts';
import type { Rig } from './rig.ts';

/** These are over as soon as they are made. */
const atOnce: ReadonlySet<FaultPlan['kind']> = new Set(['restart', 'flush']);

/** `report` is told of what was really done, in run times. */
export function createFaultCompanion(
  faults: readonly FaultPlan[],
  rig: Pick<Rig, 'begin' | 'end'>,
  report: (report: FaultReport) => void,
): Companion {
  const timers = new Set<Timer>();
  /** Begun, or on the way, and not ended. */
  const active = new Map<string, Promise<void>>();
  let now: () => number = () => 0;
  let isOver = false;

  const runTimeOf = (atMachineMs: number): number => now() + atMachineMs - machineMs();
  const later = (work: () => void, atMs: number): void => {
    const timer = startTimer(
      () => {
        timers.delete(timer);
        work();
      },
      Math.max(0, atMs - now()),
    );
    timers.add(timer);
  };

  async function begin(plan: FaultPlan): Promise<void> {
    const { name: fault, kind, forMs } = plan;
    try {
      report({ kind: 'begun', fault, atMs: runTimeOf(await rig.begin(fault)) });
    } catch (thrown) {
      report({ kind: 'failed', fault, atMs: now(), phase: 'begin', reason: messageOf(thrown) });
    }
    if (isOver) return;
    if (atOnce.has(kind)) void end(fault);
    else if (forMs !== null) later(() => void end(fault), plan.atMs + forMs);
  }

  async function end(fault: string): Promise<void> {
    if (!active.has(fault)) return;
    active.delete(fault);
    try {
      const { atMachineMs, traffic } = await rig.end(fault);
      const atMs = runTimeOf(atMachineMs);
      report({ kind: 'ended', fault, atMs, ...(traffic !== undefined && { traffic }) });
    } catch (thrown) {
      report({ kind: 'failed', fault, atMs: now(), phase: 'end', reason: messageOf(thrown) });
    }
  }

  return {
    async prepare() {},
    start(clock) {
      now = clock;
      for (const plan of faults) later(() => active.set(plan.name, begin(plan)), plan.atMs);
    },
    async finish() {
      isOver = true;
      for (const timer of timers) cancelTimer(timer);
      timers.clear();
      await Promise.all(
        faults
          .filter(({ name, forMs }) => active.has(name) && forMs !== null)
          .map(async ({ name }) => {
            await active.get(name);
            await end(name);
          }),
      );
    },
    async close() {
      await this.finish();
    },
  };
}
