// Scalars of a YAML suite that are read as numbers, or as true and false, with the text that the user wrote: `01234` is
// 1234, and `1.10` is 1.1. Where a text is meant it is taken as written; where it cannot be, the loss is a mistake. Used
// by yaml-suite.ts.

import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml';
import type { Mistake } from '../model/errors.ts';
import { mistakeAt, parsePath } from './mistake.ts';

type YamlPath = readonly (string | number)[];

export interface PlainScalar {
  readonly path: YamlPath;
  /** As written. */
  readonly source: string;
  readonly value: number | bigint | boolean;
}

export const mergeKey = '<<';

/** All scalars that are numbers or truth values, wherever they come to stand: aliases and merges are followed. */
export function plainScalars(document: Document.Parsed): PlainScalar[] {
  const found = new Map<string, PlainScalar>();
  const within: unknown[] = [];

  function visit(given: unknown, path: YamlPath): void {
    const node = isAlias(given) ? given.resolve(document) : given;
    // An alias may stand within what it is an alias of.
    if (within.includes(node)) return;
    within.push(node);
    if (isMap(node)) visitMap(node.items as Pair<ParsedNode, ParsedNode>[], path);
    else if (isSeq(node)) for (const [i, item] of node.items.entries()) visit(item, [...path, i]);
    else if (isScalar(node)) note(node.value, node.source, path);
    within.pop();
  }

  function visitMap(items: readonly Pair<ParsedNode, ParsedNode>[], path: YamlPath): void {
    const isMerge = ({ key }: Pair<ParsedNode, ParsedNode>): boolean => String(key) === mergeKey;
    for (const pair of items) if (!isMerge(pair)) visit(pair.value, [...path, String(pair.key)]);
    for (const pair of items.filter(isMerge)) {
      const merged = isSeq(pair.value) ? pair.value.items : [pair.value];
      for (const one of merged) visit(one, path);
    }
  }

  function note(value: unknown, source: string | undefined, path: YamlPath): void {
    const key = JSON.stringify(path);
    if (source === undefined || found.has(key)) return;
    if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') return;
    found.set(key, { path, source, value });
  }

  visit(document.contents, []);
  return [...found.values()];
}

/** Where both texts and numbers are fine, and a text is sent: headers, parameters and form fields of requests. */
function isSentAsText({ path }: PlainScalar): boolean {
  return partOfRequest(path) !== undefined && ['headers', 'params', 'form'].includes(partOfRequest(path)!);
}

/** `users.<user>.tasks.<task>.requests[<k>].<part>...` */
function partOfRequest(path: YamlPath): string | undefined {
  const [users, , actions, , requests, , part] = path;
  const isRequest =
    users === 'users' && (actions === 'tasks' || actions === 'flow') && requests === 'requests';
  return isRequest && part !== undefined ? String(part) : undefined;
}

/**
 * Puts texts as written in place of the scalars where texts are meant: where they are sent as such, and where `findMistakes`
 * asks for a text and is content with it. Changes `root`.
 */
export function restoreTexts(
  root: unknown,
  scalars: readonly PlainScalar[],
  findMistakes: (value: unknown) => readonly Mistake[],
): void {
  for (const scalar of scalars) if (isSentAsText(scalar)) put(root, scalar, scalar.source);
  const wrong = pathsOf(findMistakes(root));
  const tried = scalars.filter((scalar) => !isSentAsText(scalar) && wrong.has(JSON.stringify(scalar.path)));
  if (tried.length === 0) return;
  for (const scalar of tried) put(root, scalar, scalar.source);
  const stillWrong = pathsOf(findMistakes(root));
  for (const scalar of tried) {
    if (stillWrong.has(JSON.stringify(scalar.path))) put(root, scalar, scalar.value);
  }
}

function pathsOf(mistakes: readonly Mistake[]): ReadonlySet<string> {
  return new Set(mistakes.map(({ path }) => JSON.stringify(parsePath(path))));
}

function put(root: unknown, { path }: PlainScalar, value: PlainScalar['value'] | string): void {
  let holder = root;
  for (const part of path.slice(0, -1))
    holder = (holder as Record<string | number, unknown> | undefined)?.[part];
  const last = path.at(-1);
  if (typeof holder !== 'object' || holder === null || last === undefined || !Object.hasOwn(holder, last))
    return;
  (holder as Record<string | number, unknown>)[last] = value;
}

/** Numbers of JSON bodies that would be sent as another number than was written, or as none. */
export function findLostTexts(scalars: readonly PlainScalar[]): Mistake[] {
  return scalars.flatMap(({ path, source, value }) => {
    if (partOfRequest(path) !== 'json' || typeof value === 'boolean' || keepsItsText(source, value))
      return [];
    const sent = JSON.stringify(Number(value));
    return [mistakeAt(path, `quotes around it: "${source}"; without them ${sent} is sent`, source)];
  });
}

const decimal = /^[-+]?(?:0|[1-9]\d*|(?=\.\d))(?:\.\d*)?(?:e[-+]?\d+)?$/i;

/** Whether a number says all that its text does: not with leading zeros, to another base, or with more digits than it has. */
function keepsItsText(source: string, value: number | bigint): boolean {
  if (!decimal.test(source)) return false;
  const [written, read] = [source, String(value)].map(digitsOf);
  return written === read;
}

/** Significant digits and the place of the first, so that `1.10` is `1.1` and `1e3` is `1000`. */
function digitsOf(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  const all = whole + fraction;
  const digits = all.replace(/^0+/, '');
  const place = whole.length + Number(exponent) - (all.length - digits.length);
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '0' : `${sign === '-' ? '-' : ''}${significant}@${place}`;
}
