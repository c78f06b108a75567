// Test data that ended before the load did: the finding, and what it means for the verdict. Called by analyse.ts and
// verdict.ts.

import type { FeederPlan, FeederRecord } from '../model/feeder.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

interface EndedData {
  readonly plan: FeederPlan;
  readonly record: FeederRecord & { readonly endedAtMs: number };
}

type WithData = Pick<Measurements, 'plan' | 'data'>;

function endedData({ plan, data = [] }: WithData): EndedData[] {
  return data.flatMap((record) => {
    const planned = plan.data?.find(({ name }) => name === record.name);
    const { endedAtMs } = record;
    return planned === undefined || endedAtMs === null
      ? []
      : [{ plan: planned, record: { ...record, endedAtMs } }];
  });
}

/** One finding for each feeder that had no row left for a user. */
export function findEndedData(measured: Measurements): Finding[] {
  return endedData(measured).map((ended) => ({
    kind: 'data',
    severity: 'critical',
    title: `No row of ${ended.plan.name} was left ${formatDuration(ended.record.endedAtMs)} into the run`,
    detail: `${usedSentence(ended)} ${consequence(ended)} What was measured after that is of another load than the one planned.`,
    evidence: [
      { name: 'rows', value: ended.record.rows ?? 0, unit: 'count' },
      { name: 'rows given', value: ended.record.given, unit: 'count' },
      { name: 'rows lost with a worker', value: ended.record.lost, unit: 'count' },
      { name: 'users ended', value: ended.record.usersEnded, unit: 'count' },
      { name: 'first user without a row', value: ended.record.endedAtMs, unit: 'ms' },
    ],
    advice:
      'Add rows, make the load shorter, or let the data begin again (policy "circular"). To work through a file, each row once, use shared-iterations with one iteration for each row.',
  }));
}

/**
 * For the verdict: `fail` where the suite says that the run fails then; in all other cases the load was not the one that
 * was planned, and nobody knows how the target would have done under that. Both without `status`.
 */
export function endedDataSentences(measured: WithData, status?: 'fail' | 'inconclusive'): string[] {
  return endedData(measured)
    .filter(({ plan }) => status === undefined || (plan.atEnd === 'fail') === (status === 'fail'))
    .map((ended) => `${usedSentence(ended)} ${consequence(ended)}`);
}

function usedSentence({ plan, record }: EndedData): string {
  const { name, policy } = plan;
  const { given, lost, endedAtMs } = record;
  const at = `${formatDuration(endedAtMs)} into the run`;
  if (policy === 'sequential') return `data.${name}: ${at}, a user had used all rows.`;
  const withLost = lost === 0 ? '' : `, ${formatCount(lost)} lost with a worker`;
  return `data.${name}: ${at}, no row was left (${formatCount(given)} given${withLost}).`;
}

function consequence({ plan, record }: EndedData): string {
  switch (plan.atEnd) {
    case 'fail':
      return 'The run ended and failed, as the suite says.';
    case 'end-scenario':
      return 'The scenario that asked for more ended early, as the suite says.';
    default:
      return `${formatCount(record.usersEnded, 'user')} ended for want of a row.`;
  }
}
