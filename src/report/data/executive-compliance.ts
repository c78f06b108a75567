// What summaries for people who decide say of objectives: compliance, gaps, what they mean for the business, readiness.
// Called by executive.ts.

import { isOwn, readyAbove } from '../../analysis/compliance.ts';
import { remedyOf, statusWords } from '../../analysis/objective-findings.ts';
import type { ClassRange, Compliance, ObjectiveFigure, ObjectiveResult } from '../../model/objective.ts';
import { bandText, classText, decidingFigure, marginText, readinessWords } from '../view/objectives.ts';

/** Fields of a summary; none without objectives. Scores are in percent here, figures in the unit that stands beside them. */
export function complianceFigures(compliance: Compliance | undefined) {
  if (compliance === undefined) return {};
  const { objectives, score, band, dimensions, readiness } = compliance;
  const own = objectives.filter(isOwn);
  const count = (status: ObjectiveResult['status']): number =>
    own.filter((one) => one.status === status).length;
  return {
    compliance: {
      scorePercent: { low: percent(score.low), high: percent(score.high) },
      band: bandText(band),
      class: compliance.class === undefined ? null : classOf(compliance.class),
      worstDimensions: compliance.class?.dimensions ?? [],
      dimensions: dimensions.map(({ dimension, status, class: own }) => ({
        dimension,
        status: statusOf(status),
        class: own === undefined ? null : classOf(own),
      })),
      objectives: own.length,
      met: count('pass'),
      warnings: count('warning'),
      failed: count('fail'),
      notJudged: count('unjudged'),
    },
    kpis: objectives.map(kpiOf),
    gaps: own.filter(({ status }) => status === 'fail' || status === 'warning').flatMap(gapsOf),
    businessImpact: own
      .filter(({ status, impact }) => status !== 'pass' && impact !== undefined)
      .map((one) => ({
        objective: one.title,
        status: statusOf(one.status),
        // What is not judged may still be met.
        certain: one.status === 'fail',
        impact: one.impact!,
      })),
    readiness: {
      status: readiness.status,
      text: readinessWords[readiness.status].text,
      reasons: readiness.reasons,
      needsScoreAbovePercent: percent(readyAbove),
    },
  };
}

/** `TBD` until it is judged. */
function statusOf(status: ObjectiveResult['status']): string {
  return status === 'unjudged' ? 'TBD' : statusWords[status];
}

/** To six digits, and never rounded up. */
function percent(share: number): number {
  return Math.floor(share * 1e8 + 1e-3) / 1e6;
}

function classOf(range: ClassRange) {
  return { worst: range.worst, best: range.best, text: classText(range) };
}

/** An objective with the figure that decides it. */
function kpiOf(one: ObjectiveResult) {
  const deciding = decidingFigure(one);
  return {
    name: one.name,
    title: one.title,
    dimension: one.dimension,
    weight: one.weight,
    status: statusOf(one.status),
    profiles: one.profiles,
    ...(!isOwn(one) && { judgedElsewhere: true }),
    ...(one.decidedBy !== undefined && { decidedBy: one.decidedBy }),
    class: one.class === undefined ? null : classOf(one.class),
    reason: one.reason,
    ...(deciding !== undefined && figureOf(deciding)),
  };
}

function figureOf({ series, expression, actual, limit, unit, margin, marginRatio }: ObjectiveFigure) {
  return { metric: series, threshold: expression, actual, limit, unit, margin, marginRatio };
}

function gapText({ reason }: ObjectiveResult, figure: ObjectiveFigure): string {
  const { margin, marginRatio, words } = figure;
  if (margin === null) return reason;
  const beyond = { ...figure, margin: Math.abs(margin), marginRatio: marginRatio && Math.abs(marginRatio) };
  return `${words}: ${marginText(beyond)} beyond its limit`;
}

/** Each limit that is missed, and by how much at least. */
function gapsOf(one: ObjectiveResult) {
  return one.figures
    .filter(({ state }) => state === 'broken' || state === 'missed')
    .map((figure) => ({
      objective: one.title,
      level: figure.level,
      ...figureOf(figure),
      text: gapText(one, figure),
      remediation: remedyOf(one),
    }));
}
