// The schema of `proxies`, `processes` and of the `faults` of a profile.

import { z } from 'zod';
import type {
  FaultDefinition,
  FaultExpectations,
  FaultRequest,
  ProcessDefinition,
  ProxyDefinition,
} from '../model/fault.ts';
import { isRedisUrl } from '../protocols/redis/redis-url.ts';
import { parsePlace, parseShare } from './fault-expectation.ts';
import {
  anyText,
  duration,
  list,
  ofKind,
  record,
  type ShapeOf,
  strictObject,
  text,
  where,
  whole,
} from './schema-fields.ts';

const place = (expected: string): z.ZodType => where((value) => parsePlace(value) !== undefined, expected);
const share = (expected: string): z.ZodType =>
  where((value) => typeof value === 'string' && parseShare(value) !== undefined, expected);

const proxyShape = {
  listen: place('a port of this machine such as 9100, or an address such as "127.0.0.1:9100"').optional(),
  to: place('an address such as "127.0.0.1:9000" or "http://127.0.0.1:9000"').optional(),
} satisfies ShapeOf<ProxyDefinition>;

export const proxies = record(
  strictObject(proxyShape, 'a proxy such as { listen: 9100, to: "127.0.0.1:9000" }'),
  'proxies by name, such as { crm: { listen: 9100, to: "127.0.0.1:9000" } }',
);

const processShape = {
  command: list(anyText, 'a program with its arguments such as ["node", "server.js"]', 1),
  cwd: text('a folder').optional(),
  env: record(z.string({ error: 'a text' }), 'environment variables such as { PORT: "8000" }').optional(),
  ready: where(
    (value) =>
      typeof value === 'string' &&
      (/^https?:\/\//.test(value) ? URL.canParse(value) : /^[^/\s]+:\d+$/.test(value)),
    'what answers when the process is ready, such as "http://127.0.0.1:8000/health" or "127.0.0.1:8000"',
  ),
  readyWithin: duration(1).optional(),
} satisfies ShapeOf<ProcessDefinition>;

export const processes = record(
  strictObject(
    processShape,
    'a process such as { command: ["node", "server.js"], ready: "http://127.0.0.1:8000/health" }',
  ),
  'processes by name, such as { api: { command: ["node", "server.js"], ready: "127.0.0.1:8000" } }',
);

const expectations = list(
  text('a condition and a time such as "monitor_api_breaker_open == 1 within 5s"'),
  'a list such as ["monitor_api_breaker_open == 1 within 5s"]',
);
const expectShape = {
  reach: expectations.optional(),
  return: expectations.optional(),
  othersFlat: strictObject(
    {
      affected: list(text('the name of a task or of an operation'), 'names such as ["orders"]'),
      most: share('a share such as "1%"').optional(),
    } satisfies ShapeOf<NonNullable<FaultExpectations['othersFlat']>>,
    'who may fail, such as { affected: ["orders"] }',
  ).optional(),
  recovery: duration(1).optional(),
  failover: duration(1).optional(),
  noStale: strictObject(
    {
      metric: text('the name of a rate of the suite such as "stale_reads"'),
      after: duration(),
    } satisfies ShapeOf<NonNullable<FaultExpectations['noStale']>>,
    'a rate and a time such as { metric: "stale_reads", after: "2s" }',
  ).optional(),
  cost: share('a share such as "30%"').optional(),
} satisfies ShapeOf<FaultExpectations>;

const isUrl = (value: string): boolean => /^https?:\/\//.test(value) && URL.canParse(value);

const requestShape = {
  method: text('a method such as "PUT"').optional(),
  url: where(
    (value) => typeof value === 'string' && (/^\/(?!\/)/.test(value) || isUrl(value)),
    'a URL such as "http://127.0.0.1:9000/behaviour", or a path of the base URL such as "/behaviour"',
  ),
  headers: record(
    z.string({ error: 'a text' }),
    'headers such as { authorization: "Bearer ..." }',
  ).optional(),
  json: z.unknown().optional(),
} satisfies ShapeOf<FaultRequest>;
const request = strictObject(requestShape, 'a request such as { method: "PUT", url: "http://..." }');

const common = {
  title: text('a title such as "The CRM is down"').optional(),
  at: duration(),
  expect: strictObject(expectShape, 'what is expected, such as { recovery: "30s" }').optional(),
};
const proxy = text('the name of a proxy of the suite');
const ownProcess = text('the name of a process of the suite');

const onProxy = { ...common, proxy, for: duration(1) };
const faultShapes = {
  latency: {
    kind: z.literal('latency'),
    ...onProxy,
    delay: duration(1),
    jitter: duration().optional(),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'latency' }>>,
  bandwidth: {
    kind: z.literal('bandwidth'),
    ...onProxy,
    bytesPerSec: whole(1, 1_000_000_000),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'bandwidth' }>>,
  reset: { kind: z.literal('reset'), ...onProxy },
  refuse: { kind: z.literal('refuse'), ...onProxy },
  'black-hole': { kind: z.literal('black-hole'), ...onProxy },
  kill: {
    kind: z.literal('kill'),
    ...common,
    process: ownProcess,
    for: duration(1).optional(),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'kill' }>>,
  pause: {
    kind: z.literal('pause'),
    ...common,
    process: ownProcess,
    for: duration(1),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'pause' }>>,
  restart: {
    kind: z.literal('restart'),
    ...common,
    process: ownProcess,
    for: duration(1).optional(),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'restart' }>>,
  switch: {
    kind: z.literal('switch'),
    ...common,
    for: duration(1),
    start: request,
    end: request,
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'switch' }>>,
  flush: {
    kind: z.literal('flush'),
    ...common,
    redis: where(
      (value) => typeof value === 'string' && isRedisUrl(value),
      'a URL such as "redis://127.0.0.1:6379/0"',
    ).optional(),
    request: request.optional(),
    for: duration(1).optional(),
  } satisfies ShapeOf<Extract<FaultDefinition, { kind: 'flush' }>>,
} satisfies Record<FaultDefinition['kind'], Record<string, z.ZodType>>;

export const faults = record(
  ofKind(faultShapes, {
    article: 'a',
    noun: 'fault',
    example: '{ kind: "latency", proxy: "crm", at: "20s", for: "10s", delay: "2s" }',
  }),
  'faults by name, such as { slow: { kind: "latency", proxy: "crm", at: "20s", for: "10s", delay: "2s" } }',
);
