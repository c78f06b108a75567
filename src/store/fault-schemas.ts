// The schemas of what faults add to a run record, its plan and its journal. Used by plan-schema.ts, run-record-schema.ts and
// journal-schemas.ts.

import { z } from 'zod';
import { faultKinds } from '../model/fault.ts';
import { conditionSchema } from './monitor-schemas.ts';
import { count, mostEntries, ms, tags, text } from './schema-parts.ts';

const place = z.strictObject({ host: text, port: count });

/** Exactly `ProxyPlan`. */
export const proxyPlanSchema = z.strictObject({
  name: text,
  listen: place.describe('Port 0: any free one.'),
  to: place,
  isBeforeLoad: z.literal(true).exactOptional().describe('The load went through it.'),
});
/** Exactly `ProcessPlan`. */
export const processPlanSchema = z.strictObject({
  name: text,
  command: z.array(z.string()),
  ready: text.describe(
    'A URL that answers, or an address that accepts connections, when the process is ready.',
  ),
  readyWithinMs: ms,
});

const expectation = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['reach', 'return']),
    expression: text.describe('As written.'),
    condition: conditionSchema,
    withinMs: ms.describe('After the start of the fault (`reach`), or after its end (`return`).'),
  }),
  z.strictObject({
    kind: z.literal('others-flat'),
    affected: z.array(text).describe('Tasks, or names of operations, that may fail.'),
    mostRatio: z.number().describe('By how much more of any other operation may fail than before, 0 to 1.'),
  }),
  z.strictObject({
    kind: z.enum(['recovery', 'failover']),
    withinMs: ms.describe('After the end of the fault (`recovery`), or after its start (`failover`).'),
  }),
  z.strictObject({
    kind: z.literal('no-stale'),
    metric: text.describe('A rate: true for a read that was stale.'),
    afterMs: ms.describe('After the start of the fault.'),
  }),
  z.strictObject({
    kind: z.literal('cost'),
    mostRatio: z.number().describe('By how much the 95th percentile may be higher than before: 0.3 is 30 %.'),
  }),
]);

/** Exactly `FaultPlan`. */
export const faultPlanSchema = z.strictObject({
  name: text,
  title: text,
  kind: z.enum(faultKinds),
  on: text.describe('What the fault is made in, without secrets.'),
  place: place.exactOptional().describe('Absent for processes of the run.'),
  atMs: ms.describe('Planned run time.'),
  forMs: ms.nullable().describe('null: it is not taken back within the run.'),
  proxy: text.exactOptional(),
  process: text.exactOptional(),
  delayMs: ms.exactOptional(),
  jitterMs: ms.exactOptional(),
  bytesPerSec: count.exactOptional(),
  expect: z.array(expectation).describe('What is expected of the system; each must be met.'),
});

const traffic = z
  .strictObject({
    connections: count.describe('Through the proxy, from the start of the run to the end of the fault.'),
    cut: count.describe('Connections that the fault cut.'),
    bytes: count.describe('Bytes that came in during the fault, both directions.'),
    addedMs: z
      .strictObject({ med: ms, p99: ms })
      .nullable()
      .describe('By how much the proxy delayed what it passed on; null: it passed on nothing.'),
  })
  .describe('What the proxy of the fault saw.');

/** Exactly `FaultRecord`. */
export const faultRecordSchema = z.strictObject({
  name: text,
  fromMs: z.number().nullable().describe('Run time at which it really began; null: it did not.'),
  untilMs: z.number().nullable().describe('Run time at which it was taken back; null: it was not.'),
  trouble: z
    .array(text)
    .exactOptional()
    .describe('Why it was not begun or not taken back, one sentence each.'),
  traffic: traffic.exactOptional(),
});

const counts = z.array(count).max(mostEntries);

/** Exactly `OperationCourse`. */
export const operationCourseSchema = z.strictObject({
  intervalMs: ms,
  operations: z.array(
    z.strictObject({
      metric: text.describe('Rate of failures.'),
      tags,
      total: counts.describe('Operations that ended in each interval.'),
      failed: counts,
    }),
  ),
  unkept: z.literal(true).exactOptional().describe('More kinds of operations were seen than are kept apart.'),
});

/** Exactly `FaultReport`. */
export const faultReportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('begun'), fault: text, atMs: z.number() }),
  z.strictObject({
    kind: z.literal('ended'),
    fault: text,
    atMs: z.number(),
    traffic: traffic.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    fault: text,
    atMs: z.number(),
    phase: z.enum(['begin', 'end']),
    reason: z.string(),
  }),
]);
