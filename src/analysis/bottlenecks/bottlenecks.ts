// The door of this folder: from what a run measured to what limits it, most likely first. Called by ../analyse.ts.

import type { Measurements } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import type { Drift } from '../drift.ts';
import { type ObservedSeries, observedSeries } from '../observed-series.ts';
import { operationCosts, slowPart } from '../slowest-operations.ts';
import { conditionOf } from './condition.ts';
import { bottleneckFinding } from './finding.ts';
import { judgeRules } from './judge-rules.ts';
import { rankCandidates } from './rank.ts';
import { bottleneckRules } from './rules.ts';
import { makeScene } from './scene.ts';
import { findUnwatched } from './unwatched.ts';

/** Findings of a run, at the most; what comes behind is more likely a consequence than a cause. */
const mostFindings = 6;

/**
 * What limits a run, most likely first, each with its rank, the signs that show it and what to do. A run in which nothing
 * went badly has findings of severity `info` at the most: what is near its limit, or does needless work. A run that went
 * badly and shows no sign has one that says what to watch.
 */
export function findBottlenecks(
  measured: Measurements,
  drifts: readonly Drift[] = [],
  series: readonly ObservedSeries[] = observedSeries(measured),
): Finding[] {
  if (measured.plan.scenarios.length === 0) return [];
  const condition = conditionOf(measured, drifts);
  const scene = makeScene(measured, condition, drifts, series);
  const slow = slowPart(operationCosts(measured));
  const ranked = rankCandidates(scene, judgeRules(scene, bottleneckRules), slow);
  const findings = bySeverity(ranked.map((one) => bottleneckFinding(scene, one, { slow, among: ranked })));
  const numbered = findings.slice(0, mostFindings).map((one, position) => ({ ...one, rank: position + 1 }));
  return [...numbered, ...findUnwatched(scene, numbered)];
}

/** What explains most of what went badly first; those that are equal stay in their order. */
function bySeverity(findings: readonly Finding[]): Finding[] {
  return (['critical', 'warning', 'info'] as const).flatMap((severity) =>
    findings.filter((one) => one.severity === severity),
  );
}
