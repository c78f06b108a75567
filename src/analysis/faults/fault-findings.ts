// What faults mean for a run: findings, and reasons of the verdict. Called by analysis/analyse.ts and
// analysis/verdict.ts.

import type { Measurements } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { formatDuration } from '../../time/duration.ts';
import { type FaultResult, faultResults } from './fault-results.ts';

/** For the verdict: expectations that were not met, or are open. */
export function expectationReasons(measured: Measurements, status: 'unmet' | 'open'): string[] {
  return faultResults(measured).flatMap(({ plan, trouble, expectations }) =>
    // Of a fault that was not as planned, the reason is that.
    trouble.length > 0
      ? []
      : expectations
          .filter((one) => one.status === status)
          .map(({ text, detail }) => {
            const what = status === 'unmet' ? 'was not met' : 'cannot be judged';
            return `During the fault “${plan.title}”, “${text}” ${what}: ${lowerFirst(detail)}`;
          }),
  );
}

/** For the verdict: faults that were not made as planned. */
export function faultTroubleReasons(measured: Measurements): string[] {
  return faultResults(measured).flatMap(({ plan, trouble }) =>
    trouble.map((sentence) => `The fault “${plan.title}” was not as planned: ${lowerFirst(sentence)}`),
  );
}

/** One for each fault. */
export function findFaults(measured: Measurements): Finding[] {
  return faultResults(measured).map((result) => {
    const { plan, record, trouble, expectations } = result;
    const unmet = expectations.filter(({ status }) => status === 'unmet');
    const open = expectations.filter(({ status }) => status === 'open');
    return {
      kind: 'fault',
      severity: unmet.length > 0 ? 'critical' : trouble.length + open.length > 0 ? 'warning' : 'info',
      title: titleOf(result),
      detail: [
        `${plan.kind} on ${plan.on}.`,
        ...trouble,
        ...expectations.map(({ text, status, detail }) => `${statusWords[status]}: ${text}. ${detail}`),
      ].join(' '),
      evidence: [
        ...(typeof record?.fromMs === 'number'
          ? [{ name: 'began', value: Math.max(0, record.fromMs), unit: 'ms' }]
          : []),
        ...(typeof record?.untilMs === 'number'
          ? [{ name: 'ended', value: Math.max(0, record.untilMs), unit: 'ms' }]
          : []),
      ],
      ...(unmet.length > 0 && { advice: adviceFor(unmet.map((one) => one.plan.kind)) }),
    };
  });
}

const statusWords = { met: 'Met', unmet: 'Not met', open: 'Open' } as const;

function titleOf({ plan, record, trouble, expectations }: FaultResult): string {
  const at = typeof record?.fromMs === 'number' ? ` at ${formatDuration(Math.max(0, record.fromMs))}` : '';
  const name = `Fault${at}: ${plan.title}`;
  if (trouble.length > 0) return `${name}, not as planned`;
  if (expectations.length === 0) return `${name}, nothing expected`;
  const met = expectations.filter(({ status }) => status === 'met').length;
  return `${name}, ${met} of ${expectations.length} expectations met`;
}

const advice = {
  reach:
    'Look whether the defence is there and how it is set: the number of failures or the time after which it acts.',
  return: 'Look how the system tries again: how long a circuit stays open, and what closes it.',
  recovery:
    'Look for what is left of the fault: connections that are not made anew, queues, retries, caches to be filled.',
  failover: 'Look how long the system takes to notice, and whether something else takes over.',
  'others-flat':
    'Keep what the fault holds up apart: timeouts, a limit on how many may wait for one upstream (bulkhead), a circuit breaker.',
  'no-stale':
    'Look how entries are invalidated: on every write, in every instance, and with a time to live at the least.',
  cost: 'Look what is done again for each request while the fault is on: cache misses at once (stampede), retries, timeouts.',
} as const;

function adviceFor(kinds: readonly (keyof typeof advice)[]): string {
  return [...new Set(kinds)].map((kind) => advice[kind]).join(' ');
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
