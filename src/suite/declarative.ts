// Requests written as data become a task function. Called in the workers, once per task, before the load.

import type { HttpOptions, HttpResponse, TaskContext } from '../model/context.ts';
import { stringifyExact } from '../model/exact-number.ts';
import type { Row } from '../model/feeder.ts';
import { normaliseMethod } from '../model/request-method.ts';
import type { HookDefinition, RequestDefinition, SuiteDefinition, TaskFunction } from '../model/suite.ts';
import { parseDuration } from '../time/duration.ts';
import { compileMeasures, type Measure } from './measures.ts';
import { Answer, compileResponseValue, describeResponseValue, type ReadValue } from './response-value.ts';
import {
  compileText,
  compileValue,
  type FeederNames,
  type Template,
  type TemplateScope,
} from './template.ts';

type Check = NonNullable<RequestDefinition['checks']>[string];
type Checks = Readonly<Record<string, (response: HttpResponse) => boolean>>;

interface CompiledRequest {
  readonly method: string;
  readonly url: Template<string>;
  readonly options: Template<HttpOptions>;
  readonly checks: Template<Checks> | undefined;
  readonly save: readonly { readonly name: string; readonly what: string; readonly read: ReadValue }[];
  readonly measures: readonly Measure[];
  /** Those that its templates name. */
  readonly feeders: readonly string[];
}

/** What requests as data may refer to. */
export type SuiteParts = Pick<SuiteDefinition, 'metrics' | 'data'>;

/**
 * Makes a task function that sends the requests one after the other. Templates are compiled here, once; static
 * options are the same object each time. The function throws when a template has no value, or when what
 * `save` names is not in the answer. Throws a `TypeError` at once for a template of an unknown kind.
 */
export function compileRequests(
  requests: readonly RequestDefinition[],
  suite: SuiteParts = {},
): TaskFunction {
  const compiled = requests.map((request) => compileRequest(request, suite));
  return async (context) => {
    for (const request of compiled) await send(request, context);
  };
}

/** `onStart` or `onStop` as a function, whichever way it is written; `undefined` for a user without. */
export function compileHook(hook: HookDefinition | undefined, suite: SuiteParts): TaskFunction | undefined {
  return typeof hook === 'object' ? compileRequests(hook.requests, suite) : hook;
}

async function send(request: CompiledRequest, context: TaskContext): Promise<void> {
  const { method, url, options, checks, save, measures, feeders } = request;
  const scope = feeders.length === 0 ? context : await withRows(context, feeders);
  const response = await context.http.request(method, url.render(scope), options.render(scope));
  if (checks !== undefined) context.check(response, checks.render(scope));
  if (save.length === 0 && measures.length === 0) return;
  const answer = new Answer(response);
  if (response.error === null) for (const measure of measures) measure(answer, context.metrics);
  for (const { name, what, read } of save) {
    const value = readToSave(read, answer, method);
    if (value === undefined) {
      throw new Error(`save.${name}: the answer of ${method} ${response.url} has no ${what}`);
    }
    context.session[name] = value;
  }
}

/** What the templates see beside the context: the rows that are this iteration's. */
async function withRows(context: TaskContext, feeders: readonly string[]): Promise<TemplateScope> {
  const rows: Record<string, Row> = {};
  for (const name of feeders) rows[name] = await context.row(name);
  const { vu, iteration, env, session, data } = context;
  return { vu, iteration, env, session, data, rows };
}

function readToSave(read: ReadValue, answer: Answer, method: string): unknown {
  const { error, url, status } = answer.response;
  if (error !== null) {
    throw new Error(`nothing to save: ${method} ${url} got no final answer (${error.message})`);
  }
  try {
    return read(answer);
  } catch (cause) {
    const text = answer.response.text();
    const start = JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text);
    throw new SyntaxError(`the answer to ${method} ${url} (status ${status}) is not JSON: ${start}`, {
      cause,
    });
  }
}

function compileRequest(
  definition: RequestDefinition,
  { metrics = {}, data = {} }: SuiteParts,
): CompiledRequest {
  const names = { known: Object.keys(data), used: new Set<string>() };
  const { method = 'GET', url, checks, save, measure, json, ...rest } = definition;
  return {
    method: normaliseMethod(method),
    url: compileText(url, names),
    options: compileOptions(rest, json, names),
    checks: checks && compileChecks(checks, names),
    save: Object.entries(save ?? {}).map(([name, value]) => ({
      name,
      what: describeResponseValue(value),
      read: compileResponseValue(value),
    })),
    measures: compileMeasures(measure, metrics),
    feeders: [...names.used],
  };
}

function compileOptions(rest: HttpOptions, json: unknown, names: FeederNames): Template<HttpOptions> {
  const texts = mapTexts(rest, names) as Template<HttpOptions>;
  if (json === undefined) return texts;
  const body = compileValue(json, names);
  if (texts.isStatic && body.isStatic) {
    const options = withJson(rest, json);
    return { isStatic: true, render: () => options };
  }
  return { isStatic: false, render: (scope) => withJson(texts.render(scope), body.render(scope)) };
}

/** A body with numbers that JavaScript would change is written here, with their digits. */
function withJson(options: HttpOptions, json: unknown): HttpOptions {
  const body = stringifyExact(json);
  if (body === undefined) return { ...options, json };
  return { ...options, body, headers: { 'content-type': 'application/json', ...options.headers } };
}

/** Like `compileValue`, but texts stay texts: headers, parameters and form fields are written, not parsed. */
function mapTexts(value: unknown, names: FeederNames): Template<unknown> {
  if (typeof value === 'string') return compileText(value, names);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    return { isStatic: true, render: () => value };
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => mapTexts(item, names));
    if (items.every((item) => item.isStatic)) return { isStatic: true, render: () => value };
    return { isStatic: false, render: (scope) => items.map((item) => item.render(scope)) };
  }
  const entries = Object.entries(value).map(([key, one]) => [key, mapTexts(one, names)] as const);
  if (entries.every(([, one]) => one.isStatic)) return { isStatic: true, render: () => value };
  return {
    isStatic: false,
    render: (scope: TemplateScope) =>
      Object.fromEntries(entries.map(([key, one]) => [key, one.render(scope)])),
  };
}

function compileChecks(
  checks: NonNullable<RequestDefinition['checks']>,
  names: FeederNames,
): Template<Checks> {
  const compiled = Object.entries(checks).map(([name, check]) => [name, compileCheck(check, names)] as const);
  const render = (scope: TemplateScope): Checks =>
    Object.fromEntries(compiled.map(([name, check]) => [name, check.render(scope)]));
  if (compiled.some(([, check]) => !check.isStatic)) return { isStatic: false, render };
  const fixed = render({} as TemplateScope);
  return { isStatic: true, render: () => fixed };
}

/** What is expected may be a template: the right answer stands in the row that the question is from. */
function compileCheck(
  { status, bodyContains, headers, json, maxDuration }: Check,
  names: FeederNames,
): Template<(response: HttpResponse) => boolean> {
  const statuses = typeof status === 'number' ? [status] : status;
  const part = bodyContains === undefined ? undefined : compileText(bodyContains, names);
  const values = [
    ...Object.entries(headers ?? {}).map(([header, wanted]) => ({ header, wanted })),
    ...Object.entries(json ?? {}).map(([path, wanted]) => ({ json: path, wanted })),
  ].map(({ wanted, ...value }) => ({
    read: compileResponseValue(value),
    wanted: compileText(String(wanted), names),
  }));
  const mostMs = maxDuration === undefined ? undefined : parseDuration(maxDuration);
  return {
    isStatic: part?.isStatic !== false && values.every(({ wanted }) => wanted.isStatic),
    render(scope) {
      const contained = part?.render(scope);
      const wanted = values.map((value) => value.wanted.render(scope));
      const hasValues = (response: HttpResponse): boolean => {
        const answer = new Answer(response);
        return values.every(({ read }, i) => String(read(answer)) === wanted[i]);
      };
      return (response) =>
        (statuses === undefined || statuses.includes(response.status)) &&
        (contained === undefined || response.text().includes(contained)) &&
        (mostMs === undefined || response.timings.duration <= mostMs) &&
        (values.length === 0 || hasValues(response));
    },
  };
}
