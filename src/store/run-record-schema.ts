// The schema of run.json, checked against the interface at compile time. Read by check-record.ts, journal-schemas.ts
// and run-record-json-schema.ts only: zod takes long to load, so nothing on the way to a run's start imports this.

import { z } from 'zod';
import type { RunRecord } from '../model/run-record.ts';
import { runRecordSchemaVersion } from '../model/run-record.ts';
import { faultRecordSchema, operationCourseSchema } from './fault-schemas.ts';
import { feederRecordSchema } from './feeder-schemas.ts';
import { findingSchema, verdictSchema } from './finding-schemas.ts';
import { alertRecordSchema, monitorRecordSchema, outputTallySchema } from './monitor-schemas.ts';
import { complianceSchema } from './objective-schemas.ts';
import { phaseSchema, steadySchema, trendValues, windowTallySchema } from './phase-schemas.ts';
import { planSchema } from './plan-schema.ts';
import { mostRules, recommendationSchema } from './planning-schemas.ts';
import { baselineCheckSchema } from './regression-schema.ts';
import { count, mostEntries, ms, series, tags, text } from './schema-parts.ts';

const counterValues = z
  .strictObject({ count: z.number(), rate: z.number() })
  .describe('A counter: its sum, and the sum per second of the run or window.');
const gaugeValues = z
  .strictObject({ value: z.number(), min: z.number(), max: z.number() })
  .describe('A gauge: last, smallest and greatest value.');
const sampledValues = z
  .strictObject({
    ...gaugeValues.shape,
    avg: z.number(),
    med: z.number(),
    'p(90)': z.number(),
    'p(95)': z.number(),
    'p(99)': z.number(),
    count: count.describe('Readings.'),
    last: z.number(),
    growth: z.number().exactOptional().describe('Robust slope per hour; absent with fewer than 3 readings.'),
  })
  .describe('A gauge that a monitor read at intervals.');
const rateValues = z
  .strictObject({ rate: z.number(), passes: count, fails: count })
  .describe('A rate: share of true values (0 to 1), and how many were true (passes) and false (fails).');
const metricValues = z.union([trendValues, counterValues, gaugeValues, sampledValues, rateValues]);

const leastAndMost = z.strictObject({ least: ms, most: ms });

const thresholdResult = z.strictObject({
  ok: z.boolean(),
  level: z
    .enum(['target', 'critical', 'search'])
    .describe('A breach of `critical` fails the run, of `target` warns, of `search` ends a capacity search.'),
  actual: z
    .number()
    .nullable()
    .describe('The value compared; null when a series other than a counter had no sample.'),
  limit: z.number(),
  offered: z
    .number()
    .exactOptional()
    .describe(
      'Capacity searches: the throughput that the load of the step would produce; a lower limit on throughput asks for no more.',
    ),
  close: z.boolean().describe('The threshold held, but within its warn margin.'),
  aborted: z.boolean().describe('This threshold ended the run early.'),
  folded: z
    .literal(true)
    .exactOptional()
    .describe(
      'Some of the selected samples are counted under "(other)"; `ok` is then false and `actual` null.',
    ),
  undecided: z
    .literal(true)
    .exactOptional()
    .describe('The result depends on work that was cut off; `ok` is then false.'),
  bounds: z
    .strictObject({ least: z.number().nullable(), greatest: z.number().nullable() })
    .exactOptional()
    .describe('Smallest and greatest value that the cut-off work leaves possible; null: without bound.'),
  cut: z
    .strictObject({
      count,
      of: count.describe('Including completed work.'),
      waitedMs: leastAndMost,
    })
    .exactOptional()
    .describe('The cut-off work behind these bounds, and how long it had waited.'),
  windows: windowTallySchema
    .exactOptional()
    .describe('Only for thresholds judged by windows: the number of windows that held.'),
});

const thresholdOutcome = thresholdResult.extend({
  id: text.describe('Unique among the thresholds of the run.'),
  series: text.describe('Series key.'),
  expression: text.describe('As written.'),
  abortOnFail: z.boolean(),
  delayAbortEvalMs: ms,
});

const metricEntry = z.strictObject({
  type: z.enum(['counter', 'gauge', 'rate', 'trend']),
  contains: z
    .enum(['default', 'time', 'data'])
    .describe('`time` is in milliseconds, `data` in bytes, `default` anything else.'),
  values: metricValues,
  metric: text.describe('Name of the metric: the key without its `{...}`.'),
  tags: tags.exactOptional(),
  thresholds: series(thresholdResult)
    .exactOptional()
    .describe(
      'Results by expression, as written; of several thresholds with the same expression, the worst. The key `thresholds` of the record lists all.',
    ),
  cut: z
    .strictObject({ count, overdue: count, waitedMs: leastAndMost })
    .exactOptional()
    .describe('Trends only: cut-off work that has no value in this trend; `values` cover completed work.'),
  histogram: z
    .string()
    .exactOptional()
    .describe('Trends only: the encoded histogram in base64, so that records can be merged and compared.'),
});

const cutOffWork = z.strictObject({
  metric: text.describe('The trend that would have got a value from each piece of work.'),
  tags: tags.describe('Tags of the work.'),
  due: z.boolean().describe('The plan demanded this work.'),
  count,
  waitedMs: leastAndMost.extend({ sum: ms }),
  overdue: count.describe(
    'How many of these had waited longer than such work takes, or were demanded by the plan.',
  ),
  overdueMs: leastAndMost.extend({ sum: ms, med: ms }).exactOptional(),
});

const timelineWindow = z.strictObject({
  startAtMs: ms,
  endAtMs: ms,
  metrics: series(metricValues).describe('By metric; only metrics with samples in the interval.'),
});

const checkResult = z.strictObject({ name: text, tags, passes: count, fails: count });

const comparison = z.strictObject({
  status: z
    .enum(['pass', 'fail', 'inconclusive', 'unjudged'])
    .describe(
      '`unjudged`: there is no limit. `inconclusive`: the limit lies inside the interval, or there is no interval.',
    ),
  of: z.number().nullable().describe('The statistic over the whole run; null without a sample.'),
  against: z.number().nullable(),
  ofCount: count,
  againstCount: count,
  cutOff: z
    .strictObject({ of: count, against: count })
    .exactOptional()
    .describe('Number of overdue cut-off samples on either side, if they leave the result open.'),
  difference: z
    .number()
    .nullable()
    .describe(
      'How much greater `of` is than `against`, as a share of `against`: 0.1 is 10 % more. Null with too few pairs.',
    ),
  low: z.number().nullable().describe('Lower end of the confidence interval of `difference`.'),
  high: z.number().nullable(),
  confidence: z.number(),
  pairs: z
    .strictObject({ of: z.array(z.number()).max(mostEntries), against: z.array(z.number()).max(mostEntries) })
    .describe(
      'Values of both sides: one pair for each worker and second, or for several seconds if there are few samples.',
    ),
});

export const errorGroupSchema = z.strictObject({
  code: text.describe('Stable class such as `http_404`, `ECONNREFUSED`, `timeout`, `aborted`, `exception`.'),
  message: z.string().describe('Text of the first occurrence, secrets masked.'),
  source: z.enum(['request', 'iteration']),
  tags,
  count,
  firstAtMs: ms,
  lastAtMs: ms,
});

export const workerHealthSchema = z.strictObject({
  index: count,
  pid: z.number(),
  cpuMs: ms,
  peakMemoryBytes: z.number(),
  completed: z.boolean().describe('False when the process ended before its work was complete.'),
});

export const workerGapSchema = z.strictObject({
  worker: count.describe('Index of the worker.'),
  fromMs: ms.describe('Run time at which the process had ended.'),
  untilMs: ms.nullable().describe('Run time at which another process replaced it; null: none did.'),
  measuredUntilMs: ms.describe('The figures do not contain the work of the worker after this run time.'),
  users: count.describe('Active virtual users of the worker in its last window.'),
  reason: text.describe('How the process ended.'),
});

export const refusalSchema = z.strictObject({
  host: text,
  port: z.number().int().nonnegative().describe('0 for a unix socket.'),
  reason: text.describe('Why the host looks like production.'),
});

const generatorHealth = z.strictObject({
  saturated: z.boolean().describe('True when the load generator, not the target, was the bottleneck.'),
  reasons: z.array(z.string()),
  cpu: trendValues.describe('Share of one core used by a worker, one value per worker and second.'),
  eventLoopDelayMs: trendValues,
  scheduleLagMs: trendValues.describe('How late the iterations of arrival rates started.'),
  gcPauseMs: trendValues,
  droppedIterations: count,
  workers: z
    .array(workerHealthSchema)
    .describe('One entry per process: a worker that was lost and replaced has several.'),
  gaps: z.array(workerGapSchema).describe('Times in which the load of a lost worker was missing.'),
});

export const environmentSchema = z.strictObject({
  name: text,
  plimsoll: text.describe('Version of Plimsoll.'),
  node: text,
  os: text,
  cpuModel: z.string(),
  cpuCount: z.number(),
  memoryBytes: z.number(),
  ci: z.boolean(),
});

/** Exactly `RunRecord`: unknown keys are mistakes, since every change of shape moves `schemaVersion`. */
export const runRecordSchema = z
  .strictObject({
    schemaVersion: z.literal(runRecordSchemaVersion),
    id: text,
    suite: text,
    profile: text,
    environment: environmentSchema,
    target: z.strictObject({ baseUrl: z.string().nullable() }),
    startedAt: z.iso.datetime().describe('ISO 8601, UTC.'),
    endedAt: z.iso.datetime().describe('ISO 8601, UTC.'),
    interrupted: z
      .boolean()
      .describe('True when the run was stopped from outside before its plan was complete.'),
    refusal: refusalSchema
      .exactOptional()
      .describe('Present when the run was ended for safety: this host was not contacted.'),
    recovery: z
      .strictObject({
        killed: z.boolean().describe('True when the coordinator was killed under load.'),
        untilMs: ms.describe('Run time up to which the figures are complete.'),
        missing: z.array(z.string()).describe('What is missing, one sentence each.'),
      })
      .exactOptional()
      .describe('Present in a record that was rebuilt from a journal and is incomplete.'),
    plan: planSchema,
    generator: generatorHealth,
    metrics: series(metricEntry).describe(
      'By series key: `name`, or `name{tag:value,...}` with the tag names in ascending order.',
    ),
    thresholds: z
      .array(thresholdOutcome)
      .exactOptional()
      .describe(
        'One entry for each threshold of the plan, in the order of the plan; absent in records of older versions.',
      ),
    cutOff: z
      .array(cutOffWork)
      .exactOptional()
      .describe('Work that was cut off, by kind, the most overdue first; absent when there was none.'),
    timeline: z.array(timelineWindow).max(5000).describe('Intervals of the run, ascending, without gaps.'),
    comparisons: series(comparison)
      .exactOptional()
      .describe('By name: how much greater one selection of a trend is than another.'),
    phases: z.array(phaseSchema).max(1000).exactOptional().describe('Scenarios and their stages.'),
    steady: z.array(steadySchema).max(1000).exactOptional().describe('Times of constant load.'),
    monitors: series(monitorRecordSchema).describe('By name: the sources that were watched during the load.'),
    alerts: z.array(alertRecordSchema).exactOptional().describe('Absent when the plan has no alerts.'),
    faults: z
      .array(faultRecordSchema)
      .max(mostEntries)
      .exactOptional()
      .describe(
        'What was really done to the system, in the order of the plan; absent when the plan has no faults.',
      ),
    operationCourse: operationCourseSchema
      .exactOptional()
      .describe('Runs with faults: how each kind of operation went, interval by interval.'),
    outputs: z
      .array(outputTallySchema)
      .exactOptional()
      .describe('Delivery of the data that was sent during the run.'),
    baseline: baselineCheckSchema
      .exactOptional()
      .describe('What came of holding the run to its baseline; absent without `--compare-baseline`.'),
    data: z
      .array(feederRecordSchema)
      .exactOptional()
      .describe('What became of the rows of each feeder; absent when the plan has none.'),
    checks: z.array(checkResult),
    errors: z.array(errorGroupSchema).max(mostEntries).describe('Failures grouped by class and place.'),
    findings: z.array(findingSchema).max(mostEntries),
    recommendations: z
      .array(recommendationSchema)
      .max(mostRules)
      .exactOptional()
      .describe('The most pressing first; absent when there are none.'),
    verdict: verdictSchema,
    compliance: complianceSchema
      .exactOptional()
      .describe('How far the run complies with its objectives; absent when the plan has none.'),
  })
  .describe('One run of Plimsoll: its plan, its measurements, and the conclusions.');

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type Schema = DeepReadonly<z.output<typeof runRecordSchema>>;
// The compiler proves here that the schema and the interface agree in both directions.
const schemaFitsInterface: (value: Schema) => RunRecord = (value) => value;
const interfaceFitsSchema: (value: DeepReadonly<RunRecord>) => Schema = (value) => value;
void schemaFitsInterface;
void interfaceFitsSchema;
