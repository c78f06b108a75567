// Findings about thresholds: which broke or came close, and which tasks and endpoints contributed most.

import {
  aggregationName,
  excessOf,
  isBroken,
  type JudgedThreshold,
  judgedThresholds,
} from '../judge/judged-thresholds.ts';
import type { Measurements, MetricEntry } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { Histogram } from '../stats/histogram.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { valueAt } from './measured.ts';
import { actualWords, breachSentence, breachWords, closeSentence, subjectWords } from './threshold-words.ts';

const contributorCount = 3;

/** One finding per broken threshold (critical ones first, then the farthest beyond), then one per close one. */
export function findThresholdBreaches(measured: Measurements): Finding[] {
  const own = judgedThresholds(measured).filter(({ result }) => result.level !== 'search');
  const broken = own
    .filter(isBroken)
    .sort((a, b) => levelRank(a) - levelRank(b) || excessOf(b) - excessOf(a));
  const close = own.filter(({ result }) => result.ok && result.close);
  return [
    ...broken.map((threshold) => breachFinding(measured, threshold)),
    ...close.map((threshold) => closeFinding(threshold)),
  ];
}

function levelRank({ result }: JudgedThreshold): number {
  return result.level === 'critical' ? 0 : 1;
}

function breachFinding(measured: Measurements, threshold: JudgedThreshold): Finding {
  const contributors = findContributors(measured, threshold);
  const most = contributors.map(({ text }) => text).join('; ');
  return {
    kind: 'threshold-breach',
    severity: threshold.result.level === 'critical' ? 'critical' : 'warning',
    title: `${subjectWords(threshold)}: ${breachWords(threshold)}`,
    detail: breachSentence(threshold) + (most === '' ? '' : ` Most of it comes from: ${most}.`),
    evidence: [evidenceOf(threshold), ...contributors.map(({ evidence }) => evidence)],
  };
}

function closeFinding(threshold: JudgedThreshold): Finding {
  return {
    kind: 'threshold-close',
    severity: 'warning',
    title: `${subjectWords(threshold)}: close to its limit`,
    detail: closeSentence(threshold),
    evidence: [evidenceOf(threshold)],
    advice: `A little more load or noise breaks ${threshold.plan.expression}; ${actualWords(threshold)} leaves almost no headroom.`,
  };
}

function evidenceOf({ key, plan, result, unit }: JudgedThreshold): Evidence {
  const name = `${aggregationName(plan)} of ${key}`;
  const value = result.actual ?? result.bounds?.least ?? result.bounds?.greatest ?? 0;
  return { name, value, unit, limit: plan.limit };
}

interface Contributor {
  readonly text: string;
  readonly evidence: Evidence;
  readonly weight: number;
}

/**
 * The parts of a threshold's series that stand out most: tasks, or endpoints when it selects one task. Trends
 * by the same aggregation, rates and counters by what they count (failures, for `http_req_failed`).
 */
function findContributors(measured: Measurements, threshold: JudgedThreshold): Contributor[] {
  const { metric, tags } = threshold.plan;
  const finest = tags.task === undefined ? 'task' : 'name';
  return Object.entries(measured.metrics)
    .filter(([key, entry]) => {
      const own = entry.tags ?? {};
      const isPart = Object.entries(tags).every(([name, value]) => own[name] === value);
      const isFinest = own[finest] !== undefined && (finest === 'name') === (own.name !== undefined);
      return (
        entry.metric === metric && key !== threshold.key && isPart && isFinest && own.scenario === undefined
      );
    })
    .flatMap(([key, entry]) => contributor(key, entry, threshold) ?? [])
    .sort((a, b) => b.weight - a.weight)
    .slice(0, contributorCount);
}

function contributor(key: string, entry: MetricEntry, threshold: JudgedThreshold): Contributor | undefined {
  const { plan, unit } = threshold;
  const { values } = entry;
  const label = labelOf(entry);
  if ('passes' in values) {
    // A limit from above is broken by what passed (http_req_failed), one from below by what did not (checks).
    const bad = plan.operator.startsWith('<') ? values.passes : values.fails;
    if (bad === 0) return undefined;
    const total = values.passes + values.fails;
    return {
      text: `${label} (${formatFigure(bad, 'count')} of ${formatCount(total, 'sample')})`,
      evidence: { name: `rate of ${key}`, value: values.rate, unit: 'ratio' },
      weight: bad,
    };
  }
  const { aggregation } = plan;
  const value =
    aggregation.kind === 'percentile'
      ? percentileOf(entry, aggregation.p)
      : valueAt(values, aggregation.kind);
  if (value === undefined) return undefined;
  const name = aggregationName(plan);
  const samples =
    'count' in values && entry.type === 'trend' ? `, ${formatCount(values.count, 'sample')}` : '';
  return {
    text: `${label} (${name} ${formatFigure(value, unit)}${samples})`,
    evidence: { name: `${name} of ${key}`, value, unit },
    weight: plan.operator.startsWith('>') ? -value : value,
  };
}

function percentileOf({ histogram }: MetricEntry, p: number): number | undefined {
  if (histogram === undefined) return undefined;
  return Histogram.decode(Buffer.from(histogram, 'base64')).percentile(p);
}

/** `task price of buyer`, or `POST /api/price` */
function labelOf({ tags = {} }: MetricEntry): string {
  if (tags.name !== undefined) return [tags.method, tags.name].filter((one) => one !== undefined).join(' ');
  return `task ${tags.task}${tags.user === undefined ? '' : ` of ${tags.user}`}`;
}
