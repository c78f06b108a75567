// Rules of objectives: thresholds that parse or exist, classes on a figure that is judged, each class less strict than the
// one before, profiles that exist. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { seriesKey } from '../model/metric.ts';
import { objectiveClasses } from '../model/objective.ts';
import type { ThresholdDefinition } from '../model/suite.ts';
import { mistakeAt, type Path, recordOf, unknownName } from './mistake.ts';
import { isNamed, isSame, parseThresholdName } from './objective-parts.ts';
import { findNameMistakes, findReferenceMistakes } from './rules-names.ts';
import { findThresholdMistakes } from './rules-thresholds.ts';
import { parseSelector } from './selector.ts';
import { expressionsOf, parseThresholdExpression, type ThresholdExpression } from './threshold-expression.ts';

/** More than any owner has; the objectives of all profiles together fit into a run record. */
const mostObjectives = 500;

/** A threshold as far as it is well formed. */
interface Written {
  readonly series: string;
  readonly expression: string;
}

/** All mistakes in the `objectives` of `holder`, which is a profile or the suite itself. */
export function findObjectiveMistakes(path: Path, holder: unknown, suite: unknown): Mistake[] {
  const objectives = Object.entries(recordOf(recordOf(holder).objectives));
  const profiles = recordOf(recordOf(suite).profiles);
  const tooMany =
    objectives.length > mostObjectives
      ? [mistakeAt(path, `at most ${mostObjectives} objectives`, objectives.length)]
      : [];
  return [
    ...tooMany,
    ...objectives.flatMap(([name, objective]) => {
      const at = [...path, name];
      const { thresholds, classes, profiles: named } = recordOf(objective);
      return [
        ...findNameMistakes(at, name),
        ...findReferenceMistakes([...at, 'profiles'], named, Object.keys(profiles), 'a profile'),
        ...findSearches([...at, 'profiles'], named, profiles),
        ...(Array.isArray(thresholds)
          ? findUnknownThresholds([...at, 'thresholds'], thresholds, thresholdsFor(holder, suite, named))
          : findOwnMistakes([...at, 'thresholds'], thresholds, { holder, suite, named })),
        ...findClassMistakes(
          [...at, 'classes'],
          classes,
          figuresOf(thresholds, thresholdsFor(holder, suite, named)),
        ),
      ];
    }),
  ];
}

/** A search drives its target until something breaks: it shows a capacity, and no objective. */
function findSearches(path: Path, named: unknown, profiles: Readonly<Record<string, unknown>>): Mistake[] {
  if (!Array.isArray(named)) return [];
  return named.flatMap((name: unknown, i) => {
    const isSearch =
      typeof name === 'string' &&
      Object.hasOwn(profiles, name) &&
      recordOf(profiles[name]).executor === 'capacity-search';
    return isSearch ? [mistakeAt([...path, i], 'a profile other than a capacity search', name)] : [];
  });
}

function findOwnMistakes(
  path: Path,
  thresholds: unknown,
  { holder, suite, named }: Readonly<Record<'holder' | 'suite' | 'named', unknown>>,
): Mistake[] {
  if (typeof thresholds !== 'object' || thresholds === null) return [];
  if (Object.keys(thresholds).length === 0) return [mistakeAt(path, 'at least one threshold', thresholds)];
  if (holder !== suite) return findThresholdMistakes(path, { ...recordOf(holder), thresholds }, suite);
  // It may be on what only the profiles watch that judge it.
  const watched = profilesOf(suite, named).map(([, profile]) => recordOf(recordOf(profile).monitors));
  const monitors = Object.assign({}, ...watched, recordOf(recordOf(suite).monitors)) as object;
  const whole = { ...recordOf(suite), monitors, thresholds };
  return findThresholdMistakes(path, whole, whole);
}

/** The profiles that judge an objective: those that it names, or all. */
function profilesOf(suite: unknown, named: unknown): [string, unknown][] {
  const all = Object.entries(recordOf(recordOf(suite).profiles));
  return all.filter(([name]) => !Array.isArray(named) || named.includes(name));
}

function findUnknownThresholds(path: Path, names: readonly unknown[], known: readonly Written[]): Mistake[] {
  const all = [...new Set(known.flatMap(({ series, expression }) => [series, `${series}: ${expression}`]))];
  return names.flatMap((name, i) => {
    if (typeof name !== 'string' || name === '') return [];
    const parsed = parseThresholdName(name);
    if (parsed !== undefined && known.some((one) => isNamed(parsed, one))) return [];
    return [unknownName([...path, i], 'a threshold of the suite or of its profiles', name, all)];
  });
}

/** The thresholds that an objective of `holder` may name: those of the suite, and of the profiles that judge it. */
function thresholdsFor(holder: unknown, suite: unknown, named: unknown): Written[] {
  const judging = profilesOf(suite, named).map(([, profile]) => profile);
  const holders = holder === suite ? [suite, ...judging] : [suite, holder];
  return holders.flatMap((one) => writtenIn(recordOf(one).thresholds));
}

function writtenIn(thresholds: unknown): Written[] {
  return Object.entries(recordOf(thresholds)).flatMap(([key, definitions]) => {
    const selector = parseSelector(key);
    if (selector === undefined || !Array.isArray(definitions)) return [];
    const series = seriesKey(selector.metric, selector.tags);
    return definitions.flatMap((definition: unknown) =>
      typeof definition === 'string' || (typeof definition === 'object' && definition !== null)
        ? expressionsOf(definition as ThresholdDefinition)
            .filter(({ expression }) => typeof expression === 'string')
            .map(({ expression }) => ({ series, expression }))
        : [],
    );
  });
}

/** The figures that the thresholds of an objective are on. */
function figuresOf(thresholds: unknown, known: readonly Written[]): Written[] {
  if (!Array.isArray(thresholds)) return writtenIn(thresholds);
  return thresholds.flatMap((name: unknown) => {
    const parsed = typeof name === 'string' ? parseThresholdName(name) : undefined;
    return parsed === undefined ? [] : known.filter((one) => isNamed(parsed, one));
  });
}

function findClassMistakes(path: Path, classes: unknown, figures: readonly Written[]): Mistake[] {
  if (classes === undefined || typeof classes !== 'object') return [];
  const { metric, ...rest } = recordOf(classes);
  const series = new Set(figures.map((one) => one.series));
  const selector = typeof metric === 'string' ? parseSelector(metric) : undefined;
  const wanted = selector && seriesKey(selector.metric, selector.tags);
  if (metric !== undefined && (wanted === undefined || !series.has(wanted))) {
    return [
      unknownName([...path, 'metric'], 'the metric of one of its thresholds', String(metric), [...series]),
    ];
  }
  if (metric === undefined && series.size > 1) {
    return [
      mistakeAt(
        [...path, 'metric'],
        'the metric of one of its thresholds, since they are on several',
        undefined,
      ),
    ];
  }
  const limits: { name: string; parsed: ThresholdExpression }[] = [];
  for (const name of objectiveClasses) {
    const expression = rest[name];
    if (typeof expression !== 'string') continue;
    const parsed = parseThresholdExpression(expression);
    if (parsed === undefined || parsed.windows !== undefined || !/^[<>]/.test(parsed.operator)) {
      return [mistakeAt([...path, name], 'an expression with <, <=, > or >= such as "p(95)<50"', expression)];
    }
    const isJudged = figures.some(
      (one) =>
        (wanted === undefined || one.series === wanted) &&
        isFigureOf(parseThresholdExpression(one.expression), parsed),
    );
    if (!isJudged) {
      const known = [...new Set(figures.map((one) => one.expression))].join(' and ');
      return [
        mistakeAt(
          [...path, name],
          `a limit on the figure of one of its thresholds, which are ${known}`,
          expression,
        ),
      ];
    }
    const before = limits.at(-1);
    if (before !== undefined && !isLessStrict(parsed, before.parsed)) {
      return [
        mistakeAt([...path, name], `a limit that is less strict than that of ${before.name}`, expression),
      ];
    }
    limits.push({ name, parsed });
  }
  return limits.length === 0
    ? [mistakeAt(path, 'at least one of excellent, good and acceptable', classes)]
    : [];
}

/** Whether a threshold is on this aggregation over the whole run. */
function isFigureOf(one: ThresholdExpression | undefined, { aggregation }: ThresholdExpression): boolean {
  return one !== undefined && one.windows === undefined && isSame(one.aggregation, aggregation);
}

function isLessStrict(one: ThresholdExpression, before: ThresholdExpression): boolean {
  if (!isSame(one.aggregation, before.aggregation) || one.operator[0] !== before.operator[0]) return false;
  return one.operator.startsWith('<') ? one.limit > before.limit : one.limit < before.limit;
}
