// What the entries of a journal must look like. A journal may come from anywhere and be changed on the way, with right
// checksums. Only read-journal.ts uses it, and only once there is a journal: zod takes long to load.

import { z } from 'zod';
import { baselineSchema } from './baseline-schema.ts';
import { faultReportSchema } from './fault-schemas.ts';
import { feederRecordSchema } from './feeder-schemas.ts';
import { findingSchema } from './finding-schemas.ts';
import type { JournalEntry, PackedWindow, RunEntry } from './journal-entries.ts';
import { planSchema, searchRulesSchema, searchTrialSchema } from './plan-schema.ts';
import {
  environmentSchema,
  errorGroupSchema,
  refusalSchema,
  workerGapSchema,
  workerHealthSchema,
} from './run-record-schema.ts';
import { count, mostEntries, ms, series, tags, text } from './schema-parts.ts';

const when = z.iso.datetime();
const whole = count.int();
const cell = z.union([z.string(), z.number()]).nullable();

const statedFigures = z.strictObject({
  name: text.exactOptional(),
  times: z.array(z.strictObject({ percentile: z.number().gt(0).lt(100), ms })),
  perSec: count.exactOptional(),
  failed: z.number().min(0).max(1).exactOptional(),
});
const yardstick = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('accepted'), file: text, baseline: baselineSchema }),
  z.strictObject({
    kind: z.literal('stated'),
    file: text,
    stated: z.strictObject({
      layout: z.enum(['endpoints', 'single-user']),
      entries: z.array(statedFigures).max(mostEntries),
      notes: z.array(z.string()),
      named: z.array(z.strictObject({ name: text, part: text })),
    }),
  }),
]);

/** `plan` is looked at by itself, since another version may have another. */
export const runEntrySchema = z.strictObject({
  version: z.number(),
  id: text,
  startedAt: when,
  environment: environmentSchema,
  plan: z.looseObject({}),
  search: searchRulesSchema.exactOptional(),
  yardstick: yardstick.exactOptional(),
  writer: z.strictObject({ host: z.string(), pid: whole, startTicks: z.string().nullable() }),
});

const table = z.strictObject({
  name: text,
  title: text,
  columns: z.array(z.strictObject({ title: text, unit: z.enum(['count', 'ratio', 'ms', 'bytes', 'text']) })),
  rows: z.array(z.array(cell)),
});

const report = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sample'),
    sample: z.strictObject({
      monitor: text,
      atMs: z.number(),
      values: series(z.number()),
      gains: series(z.strictObject({ by: z.number(), overMs: ms })),
    }),
    tables: z.array(table).exactOptional(),
    readingMs: ms,
  }),
  z.strictObject({
    kind: z.literal('failure'),
    monitor: text,
    atMs: z.number(),
    reason: z.string(),
    readingMs: ms,
  }),
  z.strictObject({ kind: z.literal('event'), monitor: text, atMs: z.number(), text: z.string() }),
  z.strictObject({ kind: z.literal('skipped'), monitor: text, atMs: z.number(), count }),
  z.strictObject({
    kind: z.literal('diagnosis'),
    monitor: text,
    atMs: z.number(),
    tables: z.array(table),
    failure: z.string().exactOptional(),
  }),
]);

const definition = z.strictObject({
  id: whole,
  metric: text,
  type: z.enum(['counter', 'gauge', 'rate', 'trend']),
  contains: z.enum(['default', 'time', 'data']),
  tags,
});

const cutWork = z.strictObject({
  metric: text,
  tags,
  bound: z.enum(['waited', 'none']),
  due: z.boolean(),
  waits: z.string(),
});

/** All of a window but its deltas, of which there are too many for this; see `isDelta`. */
const window = z.strictObject({
  worker: whole,
  from: ms,
  to: ms,
  deltas: z.array(z.unknown()),
  definitions: z.array(definition).exactOptional(),
  errors: z.array(errorGroupSchema).exactOptional(),
  cut: z.array(cutWork).exactOptional(),
});

const gaps = z.array(workerGapSchema);
const others = {
  step: z.strictObject({ load: z.number(), plan: planSchema }),
  trial: z.strictObject({ trial: searchTrialSchema }),
  searched: z.strictObject({ endedBy: text.exactOptional() }),
  started: z.strictObject({ at: when }),
  monitor: z.strictObject({ report }),
  fault: z.strictObject({ report: faultReportSchema }),
  gaps: z.strictObject({ gaps }),
  data: z.strictObject({ feeders: z.array(feederRecordSchema) }),
  finding: z.strictObject({ finding: findingSchema }),
  stopping: z.strictObject({ by: z.enum(['interrupt', 'threshold', 'alert']) }),
  refused: z.strictObject({ refusal: refusalSchema }),
  skipped: z.strictObject({ windowCount: whole }),
  ended: z.strictObject({ at: when, durationMs: ms, workers: z.array(workerHealthSchema), gaps }),
};
const schemas = new Map<string, z.ZodType>([
  ['run', z.looseObject({ version: z.number() })],
  ['window', window],
  ...Object.entries(others),
]);

/** Is the value that of an entry of this kind? */
export function isEntry(kind: string, value: unknown): boolean {
  const schema = schemas.get(kind);
  if (schema === undefined || !schema.safeParse(value).success) return false;
  return kind !== 'window' || (value as PackedWindow).deltas.every(isDelta);
}

function isDelta(delta: unknown): boolean {
  if (!Array.isArray(delta) || delta.length < 2 || delta.length > 4) return false;
  const [id, ...values] = delta as unknown[];
  if (!Number.isSafeInteger(id) || (id as number) < 0) return false;
  if (typeof values[0] === 'string') return values.length === 1;
  return values.every(Number.isFinite);
}

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
type Fields<Kind extends JournalEntry['kind']> = Omit<Extract<JournalEntry, { kind: Kind }>, 'kind'>;
type Other = keyof typeof others;
// The compiler proves here that schemas and interfaces agree in both directions.
const schemasFit: {
  [Kind in Other]: (value: DeepReadonly<z.output<(typeof others)[Kind]>>) => Fields<Kind>;
} = {
  step: (value) => value,
  trial: (value) => value,
  searched: (value) => value,
  started: (value) => value,
  monitor: (value) => value,
  fault: (value) => value,
  gaps: (value) => value,
  data: (value) => value,
  finding: (value) => value,
  stopping: (value) => value,
  refused: (value) => value,
  skipped: (value) => value,
  ended: (value) => value,
};
const interfacesFit: {
  [Kind in Other]: (value: Fields<Kind>) => DeepReadonly<z.output<(typeof others)[Kind]>>;
} = {
  step: (value) => value,
  trial: (value) => value,
  searched: (value) => value,
  started: (value) => value,
  monitor: (value) => value,
  fault: (value) => value,
  gaps: (value) => value,
  data: (value) => value,
  finding: (value) => value,
  stopping: (value) => value,
  refused: (value) => value,
  skipped: (value) => value,
  ended: (value) => value,
};
const windowFits = (value: PackedWindow): DeepReadonly<z.output<typeof window>> => value;
const runFits = (
  value: Omit<RunEntry, 'kind' | 'plan'>,
): DeepReadonly<Omit<z.output<typeof runEntrySchema>, 'plan'>> => value;
void [schemasFit, interfacesFit, windowFits, runFits];
