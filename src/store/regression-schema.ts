// The schemas of gates, of comparisons of runs, and of what came of holding a run to its baseline. Used by
// baseline-schema.ts and run-record-schema.ts.

import { z } from 'zod';
import { mostEntries, tags, text } from './schema-parts.ts';

export const statistic = z
  .union([z.templateLiteral(['p(', z.number(), ')']), z.enum(['failed', 'per second'])])
  .describe('A percentile of times, the share that failed, or how many there were per second.');

const limits = ['most', 'least', 'mostOfBaseline', 'leastOfBaseline'] as const;
export const gateSchema = z
  .strictObject({
    figure: text,
    most: z.number().exactOptional(),
    least: z.number().exactOptional(),
    mostOfBaseline: z.number().positive().exactOptional(),
    leastOfBaseline: z.number().positive().exactOptional(),
    level: z.enum(['critical', 'warning']).exactOptional(),
    proof: z.literal(true).exactOptional(),
  })
  .refine(
    (one) => limits.filter((name) => one[name] !== undefined).length === 1,
    `expected exactly one of ${limits.join(', ')}`,
  );

const answer = z.enum(['better', 'same', 'worse', 'unjudged']);
const maybe = z.number().nullable();

const row = z.strictObject({
  metric: text,
  tags: tags.exactOptional(),
  statistic,
  unit: z.enum(['ms', 'ratio', 'per s']),
  before: maybe.describe('Mean over the runs before; null where no run has the figure.'),
  after: maybe,
  change: maybe.describe('Of shares `after` less `before`, of all others as a share of `before`.'),
  low: maybe.describe('Lower end of the 95 % interval of `change`.'),
  high: maybe,
  minimum: z.number().describe('The least change that matters.'),
  pValue: maybe.describe('That nothing changed, adjusted for the number of rows.'),
  status: answer,
  reason: z.string().exactOptional().describe('Why it is unjudged.'),
  open: z
    .array(answer)
    .exactOptional()
    .describe('Answers that nobody may give, since times are bounds only.'),
});

const side = z.strictObject({
  name: z.string(),
  suite: text,
  profile: text,
  runs: z.array(text).max(mostEntries),
  startedAt: z.iso.datetime(),
  left: z.array(z.strictObject({ run: text, reason: z.string() })).max(mostEntries),
});

const sentences = z.array(z.string()).max(mostEntries);

const regression = z.strictObject({
  status: answer,
  reasons: sentences.min(1),
  before: side,
  after: side,
  differences: sentences.describe('What the sides do not have in common.'),
  notes: sentences,
  rows: z.array(row).max(mostEntries),
});

const gateResult = z.strictObject({
  gate: gateSchema,
  status: z.enum(['held', 'broken', 'unproven', 'unjudged']),
  text: z.string().describe('One sentence.'),
  evidence: z
    .strictObject({ value: z.number(), limit: z.number(), unit: z.string() })
    .exactOptional()
    .describe('The figure and its limit; absent where there is no figure.'),
});

export const baselineCheckSchema = z.strictObject({
  file: text.describe('The baseline file, as it was named.'),
  accepted: z
    .strictObject({ reason: text, acceptedAt: z.iso.datetime() })
    .exactOptional()
    .describe('Why and when the figures were accepted; absent for files of other tools.'),
  gates: z.array(gateResult).max(mostEntries),
  obstacles: sentences.describe('Why nobody can judge the run by the baseline.'),
  notes: sentences,
  comparison: regression.exactOptional().describe('Figure by figure; absent for files of other tools.'),
  runs: z.array(text).max(mostEntries).describe('Ids of the runs that were held to it together.'),
  own: z
    .strictObject({
      status: z.enum(['pass', 'warn', 'fail', 'inconclusive']),
      reasons: z.array(z.string()).min(1),
    })
    .describe('What the verdict would be without the baseline.'),
});
