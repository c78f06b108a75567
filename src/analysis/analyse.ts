// The door of this folder: from what a run measured to what it means. Pure, so that any old record can be read again.

import type { Compliance } from '../model/objective.ts';
import type { Recommendation } from '../model/recommendation.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding, Verdict } from '../model/verdict.ts';
import { findAlerts, findBlindAlerts } from './alert-findings.ts';
import { findAnomalies } from './anomalies.ts';
import { findBottlenecks } from './bottlenecks/bottlenecks.ts';
import { findBreakingPoint } from './breaking-point.ts';
import { assessCapacity, excessOf } from './capacity-plan/capacity-plan.ts';
import { capacityFindings } from './capacity-sentences.ts';
import { findComparisons } from './comparisons.ts';
import { complianceOf, countedRun } from './compliance.ts';
import { findCutOff } from './cut-off.ts';
import { findEndedData } from './data-findings.ts';
import { driftFindings, findDrifts } from './drift.ts';
import { findDroppedIterations } from './dropped-iterations.ts';
import { findErrors } from './error-findings.ts';
import { findFaults } from './faults/fault-findings.ts';
import { findRegressions } from './gate-reasons.ts';
import { findGeneratorLimits } from './generator-findings.ts';
import { findMixDeviations } from './mix-deviation.ts';
import { findMonitorGaps } from './monitor-gaps.ts';
import { findObjectives } from './objective-findings.ts';
import { assessObjectives } from './objectives.ts';
import { findOutageFindings } from './outage-findings.ts';
import { recommend } from './recommendations/recommend.ts';
import { findRecovery } from './recovery.ts';
import { findResentRequests } from './resent-requests.ts';
import { findScalability, type Scalability } from './scalability.ts';
import { scalabilityFindings } from './scalability-findings.ts';
import { seriesOfRun } from './series-of-run.ts';
import { findSpikeFindings } from './spike-findings.ts';
import { findThresholdBreaches } from './threshold-findings.ts';
import { makeVerdict } from './verdict.ts';

export interface Analysis {
  /** Critical ones first, then warnings, then the rest; within each, in the order of the rules below. */
  readonly findings: Finding[];
  readonly verdict: Verdict;
  /** Absent when there are none. */
  readonly recommendations?: readonly Recommendation[];
  /** Absent when the plan has no objectives. */
  readonly compliance?: Compliance;
}

const severityRank: Readonly<Record<Finding['severity'], number>> = { critical: 0, warning: 1, info: 2 };

/**
 * Findings, verdict and recommendations of a run, from the measurements and what the suite's own code has found.
 * `scalability` is that of the measurements alone, for callers that have it already.
 * `further` findings are shown with the rest, and decide nothing.
 */
export function analyse(
  measurements: Measurements,
  suiteFindings: readonly Finding[] = [],
  scalability: Scalability | undefined = findScalability([measurements]),
  further: readonly Finding[] = [],
): Analysis {
  const series = seriesOfRun(measurements);
  const drifts = findDrifts(measurements, series);
  const findings = [
    ...findRecovery(measurements),
    ...findGeneratorLimits(measurements),
    ...findThresholdBreaches(measurements),
    ...findObjectives(measurements),
    ...findComparisons(measurements),
    ...findRegressions(measurements),
    ...findAlerts(measurements),
    ...suiteFindings,
    ...findBottlenecks(measurements, drifts, series.series),
    ...findEndedData(measurements),
    ...findDroppedIterations(measurements),
    ...findCutOff(measurements),
    ...findFaults(measurements),
    ...findOutageFindings(measurements),
    ...findSpikeFindings(measurements),
    ...findErrors(measurements),
    ...findResentRequests(measurements),
    ...findMixDeviations(measurements),
    ...findMonitorGaps(measurements),
    ...findBlindAlerts(measurements),
    ...capacityFindings(measurements),
    ...findBreakingPoint(measurements),
    ...scalabilityFindings(scalability),
    ...driftFindings(drifts),
    ...findAnomalies(measurements, drifts, series),
    ...further,
  ].sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
  const verdict = makeVerdict(measurements, suiteFindings);
  const judged = [{ measured: measurements, status: verdict.status }];
  const excess = excessOf(assessCapacity(judged, scalability));
  const recommendations = recommend(measurements, findings, excess);
  const objectives = assessObjectives(measurements);
  return {
    findings,
    verdict,
    ...(recommendations.length > 0 && { recommendations }),
    ...(objectives.length > 0 && {
      compliance: complianceOf(objectives, [countedRun(measurements, verdict)]),
    }),
  };
}
