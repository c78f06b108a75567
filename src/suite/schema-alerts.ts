// The schema of `alerts` and `outputs`: what is told while a run goes on, and to whom.

import { z } from 'zod';
import type { AlertDefinition } from '../model/alert.ts';
import type {
  InfluxOutputDefinition,
  JsonOutputDefinition,
  OtlpOutputDefinition,
  PrometheusOutputDefinition,
  RemoteWriteOutputDefinition,
  WebhookOutputDefinition,
} from '../model/output.ts';
import {
  duration,
  flag,
  list,
  number,
  ofKind,
  record,
  type ShapeOf,
  strictObject,
  text,
  where,
  whole,
} from './schema-fields.ts';

const rule = text('a rule such as "monitor_host_cpu_ratio > 80% for 30s"');

const alertShape = {
  title: text('a title such as "CPU is busy"').optional(),
  warning: rule.optional(),
  critical: rule.optional(),
  hysteresis: number(0, 0.99, 'a share of the limit from 0 to below 1, such as 0.05').optional(),
  respond: list(text('a sentence'), 'sentences that say what to do').optional(),
  abort: flag.optional(),
} satisfies ShapeOf<AlertDefinition>;

export const alerts = record(
  strictObject(alertShape, 'an alert such as { warning: "monitor_host_cpu_ratio > 80% for 30s" }'),
  'alerts by name, such as { busy: { warning: "monitor_host_cpu_ratio > 80% for 30s" } }',
);

const urlOf = (protocols: RegExp, example: string): z.ZodType =>
  where(
    (value) => typeof value === 'string' && URL.canParse(value) && protocols.test(new URL(value).protocol),
    `a URL such as "${example}"`,
  );
const headers = record(z.string({ error: 'a text' }), 'headers such as { authorization: "Token ..." }');
const receiver = { headers: headers.optional(), interval: duration(100).optional() };

const outputShapes = {
  prometheus: {
    kind: z.literal('prometheus'),
    port: whole(0, 65_535).optional(),
    host: text('an address such as "127.0.0.1"').optional(),
  } satisfies ShapeOf<PrometheusOutputDefinition>,
  'prometheus-remote-write': {
    kind: z.literal('prometheus-remote-write'),
    url: urlOf(/^https?:$/, 'http://127.0.0.1:9090/api/v1/write'),
    ...receiver,
  } satisfies ShapeOf<RemoteWriteOutputDefinition>,
  otlp: {
    kind: z.literal('otlp'),
    url: urlOf(/^https?:$/, 'http://127.0.0.1:4318/v1/metrics'),
    ...receiver,
  } satisfies ShapeOf<OtlpOutputDefinition>,
  influx: {
    kind: z.literal('influx'),
    url: urlOf(/^(https?|udp|tcp):$/, 'http://127.0.0.1:8086/api/v2/write?org=o&bucket=b'),
    ...receiver,
  } satisfies ShapeOf<InfluxOutputDefinition>,
  json: {
    kind: z.literal('json'),
    file: text('the name of a file'),
  } satisfies ShapeOf<JsonOutputDefinition>,
  webhook: {
    kind: z.literal('webhook'),
    url: urlOf(/^https?:$/, 'https://hooks.example.com/alerts'),
    headers: headers.optional(),
    format: z.enum(['json', 'slack'], { error: '"json" or "slack"' }).optional(),
  } satisfies ShapeOf<WebhookOutputDefinition>,
};

export const outputs = list(
  ofKind(outputShapes, { article: 'an', noun: 'output', example: '{ kind: "prometheus" }' }),
  'a list of outputs such as [{ kind: "prometheus", port: 9464 }]',
);
