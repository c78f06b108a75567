// Values in answers, named by requests as data: by `save`, `measure` and checks. Called by declarative.ts and measures.ts in
// the workers.

import type { HttpResponse } from '../model/context.ts';
import { ExactNumber } from '../model/exact-number.ts';
import type { MeasureDefinition, ResponseValue } from '../model/suite.ts';
import { parseExact } from './exact-json.ts';
import { valueAtPath } from './template.ts';

/** An answer whose JSON is read once, however many values are taken from it. */
export class Answer {
  readonly response: HttpResponse;
  #json: { readonly value: unknown } | undefined;

  constructor(response: HttpResponse) {
    this.response = response;
  }

  /** Its numbers as they stand: an id that is saved must be the id that is sent. Throws a `SyntaxError` for what is no JSON. */
  json(): unknown {
    this.#json ??= { value: parseExact(this.response.text()) };
    return this.#json.value;
  }
}

/** The value, or `undefined` where the answer has none. Throws a `SyntaxError` when JSON is wanted and the body is none. */
export type ReadValue = (answer: Answer) => unknown;

/** Throws a `SyntaxError` for a pattern that is no regular expression: validated suites cannot hold one. */
export function compileResponseValue(value: ResponseValue): ReadValue {
  if (typeof value === 'string') return readJson(value);
  if ('json' in value) return readJson(value.json);
  if ('body' in value) {
    const pattern = new RegExp(value.body);
    return ({ response }) => matchIn(pattern, response.text());
  }
  const name = value.header.toLowerCase();
  if (value.pattern === undefined) return ({ response }) => response.headers[name];
  const pattern = new RegExp(value.pattern);
  return ({ response }) => matchIn(pattern, response.headers[name]);
}

/** In words, for messages: `"auth.token"`, `header location`. */
export function describeResponseValue(value: ResponseValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if ('json' in value) return JSON.stringify(value.json);
  if ('body' in value) return `match of ${value.body} in its body`;
  return `header ${value.header}${value.pattern === undefined ? '' : ` with a match of ${value.pattern}`}`;
}

function readJson(dotted: string): ReadValue {
  const path = dotted.split('.');
  return (answer) => valueAtPath(answer.json(), path);
}

function matchIn(pattern: RegExp, text: string | undefined): string | undefined {
  const match = text === undefined ? null : pattern.exec(text);
  return match === null ? undefined : (match[1] ?? match[0]);
}

/** Whether a value is, as a text, what `equals` or `matches` of a rate says. */
export function compileCondition({
  equals,
  matches = '',
}: Pick<MeasureDefinition, 'equals' | 'matches'>): (value: unknown) => boolean {
  if (equals !== undefined) {
    const wanted = String(equals);
    return (value) => String(value) === wanted;
  }
  const pattern = new RegExp(matches);
  return (value) => pattern.test(String(value));
}

/** `undefined` for a value that is no number, nor a text that says one. */
export function numberIn(value: unknown): number | undefined {
  const isText = typeof value === 'string' && value.trim() !== '';
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof ExactNumber;
  const number = isText || isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
