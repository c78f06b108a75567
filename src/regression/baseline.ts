// Makes and keeps baselines: which runs may become one, and how a file changes. Called by cli/baseline.ts.

import {
  type Baseline,
  type BaselineFigure,
  type BaselineFile,
  baselineSchemaVersion,
} from '../model/baseline.ts';
import { UsageError } from '../model/errors.ts';
import type { Acceptance, BaselineGate } from '../model/gate.ts';
import { operationMetrics, sentKinds } from '../model/operation.ts';
import type { RunRecord } from '../model/run-record.ts';
import { usualComparison } from './compare-runs.ts';
import { differencesOf, unusableReason } from './differences.ts';
import { figureKey, figuresOf, type RunFigures } from './run-figures.ts';

/** Acceptances that are kept in the file; its own history has all. */
const mostEarlier = 20;

/** Gates that a new baseline begins with: p95 within 10 %, throughput at least 90 %, at most 5 % failed. */
function usualGates(figures: readonly BaselineFigure[]): BaselineGate[] {
  const kinds = [...sentKinds, 'iteration' as const].map((kind) => operationMetrics[kind]);
  const names = new Set(figures.map(figureKey));
  return kinds.flatMap(({ duration, count, failed }) =>
    [
      { figure: `${duration} p(95)`, mostOfBaseline: 1.1 },
      { figure: `${count} per second`, leastOfBaseline: 0.9 },
      { figure: `${failed} failed`, most: 0.05 },
    ].filter(({ figure }) => names.has(figure)),
  );
}

/**
 * A baseline of runs, at least one, all of the same load. Throws a `UsageError` for runs that cannot be used, or that differ
 * in what must be alike.
 */
export function makeBaseline(
  records: readonly RunRecord[],
  { reason, acceptedAt, before }: { reason: string; acceptedAt: string; before: Baseline | undefined },
): Baseline {
  for (const record of records) {
    const why = unusableReason(record);
    if (why === undefined) continue;
    throw new UsageError(`the run ${record.id} cannot be part of a baseline: ${why}`, {
      hint: 'name runs that show how the target performs',
    });
  }
  const [first, ...others] = records as readonly [RunRecord, ...RunRecord[]];
  const [difference] = others.flatMap((record) => differencesOf(first, record));
  if (difference !== undefined)
    throw new UsageError(`the runs of a baseline must be alike. ${difference.text}`);
  const { percentiles } = usualComparison;
  const figures = mergeFigures(figuresOf(records, true, percentiles));
  if (figures.length === 0)
    throw new UsageError('the runs have no figure in common, so there is nothing to accept');
  const { suite, profile, environment, target, plan } = first;
  const { monitors: _, alerts: _alerts, comparisons: _comparisons, ...load } = plan;
  return {
    reason,
    acceptedAt,
    runs: records.map(({ id }) => id),
    startedAt: first.startedAt,
    conditions: { suite, profile, environment, target, plan: { ...load, thresholds: [] } },
    percentiles,
    figures,
    gates: before?.gates ?? usualGates(figures),
    earlier: before === undefined ? [] : [acceptanceOf(before), ...before.earlier].slice(0, mostEarlier),
  };
}

/** Those that every run has. */
function mergeFigures(runs: readonly RunFigures[]): BaselineFigure[] {
  return [...runs[0]!].flatMap(([key, { metric, tags, statistic }]): BaselineFigure[] => {
    const values = runs.flatMap((figures) => {
      const figure = figures.get(key);
      if (figure === undefined) return [];
      const { metric: _, tags: _tags, statistic: _statistic, ...value } = figure;
      return [value];
    });
    if (values.length < runs.length) return [];
    return [
      { metric, ...(tags !== undefined && { tags }), statistic, runs: values as BaselineFigure['runs'] },
    ];
  });
}

function acceptanceOf({ reason, acceptedAt, runs }: Baseline): Acceptance {
  return { reason, acceptedAt, runs };
}

/** The baseline of a profile in an environment. */
export function findBaseline(
  file: BaselineFile | undefined,
  profile: string,
  environment: string,
): Baseline | undefined {
  return file?.baselines.find(
    ({ conditions }) => conditions.profile === profile && conditions.environment.name === environment,
  );
}

/** The file with `baseline` in place of the one of the same profile and environment, or after all others. */
export function withBaseline(file: BaselineFile | undefined, baseline: Baseline): BaselineFile {
  const { suite, profile, environment } = baseline.conditions;
  const before = findBaseline(file, profile, environment.name);
  const all = file?.baselines ?? [];
  return {
    schemaVersion: baselineSchemaVersion,
    suite: file?.suite ?? suite,
    baselines:
      before === undefined ? [...all, baseline] : all.map((one) => (one === before ? baseline : one)),
  };
}
