// How far a run complies with its objectives: score, band, classes and readiness. Pure; analyse.ts calls it for one run,
// joined-compliance.ts for several.

import {
  type ClassRange,
  type Compliance,
  type ComplianceBand,
  type CountedRun,
  type DimensionResult,
  type ObjectiveResult,
  objectiveDimensions,
  type Readiness,
  type ReadinessStatus,
  type ScoreRange,
} from '../model/objective.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Verdict } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { rankOfClass } from './objective-figures.ts';
import { worstStatus } from './objectives.ts';

/** Least score of each band, as a share. **Source:** the seed of the velro suite, whose gaps (94 to 95, 84 to 85) are closed. */
const bandLimits: readonly (readonly [ComplianceBand, number])[] = [
  ['excellent', 0.95],
  ['good', 0.85],
  ['acceptable', 0.7],
];

/** A system is ready above this score. **Source:** the checklist before deployment in the same seed. */
export const readyAbove = 0.9;

/** The band of a score of 0 to 1. */
export function bandOf(score: number): ComplianceBand {
  return bandLimits.find(([, least]) => score >= least)?.[0] ?? 'needs-work';
}

/** What a band means for production. */
export const bandWords: Readonly<
  Record<ComplianceBand, { readonly title: string; readonly meaning: string }>
> = {
  excellent: { title: 'Excellent', meaning: 'meets what production asks' },
  good: { title: 'Good', meaning: 'minor optimisations needed' },
  acceptable: { title: 'Acceptable', meaning: 'moderate improvements required' },
  'needs-work': { title: 'Needs work', meaning: 'significant optimisation required' },
};

/** A score as people read it, never rounded up: 0.94999 is `94.9 %`. */
export function scoreText(score: number): string {
  return `${Math.floor(score * 1000 + 1e-9) / 10} %`;
}

/** `82.5 %`, or `60 % to 100 %` while something is open. */
export function scoreRangeText({ low, high }: ScoreRange): string {
  return low === high ? scoreText(low) : `${scoreText(low)} to ${scoreText(high)}`;
}

/**
 * The compliance score: the weights of the objectives, each times its credit, over the sum of the weights. The credit is 1
 * for an objective that is met, 0.5 where the critical limit holds and the target is missed, 0 otherwise. What is not
 * judged counts 0 in the low score and 1 in the high one. Objectives that other profiles judge are left out. 0 to 1
 * without any, and where the weights have no finite sum.
 */
export function scoreOf(objectives: readonly ObjectiveResult[]): ScoreRange {
  const own = objectives.filter(isOwn);
  const total = own.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0 && Number.isFinite(total))) return { low: 0, high: 1 };
  const share = (end: keyof ScoreRange): number =>
    tidy(own.reduce((sum, { weight, credit }) => sum + weight * credit[end], 0) / total);
  return { low: share('low'), high: share('high') };
}

/** Without what sums of fractions leave behind: 0.95 stays 0.95. */
function tidy(share: number): number {
  return Math.min(1, Math.round(share * 1e12) / 1e12);
}

/** Part of the score. */
export function isOwn({ isElsewhere }: ObjectiveResult): boolean {
  return isElsewhere !== true;
}

/** A run as compliance counts it. */
export function countedRun(
  {
    profile,
    id,
    plan,
  }: Pick<Measurements, 'profile' | 'id'> & {
    readonly plan: Pick<Measurements['plan'], 'isOverridden'>;
  },
  { status }: Verdict,
): CountedRun {
  return { profile, runId: id, status, ...(plan.isOverridden === true && { isOverridden: true }) };
}

/** The compliance of objectives that are judged, with the runs that judged them. */
export function complianceOf(
  objectives: readonly ObjectiveResult[],
  runs: readonly CountedRun[],
): Compliance {
  const score = scoreOf(objectives);
  const dimensions = dimensionsOf(objectives.filter(isOwn));
  const overall = overallClass(dimensions);
  return {
    objectives,
    score,
    band: { low: bandOf(score.low), high: bandOf(score.high) },
    dimensions,
    ...(overall !== undefined && { class: overall }),
    readiness: readinessOf(objectives, score, runs),
  };
}

function dimensionsOf(objectives: readonly ObjectiveResult[]): DimensionResult[] {
  return objectiveDimensions.flatMap((dimension): DimensionResult[] => {
    const own = objectives.filter((one) => one.dimension === dimension);
    if (own.length === 0) return [];
    const classes = worstClass(own.flatMap((one) => one.class ?? []));
    return [
      {
        dimension,
        status: worstStatus(own.map(({ status }) => status)),
        objectives: own.length,
        ...(classes !== undefined && { class: classes }),
      },
    ];
  });
}

/** The worst of several figures is at worst the worst of their worst, and at best the worst of their best. */
export function worstClass(classes: readonly ClassRange[]): ClassRange | undefined {
  const [first, ...others] = classes;
  return (
    first &&
    others.reduce(
      (so, { worst, best }) => ({
        worst: rankOfClass(worst) > rankOfClass(so.worst) ? worst : so.worst,
        best: rankOfClass(best) > rankOfClass(so.best) ? best : so.best,
      }),
      first,
    )
  );
}

/** The system is as good as its worst dimension. */
function overallClass(dimensions: readonly DimensionResult[]): Compliance['class'] {
  const classed = dimensions.flatMap(({ dimension, class: range }) =>
    range === undefined ? [] : [{ dimension, range }],
  );
  const overall = worstClass(classed.map(({ range }) => range));
  if (overall === undefined) return undefined;
  const worst = classed.filter(({ range }) => range.worst === overall.worst);
  return { ...overall, dimensions: worst.map(({ dimension }) => dimension) };
}

/**
 * Whether the runs show that the system is ready for production: every profile that judges an objective was run as written and
 * passed, the score is above 90 % whatever is open, and no objective is left unjudged.
 */
function readinessOf(
  objectives: readonly ObjectiveResult[],
  { low, high }: ScoreRange,
  runs: readonly CountedRun[],
): Readiness {
  const of = (status: CountedRun['status']): string[] => [
    ...new Set(runs.filter((run) => run.status === status).map(({ profile }) => profile)),
  ];
  const against = [
    ...of('fail').map((profile) => `The run of ${profile} failed.`),
    ...titlesOf(objectives, ({ status, isCritical }) => status === 'fail' && isCritical, 'failed'),
    ...(!(high > readyAbove)
      ? [
          `The compliance score is ${low === high ? '' : 'at most '}${scoreText(high)}, and must be above 90 %.`,
        ]
      : []),
  ];
  const unknown = [
    ...of('inconclusive').map((profile) => `The run of ${profile} is inconclusive.`),
    ...titlesOf(objectives, (one) => isOwn(one) && one.status === 'unjudged', 'not judged'),
    ...notRun(objectives, runs),
    ...(!(low > readyAbove) && high > readyAbove
      ? [`The compliance score may be as low as ${scoreText(low)}, and must be above 90 %.`]
      : []),
  ];
  const warned = [
    ...of('warn').map((profile) => `The run of ${profile} passed with warnings.`),
    ...titlesOf(objectives, ({ status }) => status === 'warning', 'met with a warning'),
  ];
  const answer = (status: ReadinessStatus, ...reasons: string[]): Readiness => ({ status, reasons });
  if (against.length > 0) return answer('not-ready', ...against, ...unknown, ...warned);
  if (unknown.length > 0) return answer('open', ...unknown, ...warned);
  if (warned.length > 0) return answer('conditional', ...warned);
  const scenarios = runs.length === 1 ? 'The run' : `Each of ${formatCount(runs.length, 'run')}`;
  return answer('ready', `${scenarios} passed, and the compliance score is ${scoreText(low)}.`);
}

const mostTitles = 5;

/** One sentence on the objectives that a test picks out: `2 objectives failed: A; B.` */
function titlesOf(
  objectives: readonly ObjectiveResult[],
  picks: (one: ObjectiveResult) => boolean,
  what: string,
): string[] {
  const titles = objectives.filter(picks).map(({ title }) => title);
  return titles.length === 0
    ? []
    : [`${formatCount(titles.length, 'objective')} ${what}: ${titleList(titles)}.`];
}

/** At most five of them. */
export function titleList(titles: readonly string[]): string {
  const more = titles.length - mostTitles;
  return [...titles.slice(0, mostTitles), ...(more > 0 ? [`and ${formatCount(more)} more`] : [])].join('; ');
}

/** Profiles that judge an objective and were not run, and objectives that no profile judges. */
function notRun(objectives: readonly ObjectiveResult[], runs: readonly CountedRun[]): string[] {
  const ran = new Set(runs.map(({ profile }) => profile));
  const needed = new Set(objectives.flatMap(({ profiles }) => profiles));
  const missing = [...needed].filter((profile) => !ran.has(profile));
  const overridden = [...new Set(runs.filter((run) => run.isOverridden).map(({ profile }) => profile))];
  return [
    ...(missing.length > 0
      ? [
          `${formatCount(missing.length, 'profile')} that judge${missing.length === 1 ? 's' : ''} objectives not run here: ${titleList(missing)}.`,
        ]
      : []),
    ...overridden.map((profile) => `The load of ${profile} was not that of the profile as written.`),
    ...titlesOf(objectives, ({ profiles }) => profiles.length === 0, 'judged in no profile'),
  ];
}
