// Holds runs to a baseline file of another tool: single figures become limits, and names of the file are looked for among the
// tasks and endpoints of the runs. Called by hold-runs.ts.

import type { StatedBaseline, StatedFigures } from '../model/baseline.ts';
import type { BaselineGate, BaselineOutcome } from '../model/gate.ts';
import type { Tags } from '../model/metric.ts';
import { kindsOfRun, type OperationMetrics, operationMetrics } from '../model/operation.ts';
import type { ComparedSide, Regression, RegressionRow } from '../model/regression.ts';
import type { RunRecord } from '../model/run-record.ts';
import { usualComparison } from './compare-runs.ts';
import { unusableReason } from './differences.ts';
import { judgeGates } from './gates.ts';
import { judgeRows } from './judge-rows.ts';
import { leftOf, leftText } from './left-runs.ts';
import { bareFigures, entryCount, figureKey } from './run-figures.ts';

/** The usual limits: times at most 10 % above, throughput at least 90 %, failures at most half a percentage point above. */
const timeFactor = 1.1;
const rateFactor = 0.9;
const failedAllowance = 0.005;
/** Where the file says nothing of failures; fast failures would make times hold. */
const usualFailed = 0.05;

/** Runs of one profile, at least one. A name that fits no task or endpoint, or several, leaves its gates unjudged. */
export function holdToStated(
  stated: StatedBaseline,
  records: readonly RunRecord[],
): Omit<BaselineOutcome, 'file'> {
  const usable = records.filter((record) => unusableReason(record) === undefined);
  const found = placeEntries(stated, usable.length === 0 ? records : usable);
  const gates = found.flatMap(({ entry, place }) => gatesOf(entry, place));
  const rows = rowsOf(found, usable);
  return {
    gates: judgeGates(regressionOf(rows, usable), gates),
    obstacles: obstaclesOf(stated, records, usable),
    notes: [...stated.notes, ...found.map(({ note }) => note)],
  };
}

function obstaclesOf(
  { layout }: StatedBaseline,
  records: readonly RunRecord[],
  usable: readonly RunRecord[],
): string[] {
  if (usable.length === 0) {
    const left = leftOf(records);
    return left.length === 1
      ? [`The run cannot be used: ${left[0]!.reason}.`]
      : [`No run can be used. ${leftText(left, records.length)!}`];
  }
  if (layout !== 'single-user') return [];
  const users = Math.max(...usable.map(usersOf));
  return users === 1
    ? []
    : [`The figures of the file are those of one user, and the run had ${users}: run it with --users 1.`];
}

function usersOf({ metrics }: RunRecord): number {
  const values = metrics.vus?.values;
  return values !== undefined && 'max' in values ? values.max : 0;
}

/** A task, an endpoint, or the whole run. */
interface Place {
  readonly names: OperationMetrics;
  readonly tags?: Tags;
}

interface PlacedEntry {
  readonly entry: StatedFigures;
  /** `undefined` where its name fits nothing, or several things. */
  readonly place: Place | undefined;
  readonly note: string;
}

function placeEntries({ entries, named }: StatedBaseline, records: readonly RunRecord[]): PlacedEntry[] {
  const [record] = records as readonly [RunRecord];
  const kinds = kindsOfRun((metric) => entryCount(record.metrics[metric])).map(
    (kind) => operationMetrics[kind],
  );
  const parts = kinds.flatMap((names) => partsOf(record, names));
  return entries.map((entry): PlacedEntry => {
    const { name } = entry;
    if (name === undefined) {
      const [names] = kinds;
      const place = names === undefined ? undefined : { names };
      return { entry, place, note: 'The figures of the file are held against the whole run.' };
    }
    const part = named.find((one) => one.name === name)?.part;
    const fitting =
      part === undefined ? fittingParts(name, parts) : parts.filter((one) => isCalled(one, part));
    const [place] = fitting;
    const title = part === undefined ? name : `${name} (told to be ${part})`;
    if (place === undefined)
      return { entry, place, note: `${title} fits no task or endpoint of the run; it is not judged.` };
    if (fitting.length > 1) {
      const texts = fitting.map(labelOf).join(', ');
      return { entry, place: undefined, note: `${title} fits several: ${texts}; it is not judged.` };
    }
    return { entry, place, note: `${title} is held against ${labelOf(place)}.` };
  });
}

/** Tasks first, then what they sent. */
function partsOf(record: RunRecord, names: OperationMetrics): Required<Place>[] {
  const found = Object.values(record.metrics).flatMap(({ metric, tags }): Required<Place>[] => {
    const isPart =
      metric === names.duration &&
      tags?.task !== undefined &&
      tags.scenario === undefined &&
      tags.status === undefined;
    return isPart ? [{ names, tags }] : [];
  });
  return found.sort((a, b) => Object.keys(a.tags).length - Object.keys(b.tags).length);
}

function isTask({ tags }: Required<Place>): boolean {
  return tags.name === undefined;
}

function callsOf({ tags }: Required<Place>): string[] {
  const { user = '', task = '', method, name } = tags;
  if (name === undefined) return [task, `${user} ${task}`];
  return method === undefined ? [name] : [name, `${method} ${name}`];
}

function isCalled(place: Required<Place>, text: string): boolean {
  return callsOf(place).includes(text);
}

/** `GET /api/price of task buy`, `task buy of user visitor`. */
function labelOf({ tags = {} }: Place): string {
  const { user = '', task = '', method, name } = tags;
  if (name === undefined) return `task ${task} of user ${user}`;
  return `${method === undefined ? name : `${method} ${name}`} of task ${task}`;
}

/** By the same words in the same order, then in any order; tasks before endpoints. The first way that fits anything counts. */
function fittingParts(name: string, parts: readonly Required<Place>[]): Required<Place>[] {
  const inOrder = (text: string): string => wordsOf(text).join(' ');
  const anyOrder = (text: string): string => wordsOf(text).sort().join(' ');
  for (const form of [inOrder, anyOrder]) {
    const wanted = form(name);
    for (const kind of [true, false]) {
      const fitting = parts.filter(
        (part) => isTask(part) === kind && callsOf(part).some((text) => form(text) === wanted),
      );
      if (wanted !== '' && fitting.length > 0) return fitting;
    }
  }
  return [];
}

/** `CRM Create`, `crm_create` and `crmCreate` have the same. */
function wordsOf(text: string): string[] {
  return text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function gatesOf(entry: StatedFigures, place: Place | undefined): BaselineGate[] {
  const { name = 'the whole run', times, perSec, failed } = entry;
  const keyOf = (metric: 'duration' | 'count' | 'failed', statistic: RegressionRow['statistic']): string =>
    place === undefined
      ? `${name} ${statistic}`
      : figureKey({
          metric: place.names[metric],
          ...(place.tags !== undefined && { tags: place.tags }),
          statistic,
        });
  // Iterations that failed are not told by task.
  const isUncounted = place?.tags !== undefined && place.names.failed === operationMetrics.iteration.failed;
  return [
    ...times.map(({ percentile, ms }) => ({
      figure: keyOf('duration', `p(${percentile})`),
      most: ms * timeFactor,
    })),
    ...(perSec === undefined ? [] : [{ figure: keyOf('count', 'per second'), least: perSec * rateFactor }]),
    ...(failed === undefined && isUncounted
      ? []
      : [
          {
            figure: keyOf('failed', 'failed'),
            most: failed === undefined ? usualFailed : failed + failedAllowance,
          },
        ]),
  ];
}

function rowsOf(found: readonly PlacedEntry[], records: readonly RunRecord[]): RegressionRow[] {
  const maps = records.map(
    (record) =>
      new Map(
        found.flatMap(({ entry, place }) => {
          if (place === undefined) return [];
          const percentiles = entry.times.map(({ percentile }) => percentile);
          return bareFigures(record, place.names, place.tags, percentiles).map(
            (figure) => [figureKey(figure), figure] as const,
          );
        }),
      ),
  );
  return judgeRows([], maps, usualComparison).map((row) =>
    // A figure that only some of the runs have is none of all.
    maps.every((figures) => figures.has(figureKey(row))) ? row : { ...row, after: null },
  );
}

/** Rows without a side before them, in the form that gates are judged in. */
function regressionOf(rows: readonly RegressionRow[], records: readonly RunRecord[]): Regression {
  const side: ComparedSide = {
    name: 'the file',
    suite: '',
    profile: '',
    runs: records.map(({ id }) => id),
    startedAt: records[0]?.startedAt ?? '',
    left: [],
  };
  return { status: 'unjudged', reasons: [], before: side, after: side, differences: [], notes: [], rows };
}
