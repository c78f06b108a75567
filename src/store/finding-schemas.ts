// The schemas of what analysis concludes: findings and the verdict. Used by run-record-schema.ts, which proves that they agree
// with the interfaces, and journal-schemas.ts.

import { z } from 'zod';
import { evidenceSchema } from './planning-schemas.ts';
import { text } from './schema-parts.ts';

export const findingSchema = z.strictObject({
  kind: z.enum([
    'threshold-breach',
    'threshold-close',
    'generator-saturation',
    'dropped-iterations',
    'resent-requests',
    'errors',
    'capacity',
    'scalability',
    'breaking-point',
    'scaling',
    'mix-deviation',
    'cut-off',
    'worker-lost',
    'coordinator-lost',
    'comparison',
    'alert',
    'alert-blind',
    'monitor-gap',
    'outage',
    'fault',
    'spike',
    'leak',
    'degradation',
    'anomaly',
    'objective',
    'bottleneck',
    'regression',
    'data',
    'suite',
  ]),
  source: z
    .literal('suite')
    .exactOptional()
    .describe('Present when the suite’s own code reported the finding.'),
  severity: z.enum(['info', 'warning', 'critical']),
  rule: text.exactOptional().describe('Of a bottleneck: the rule that found it.'),
  rank: z.number().int().positive().exactOptional().describe('Of a bottleneck: 1 is the first.'),
  title: text,
  detail: z.string(),
  evidence: z.array(evidenceSchema),
  advice: z.string().exactOptional(),
});

export const verdictSchema = z.strictObject({
  status: z.enum(['pass', 'warn', 'fail', 'inconclusive']),
  reasons: z.array(z.string()).min(1).describe('One sentence each, the most important first.'),
});
