// Whether this machine can make the load of a profile: users, rate and memory against what it can do. Called by examine.ts.

import { freemem } from 'node:os';
import { limitWarnings, readMachineLimits } from '../engine/machine-limits.ts';
import { durationOf, isArrivalRate, maxVusOf, peakRatePerSec } from '../executors/of-plan.ts';
import { exactRate } from '../executors/rate-curve.ts';
import { messageOf } from '../model/errors.ts';
import type { Examined } from '../model/examination.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { toNumber } from '../stats/fraction.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { type Calibration, calibrate } from './calibrate.ts';

/** Of a user with connections and a session. **Source:** bench `users`, 10,000 in 123 MB, with room for bodies. */
const bytesPerUser = 25_000;
/** The coordinator and a worker before their first user. */
const bytesOfProcesses = 300e6;
/** The rest of a core is for what the suite's own code does, and for peaks. */
const soundShare = 0.5;

/** The measured rate of this machine, and of each plan whether it fits. */
export async function examineGenerator(workers: number, plans: readonly Plan[]): Promise<Examined[]> {
  const subject = 'load generator';
  let calibration: Calibration;
  try {
    calibration = await calibrate(workers);
  } catch (thrown) {
    return [{ subject, status: 'open', finding: `could not be measured: ${messageOf(thrown)}` }];
  }
  const limits = await readMachineLimits();
  return [
    { subject, status: 'good', finding: calibrationText(calibration) },
    ...plans.map((plan) => examineLoad(plan, calibration, freemem(), limitWarnings(plan, limits))),
  ];
}

function calibrationText({ perSec, cpuMsPerRequest, workers }: Calibration): string {
  return `${formatCount(Math.round(perSec))} requests in a second to a server on this machine, by ${formatCount(workers, 'worker')} at ${formatFigure(cpuMsPerRequest, 'ms')} of CPU time for each request`;
}

/** `warnings`: limits of the machine that the plan's users may reach, a sentence with its remedy each. */
export function examineLoad(
  plan: Plan,
  calibration: Calibration,
  freeBytes: number,
  warnings: readonly string[],
): Examined {
  const users = most(plan, ({ executor }) => maxVusOf(executor));
  const rates = plan.scenarios.map(peakOf);
  const perSec = rates.includes(undefined) ? undefined : most(plan, (one) => peakOf(one) ?? 0);
  const rate =
    perSec === undefined ? 'as fast as the target answers' : `up to ${formatFigure(perSec, 'per s')}`;
  const needed = bytesOfProcesses + users * bytesPerUser;
  const subject = `profile ${plan.profile}`;
  const finding = `${formatCount(users, 'user')}, ${rate}`;
  const remedies = [...warnings];
  if (perSec !== undefined && perSec > mostPerSec(calibration)) {
    remedies.push(
      `this machine can make about ${formatFigure(mostPerSec(calibration), 'per s')} and measure them soundly, with little code of the suite: use more --workers on a machine with more cores, or lower the rate`,
    );
  }
  if (needed > freeBytes) {
    remedies.push(
      `it needs about ${formatFigure(needed, 'bytes')} of memory, and ${formatFigure(freeBytes, 'bytes')} are free: end other programs, or lower the number of users`,
    );
  }
  return remedies.length === 0
    ? { subject, status: 'good', finding: `${finding}: fits this machine` }
    : {
        subject,
        status: 'caution',
        finding: `${finding}: may be more than this machine can make`,
        remedy: remedies.join('; '),
      };
}

/** Iterations per second that leave each worker half of its core; no more than were just made. */
function mostPerSec({ perSec, cpuMsPerRequest, workers }: Calibration): number {
  return Math.min(perSec, (workers * soundShare * 1000) / cpuMsPerRequest);
}

/** Iterations per second at the most; `undefined` where the target alone decides, or the suite's code. */
function peakOf({ executor, users }: ScenarioPlan): number | undefined {
  if (isArrivalRate(executor)) return toNumber(exactRate(peakRatePerSec(executor), executor.timeUnitMs));
  const waits = users.map(({ thinkTime }) => {
    if (thinkTime.kind === 'fixed') return thinkTime.ms;
    return thinkTime.kind === 'uniform' ? (thinkTime.minMs + thinkTime.maxMs) / 2 : undefined;
  });
  const shortest = Math.min(...waits.map((wait) => wait ?? 0));
  return shortest > 0 ? (maxVusOf(executor) * 1000) / shortest : undefined;
}

/** The greatest sum over scenarios that go on at the same time. */
function most({ scenarios }: Plan, of: (scenario: ScenarioPlan) => number): number {
  const at = (ms: number): number =>
    scenarios
      .filter(({ startAtMs, executor }) => startAtMs <= ms && ms < startAtMs + durationOf(executor))
      .reduce((sum, scenario) => sum + of(scenario), 0);
  return Math.max(0, ...scenarios.map(({ startAtMs }) => at(startAtMs)));
}
