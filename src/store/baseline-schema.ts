// The schema of baseline files. Loaded by baseline-file.ts when one is read, and used by journal-schemas.ts.

import { z } from 'zod';
import { baselineSchemaVersion } from '../model/baseline.ts';
import { gateSchema, statistic } from './regression-schema.ts';
import { runRecordSchema } from './run-record-schema.ts';
import { count, mostEntries, tags, text } from './schema-parts.ts';

const share = z.number().min(0).max(1);

const level = z
  .strictObject({
    kind: z.literal('level'),
    value: z.number(),
    error: count.exactOptional(),
    freedom: z.number().positive().exactOptional(),
    problem: z.enum(['few', 'short', 'zero']).exactOptional(),
    exposure: share,
    isLeast: z.literal(true).exactOptional(),
  })
  .refine(
    (one) =>
      one.problem !== undefined || (one.value > 0 && one.error !== undefined && one.freedom !== undefined),
    'a value needs its error and freedom, or the problem that it has',
  );
const shareOf = z
  .strictObject({ kind: z.literal('share'), count, of: z.number().positive(), inflation: z.number().min(1) })
  .refine((one) => one.count <= one.of, 'count must not be above of');

const figure = z
  .strictObject({
    metric: text,
    tags: tags.exactOptional(),
    statistic,
    runs: z.union([z.array(level), z.array(shareOf)]),
  })
  .refine(
    ({ statistic: of, runs }) => runs.every(({ kind }) => (kind === 'share') === (of === 'failed')),
    'shares are of what failed, and nothing else is',
  );

const acceptance = {
  reason: text,
  acceptedAt: z.iso.datetime(),
  runs: z.array(text).min(1).max(mostEntries),
};
const { suite, profile, environment, target, plan } = runRecordSchema.shape;

export const baselineSchema = z
  .strictObject({
    ...acceptance,
    startedAt: z.iso.datetime(),
    conditions: z.strictObject({ suite, profile, environment, target, plan }),
    percentiles: z.array(z.number().gt(0).lt(100)).min(1),
    figures: z.array(figure).max(mostEntries),
    gates: z.array(gateSchema).max(mostEntries),
    earlier: z.array(z.strictObject(acceptance)),
  })
  .refine(
    ({ runs, figures }) => figures.every((one) => one.runs.length === runs.length),
    'each figure must have one value for each run',
  );

export const baselineFileSchema = z.strictObject({
  schemaVersion: z.literal(baselineSchemaVersion),
  suite: text,
  baselines: z.array(baselineSchema).max(mostEntries),
});
