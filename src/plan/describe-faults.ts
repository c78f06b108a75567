// Faults, and what is started for them, as `inspect` and `--dry-run` show them. Called by describe.ts.

import type { FaultPlan } from '../model/fault.ts';
import { expectationText } from '../model/fault-words.ts';
import type { Plan } from '../model/plan.ts';
import { authorityOf } from '../network/destination.ts';
import { formatDuration } from '../time/duration.ts';

/** What will be done to the system, and what is expected of it; nothing for a plan without. */
export function faultLines({ proxies = [], processes = [], faults = [], durationMs }: Plan): string[] {
  const rig = [
    ...proxies.map(
      ({ name, listen, to, isBeforeLoad }) =>
        `  proxy ${name}  ${isBeforeLoad ? 'the load goes through it' : `${authorityOf(listen.host, listen.port)} leads`} to ${authorityOf(to.host, to.port)}`,
    ),
    ...processes.map(({ name, command }) => `  process ${name}  ${command.join(' ')}`),
  ];
  const lines = faults.flatMap((fault) => [
    `  ${timesOf(fault, durationMs)}  ${fault.name}  ${fault.kind} on ${fault.on}`,
    ...fault.expect.map((one) => `      expects ${expectationText(one)}`),
  ]);
  return [
    ...(rig.length === 0 ? [] : ['Started for the run, and ended after it:', ...rig]),
    ...(rig.length > 0 && lines.length > 0 ? [''] : []),
    ...(lines.length === 0
      ? []
      : ['Faults: what the load meets; each expectation that is not met fails the run', ...lines]),
  ];
}

function timesOf({ atMs, forMs }: FaultPlan, durationMs: number): string {
  const times =
    forMs === null
      ? `from ${formatDuration(atMs)} on`
      : `${formatDuration(atMs)} to ${formatDuration(atMs + forMs)}`;
  return atMs >= durationMs ? `${times} (never: the load is over by then)` : times;
}
