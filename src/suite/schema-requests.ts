// The schema of requests written as data, and of the tasks and users that hold them.

import { z } from 'zod';
import type { HttpOptions } from '../model/context.ts';
import { headerNameFault } from '../model/header-fields.ts';
import type { RequestDefinition, StepDefinition, TaskDefinition, UserDefinition } from '../model/suite.ts';
import { requestShape } from '../protocols/http/settings.ts';
import * as words from './schema-fields.ts';
import {
  aFunction,
  chosenBy,
  duration,
  list,
  pattern,
  probability,
  record,
  type ShapeOf,
  strictObject,
  tags,
  text,
  thinkTime,
  weight,
  where,
  whole,
} from './schema-fields.ts';

const aScalar = where(
  (value) => ['string', 'number', 'boolean', 'bigint'].includes(typeof value),
  'a text, a number, or true or false',
);
const scalars = chosenBy((value) => (Array.isArray(value) ? list(aScalar, 'a list of values') : aScalar));
const status = whole(100, 599);
const statuses = chosenBy((value) => (Array.isArray(value) ? list(status, 'statuses', 1) : status));

const auth = chosenBy((value) =>
  typeof value === 'object' && value !== null && 'bearer' in value
    ? strictObject({ bearer: text('a token') }, 'credentials')
    : strictObject(
        {
          username: text('a user name'),
          password: z.string({ error: 'a password' }),
          scheme: z.enum(['basic', 'digest'], { error: '"basic" or "digest"' }).optional(),
        },
        'credentials such as { bearer: "..." } or { username: "...", password: "..." }',
      ),
);

const checkShape = {
  status: statuses.optional(),
  bodyContains: text('a text the body must contain').optional(),
  headers: record(text('the value of a header'), 'headers such as { "x-cache": "hit" }').optional(),
  json: record(
    aScalar,
    'dotted paths into the JSON answer with their values, such as { "items.0.id": 7 }',
  ).optional(),
  maxDuration: duration(1).optional(),
} satisfies ShapeOf<NonNullable<RequestDefinition['checks']>[string]>;

const optionShape = {
  headers: record(
    where((value) => ['string', 'number'].includes(typeof value), 'a text or a number'),
    'headers such as { accept: "application/json" }',
  ).optional(),
  params: record(scalars.optional(), 'query parameters such as { page: 1 }').optional(),
  json: z.unknown().optional(),
  form: record(scalars.optional(), 'form fields such as { name: "x" }').optional(),
  body: where(
    (value) => typeof value === 'string' || value instanceof Uint8Array,
    'a text or bytes',
  ).optional(),
  tags: tags.optional(),
  name: text('a series name such as "GET /items/:id"').optional(),
  ...requestShape(words),
  auth: auth.optional(),
  responseType: z
    .enum(['text', 'buffer', 'json', 'stream', 'none'], {
      error: '"text", "buffer", "json", "stream" or "none"',
    })
    .optional(),
  expect: statuses.optional(),
} satisfies ShapeOf<Omit<HttpOptions, 'throw' | 'multipart'>>;

const aPath = text('a dotted path into the JSON answer, such as "auth.token"');
const aPattern = pattern('id=(\\d+)');

/** One of three places in an answer; which one is told by the key it has. */
function responseValue(extra: Record<string, z.ZodType>, example: string): z.ZodType {
  const inHeader = { header: text('the name of a header'), pattern: aPattern.optional() };
  return chosenBy((value) => {
    const has = (key: string) => typeof value === 'object' && value !== null && key in value;
    if (has('header')) return strictObject({ ...inHeader, ...extra }, example);
    if (has('body')) return strictObject({ body: aPattern, ...extra }, example);
    return strictObject({ json: aPath, ...extra }, example);
  });
}

const savedFrom = responseValue({}, 'a path such as "auth.token", or a place such as { header: "location" }');
const saved = chosenBy((value) => (typeof value === 'string' ? aPath : savedFrom));
const measured = responseValue(
  { equals: aScalar.optional(), matches: aPattern.optional() },
  'a value such as { header: "x-cache", equals: "hit" } or { json: "usage.tokens" }',
);

const dataShape = {
  ...optionShape,
  method: where(
    (value) => typeof value === 'string' && headerNameFault(value) === undefined && !/^connect$/i.test(value),
    'an HTTP method such as "POST"',
  ).optional(),
  url: text('a URL, or a path such as "/items/1"'),
  checks: record(
    strictObject(checkShape, 'a check such as { status: 200 }'),
    'checks by name, such as { "is 200": { status: 200 } }',
  ).optional(),
  save: record(saved, 'session names with paths, such as { token: "auth.token" }').optional(),
  measure: record(
    measured,
    'metrics of the suite with values, such as { cache_hits: { header: "x-cache", equals: "hit" } }',
  ).optional(),
} satisfies ShapeOf<RequestDefinition>;

const requests = list(
  strictObject(dataShape, 'a request such as { method: "GET", url: "/" }'),
  'a list of one or more requests',
  1,
);

const taskShape = {
  weight: weight.optional(),
  run: aFunction.optional(),
  requests: requests.optional(),
} satisfies ShapeOf<TaskDefinition>;

const stepShape = {
  probability: probability.optional(),
  run: aFunction.optional(),
  requests: requests.optional(),
} satisfies ShapeOf<StepDefinition>;

/** Code, or requests as data. */
const hook = chosenBy((value) =>
  typeof value === 'object' && value !== null
    ? strictObject({ requests }, 'a function, or requests such as { requests: [{ url: "/" }] }')
    : aFunction,
);

const userShape = {
  description: z.string({ error: 'a text' }).optional(),
  weight: weight.optional(),
  thinkTime: thinkTime.optional(),
  onStart: hook.optional(),
  onStop: hook.optional(),
  tasks: record(
    strictObject(taskShape, 'a task such as { weight: 50, run: async ({ http }) => { ... } }'),
    'tasks by name',
  ).optional(),
  flow: record(
    strictObject(stepShape, 'a step such as { probability: 0.5, run: async ({ http }) => { ... } }'),
    'steps by name, in order',
  ).optional(),
} satisfies ShapeOf<UserDefinition>;

export const userSchema = strictObject(userShape, 'a user such as { weight: 70, tasks: { ... } }');
