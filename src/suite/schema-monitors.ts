// The schema of `monitors`: what is watched beside the load, in a suite, a profile or an environment.

import { z } from 'zod';
import type {
  HostMonitorDefinition,
  HttpMonitorDefinition,
  LogMonitorDefinition,
  OtlpMonitorDefinition,
  PostgresMonitorDefinition,
  ProcessMonitorDefinition,
  PrometheusMonitorDefinition,
  PrometheusQueryMonitorDefinition,
  PrometheusSelection,
  RedisMonitorDefinition,
} from '../model/monitor-settings.ts';
import { isRedisUrl } from '../protocols/redis/redis-url.ts';
import { databaseUrlMistake } from '../protocols/sql/database-url.ts';
import {
  chosenBy,
  duration,
  flag,
  list,
  number,
  ofKind,
  pattern,
  record,
  type ShapeOf,
  strictObject,
  text,
  unless,
  where,
  whole,
} from './schema-fields.ts';

/** Shortest time from one reading to the next. */
const shortestIntervalMs = 100;

const common = {
  interval: duration(shortestIntervalMs).optional(),
  timeout: duration(10).optional(),
  share: where(
    (value) => typeof value === 'number' && value > 0 && value <= 1,
    'a share of the time above 0 and up to 1, such as 0.1',
  ).optional(),
  title: text('a title such as "orders database"').optional(),
  optional: flag.optional(),
};

const absoluteUrl = where(
  (value) => typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  'an http or https URL such as "http://127.0.0.1:9100/metrics"',
);
const pageUrl = where(
  (value) => typeof value === 'string' && (value.startsWith('/') || /^https?:\/\//.test(value)),
  'a path such as "/health", or an http or https URL',
);
const headers = record(z.string({ error: 'a text' }), 'headers such as { authorization: "Bearer ..." }');
const unit = z.enum(['count', 'ratio', 'ms', 'bytes'], { error: '"count", "ratio", "ms" or "bytes"' });
const port = whole(1, 65_535);
const aTitle = text('a title such as "queue length"');

const selectionShape = {
  metric: text('the name of a metric such as "http_requests_total"'),
  labels: record(z.string({ error: 'a text' }), 'labels such as { method: "GET" }').optional(),
  as: z
    .enum(['value', 'increase', 'quantile', 'average'], {
      error: '"value", "increase", "quantile" or "average"',
    })
    .optional(),
  quantile: number(0, 1, 'a quantile from 0 to 1, such as 0.95').optional(),
  combine: z.enum(['sum', 'max', 'min', 'avg'], { error: '"sum", "max", "min" or "avg"' }).optional(),
  scale: where((value) => typeof value === 'number' && Number.isFinite(value), 'a number').optional(),
  unit: unit.optional(),
  title: aTitle.optional(),
} satisfies ShapeOf<PrometheusSelection>;

const select = record(
  chosenBy((value) =>
    typeof value === 'string'
      ? text('the name of a metric')
      : strictObject(
          selectionShape,
          'the name of a metric, or a selection such as { metric: "http_requests_total" }',
        ),
  ),
  'figures by name, such as { requests: "http_requests_total" }',
);

const named = (key: 'query' | 'path', example: string): z.ZodType =>
  record(
    chosenBy((value) =>
      typeof value === 'string'
        ? text(example)
        : strictObject(
            { [key]: text(example), unit: unit.optional(), title: aTitle.optional() },
            `${example}, or { ${key}, unit, title }`,
          ),
    ),
    'figures by name',
  );

const shapes = {
  host: {
    kind: z.literal('host'),
    nodeExporter: absoluteUrl.optional(),
    ...common,
  } satisfies ShapeOf<HostMonitorDefinition>,
  process: {
    kind: z.literal('process'),
    port: port.optional(),
    pid: whole(1, 4_194_304).optional(),
    pidFile: text('the path of a file').optional(),
    name: text('the name of a process').optional(),
    children: flag.optional(),
    metrics: pageUrl.optional(),
    ...common,
  } satisfies ShapeOf<ProcessMonitorDefinition>,
  postgres: {
    kind: z.literal('postgres'),
    url: unless(databaseUrlMistake).optional(),
    slowStatement: duration(1).optional(),
    ...common,
  } satisfies ShapeOf<PostgresMonitorDefinition>,
  redis: {
    kind: z.literal('redis'),
    url: where(
      (value) => typeof value === 'string' && isRedisUrl(value),
      'the URL of a Redis server such as "redis://127.0.0.1:6379"',
    ).optional(),
    ...common,
  } satisfies ShapeOf<RedisMonitorDefinition>,
  prometheus: {
    kind: z.literal('prometheus'),
    url: pageUrl.optional(),
    headers: headers.optional(),
    select,
    ...common,
  } satisfies ShapeOf<PrometheusMonitorDefinition>,
  'prometheus-query': {
    kind: z.literal('prometheus-query'),
    url: absoluteUrl,
    headers: headers.optional(),
    queries: named('query', 'a query such as "sum(rate(http_requests_total[1m]))"'),
    ...common,
  } satisfies ShapeOf<PrometheusQueryMonitorDefinition>,
  http: {
    kind: z.literal('http'),
    url: pageUrl,
    headers: headers.optional(),
    expect: strictObject(
      {
        status: chosenBy((value) =>
          Array.isArray(value) ? list(whole(100, 599), 'statuses such as [200, 204]', 1) : whole(100, 599),
        ).optional(),
        bodyContains: text('a text').optional(),
        json: record(
          where(
            (value) => ['string', 'number', 'boolean'].includes(typeof value),
            'a text, a number, true or false',
          ),
          'values by path, such as { "db.status": "up" }',
        ).optional(),
      } satisfies ShapeOf<NonNullable<HttpMonitorDefinition['expect']>>,
      'conditions of a healthy answer, such as { status: 200 }',
    ).optional(),
    figures: named('path', 'a path in the JSON answer such as "queue.length"').optional(),
    restart: text('a path in the JSON answer such as "startedAt"').optional(),
    ...common,
  } satisfies ShapeOf<HttpMonitorDefinition>,
  otlp: {
    kind: z.literal('otlp'),
    port: port.optional(),
    select,
    ...common,
  } satisfies ShapeOf<OtlpMonitorDefinition>,
  log: {
    kind: z.literal('log'),
    file: text('the path of a file such as "logs/app.log"'),
    errors: pattern('ERROR|FATAL').optional(),
    ...common,
  } satisfies ShapeOf<LogMonitorDefinition>,
};

export const monitorSchema = record(
  ofKind(shapes, { article: 'a', noun: 'monitor', example: '{ kind: "postgres", url: "..." }' }),
  'monitors by name, such as { postgres: { kind: "postgres" } }',
);
