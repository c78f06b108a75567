// The schemas of what monitors, alerts and outputs add to a run record and its plan. Used by plan-schema.ts and
// run-record-schema.ts, which proves that they agree with the interfaces.

import { z } from 'zod';
import { monitorKinds } from '../model/monitor.ts';
import { count, mostEntries, ms, series, tags, text } from './schema-parts.ts';

const unit = z
  .enum(['count', 'ratio', 'ms', 'bytes'])
  .describe('`ratio` is 0 to 1; `count` is anything else.');

const figures = series(
  z.strictObject({
    type: z
      .enum(['gauge', 'counter'])
      .describe('`gauge`: the current value. `counter`: the gain, drawn as a rate per second.'),
    unit,
    title: text,
    headline: z.literal(true).exactOptional().describe('One of the few figures that overviews show.'),
  }),
);

const selections = series(
  z.strictObject({
    metric: text,
    labels: z.record(z.string(), z.string()),
    as: z.enum(['value', 'increase', 'quantile', 'average']).exactOptional(),
    quantile: z.number().exactOptional(),
    combine: z.enum(['sum', 'max', 'min', 'avg']),
    scale: z.number(),
  }),
);

const source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('host'), nodeExporter: text.exactOptional() }),
  z.strictObject({
    kind: z.literal('process'),
    port: count.exactOptional(),
    pid: count.exactOptional(),
    pidFile: text.exactOptional(),
    name: text.exactOptional(),
    children: z.boolean(),
    metrics: text.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('postgres'), url: text, slowStatementMs: ms }),
  z.strictObject({ kind: z.literal('redis'), url: text }),
  z.strictObject({ kind: z.literal('prometheus'), url: text, select: selections }),
  z.strictObject({ kind: z.literal('prometheus-query'), url: text, queries: series(text) }),
  z.strictObject({
    kind: z.literal('http'),
    url: text,
    statuses: z.array(count).exactOptional(),
    bodyContains: text.exactOptional(),
    json: series(z.union([z.string(), z.number(), z.boolean()])),
    figures: series(text),
    restart: text.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('otlp'), port: count, select: selections }),
  z.strictObject({ kind: z.literal('log'), file: text, errors: text }),
]);

/** Exactly `MonitorPlan`. */
export const monitorPlanSchema = z.strictObject({
  name: text,
  title: text,
  intervalMs: ms,
  timeoutMs: ms,
  share: z.number().describe('Largest share of the time that readings may take, 0 to 1.'),
  figures,
  source: source.describe('The watched source, without secrets.'),
});

const threshold = z.enum(['<', '<=', '>', '>=', '==', '!=']);
const level = z.enum(['warning', 'critical']);
const alertUnit = z.enum(['count', 'ratio', 'ms', 'bytes', 'per s']);

/** The aggregations of thresholds and alerts: exactly `Aggregation`. */
export const aggregationSchema = z.union([
  z.strictObject({
    kind: z.enum(['avg', 'min', 'max', 'med', 'count', 'rate', 'value', 'last', 'growth']),
  }),
  z.strictObject({ kind: z.literal('percentile'), p: z.number() }),
  z.strictObject({ kind: z.literal('share_above'), value: z.number() }),
]);

/** Exactly `AlertCondition`. */
export const conditionSchema = z.strictObject({
  metric: text,
  tags,
  aggregation: aggregationSchema.exactOptional(),
  operator: threshold,
  limit: z.number(),
  unit: alertUnit,
});

/** Exactly `AlertPlan`. */
export const alertPlanSchema = z.strictObject({
  name: text,
  title: text,
  rules: z.array(
    z.strictObject({
      level,
      expression: text,
      conditions: z.array(conditionSchema),
      forMs: ms,
    }),
  ),
  hysteresis: z.number(),
  respond: z.array(z.string()),
  abort: z.boolean(),
});

const tables = z
  .array(
    z.strictObject({
      name: text,
      title: text,
      columns: z.array(z.strictObject({ title: text, unit: z.union([unit, z.literal('text')]) })),
      rows: z.array(z.array(z.union([z.string(), z.number()]).nullable())),
    }),
  )
  .max(1000);

const readings = z.array(z.number().nullable()).max(mostEntries);

/** Exactly `MonitorRecord`. */
export const monitorRecordSchema = z.strictObject({
  kind: z.enum(monitorKinds),
  title: text,
  source: text.describe('What was watched, without secrets.'),
  intervalMs: ms,
  figures: figures.describe('Figures that were read at least once.'),
  times: z
    .array(ms)
    .max(mostEntries)
    .describe('Run times, ascending, at most 600: of single readings, or the mean times of several.'),
  readingsPerEntry: count.describe('Greatest number of readings that one entry of `times` combines.'),
  series: series(
    z.strictObject({
      avg: readings.describe('One value per entry of `times`; null: nothing was read.'),
      min: readings.exactOptional().describe('Absent when each entry is one reading.'),
      max: readings.exactOptional(),
    }),
  ).describe('By figure. Gauges: means of readings. Counters: gain per second.'),
  readings: count,
  failures: count,
  gaps: z
    .array(
      z.strictObject({
        fromMs: ms.describe('Run time of the last reading before the gap, or of the first attempt.'),
        untilMs: ms.nullable().describe('Run time of the next reading; null: there was none.'),
        reason: text,
      }),
    )
    .describe('Times without readings, the first 200.'),
  gapCount: count.exactOptional().describe('Number of all gaps, if there are more.'),
  events: z.array(z.strictObject({ atMs: ms, text })),
  tables,
  diagnosis: z
    .strictObject({
      atMs: ms,
      tables,
      failure: z.string().exactOptional().describe('Why there are no answers.'),
    })
    .exactOptional()
    .describe('What the source answered when the load had ended badly; absent when it went well.'),
  readingMs: ms.describe('Total time of all readings, including waiting.'),
  skipped: count.describe(
    'Readings that were skipped because readings took more than their share of the time.',
  ),
});

/** Exactly `AlertRecord`. */
export const alertRecordSchema = z.strictObject({
  name: text,
  title: text,
  rules: z.array(
    z.strictObject({
      level,
      expression: text,
      unrecorded: z
        .array(text)
        .exactOptional()
        .describe('Figures of the rule for which nothing was recorded, so that the rule could not fire.'),
    }),
  ),
  respond: z.array(z.string()),
  episodes: z
    .array(
      z.strictObject({
        level: level.describe('The highest level of the episode.'),
        fromMs: ms,
        untilMs: ms.nullable().describe('null: the alert was still firing when the run ended.'),
        figures: z.array(
          z.strictObject({ name: text, value: z.number(), limit: z.number(), unit: alertUnit }),
        ),
      }),
    )
    .describe('The episodes in which the alert fired, at most 100.'),
  episodeCount: count,
  aborted: z.boolean().describe('The alert ended the run.'),
});

/** Exactly `OutputTally`. */
export const outputTallySchema = z.strictObject({
  kind: z.enum(['prometheus', 'prometheus-remote-write', 'otlp', 'influx', 'json', 'webhook']),
  to: text.describe('Without secrets.'),
  sent: count.describe('Delivered data points; for webhooks, messages.'),
  lost: count.describe('Lost data points.'),
  failures: count.describe('Failed deliveries, including retries.'),
  lastError: z.string().exactOptional(),
});
