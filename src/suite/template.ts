// Templates in requests written as data: `/items/${iteration}`. Compiled once, rendered by every iteration.
// Used by declarative.ts in the workers and by the rules of the schema.

import type { TaskContext } from '../model/context.ts';
import type { Mistake } from '../model/errors.ts';
import { ExactNumber, stringifyExact } from '../model/exact-number.ts';
import type { Row } from '../model/feeder.ts';
import { nearestName } from '../text/nearest-name.ts';
import { mistakeAt, type Path } from './mistake.ts';

/** What a template may look at. */
export type TemplateScope = Pick<TaskContext, 'vu' | 'iteration' | 'env' | 'session' | 'data'> & {
  /** By feeder: those that the templates name. */
  readonly rows?: Readonly<Record<string, Row>>;
};

/** The feeders that templates may name. Those that they do name are added to `used`. */
export interface FeederNames {
  readonly known: readonly string[];
  readonly used: Set<string>;
}

/** A compiled value. `isStatic` ones are the same for every iteration. */
export interface Template<Value> {
  readonly isStatic: boolean;
  render(scope: TemplateScope): Value;
}

type Lookup = (scope: TemplateScope) => unknown;

const placeholder = /\$\{([^}]*)\}/g;
const wholePlaceholder = /^\$\{([^}]*)\}$/;
// biome-ignore lint/suspicious/noTemplateCurlyInString: these are the placeholders themselves
const knownPlaces = '${vu.id}, ${iteration}, ${random}, ${env.NAME}, ${session.name} or ${data.name}';

/** What placeholders begin with, beside the names of feeders. */
export const templateRoots: readonly string[] = ['iteration', 'random', 'vu', 'env', 'session', 'data'];

function placesWith({ known }: Pick<FeederNames, 'known'>): string {
  const ofFeeders = known.slice(0, 6).map((name) => `\${${name}.column}`);
  return [...ofFeeders, knownPlaces].join(', ');
}

/** The value at a dotted path (`items.0.id`), or `undefined` where the path ends early. */
export function valueAtPath(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** How to find what a placeholder names; `undefined` when it names nothing that exists. */
function parsePlaceholder(name: string, feeders: FeederNames): Lookup | undefined {
  const [root, ...path] = name.trim().split('.');
  const dotted = path.length > 0 && path.every((part) => part !== '');
  switch (root) {
    case 'iteration':
      return path.length === 0 ? (scope) => scope.iteration : undefined;
    case 'random':
      return path.length === 0 ? (scope) => Math.floor(scope.vu.random() * 1_000_000) : undefined;
    case 'vu': {
      const key = path.join('.');
      return key === 'id' || key === 'scenario' || key === 'user' ? (scope) => scope.vu[key] : undefined;
    }
    case 'env':
      return path.length === 1 && dotted ? (scope) => scope.env[path[0]!] : undefined;
    case 'session':
      return dotted ? (scope) => valueAtPath(scope.session, path) : undefined;
    case 'data':
      return dotted ? (scope) => valueAtPath(scope.data, path) : undefined;
    default:
      if (root === undefined || !dotted || !feeders.known.includes(root)) return undefined;
      feeders.used.add(root);
      return (scope) => valueAtPath(scope.rows?.[root], path);
  }
}

function compilePlaceholder(name: string, feeders: FeederNames): Lookup {
  const lookup = parsePlaceholder(name, feeders);
  if (lookup === undefined) {
    throw new TypeError(`\${${name}} is not known; there are ${placesWith(feeders)}`);
  }
  return (scope) => {
    const value = lookup(scope);
    if (value === undefined || value === null) throw new Error(`\${${name}} has no value`);
    return value;
  };
}

function printed(value: unknown): string {
  return typeof value === 'object' ? (stringifyExact(value) ?? JSON.stringify(value)) : String(value);
}

/**
 * Compiles a text. Throws a `TypeError` for a placeholder of an unknown kind; rendering throws an `Error` that
 * names the placeholder when it has no value.
 */
export function compileText(text: string, feeders: FeederNames): Template<string> {
  const parts: (string | Lookup)[] = [];
  let end = 0;
  for (const match of text.matchAll(placeholder)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(compilePlaceholder(match[1]!, feeders));
    end = match.index + match[0].length;
  }
  if (parts.length === 0) return { isStatic: true, render: () => text };
  if (end < text.length) parts.push(text.slice(end));
  return {
    isStatic: false,
    render(scope) {
      let result = '';
      for (const part of parts) result += typeof part === 'string' ? part : printed(part(scope));
      return result;
    },
  };
}

/**
 * Compiles every text within a JSON-like value. A text that is one placeholder and nothing else keeps the type
 * of what it names, so that `{ "leads": "${iteration}" }` sends a number.
 */
export function compileValue(value: unknown, feeders: FeederNames): Template<unknown> {
  if (typeof value === 'string') {
    const name = wholePlaceholder.exec(value)?.[1];
    if (name === undefined) return compileText(value, feeders);
    return { isStatic: false, render: compilePlaceholder(name, feeders) };
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => compileValue(item, feeders));
    if (items.every((item) => item.isStatic)) return { isStatic: true, render: () => value };
    return { isStatic: false, render: (scope) => items.map((item) => item.render(scope)) };
  }
  if (typeof value !== 'object' || value === null || isWhole(value)) {
    return { isStatic: true, render: () => value };
  }
  const entries = Object.entries(value).map(([key, one]) => [key, compileValue(one, feeders)] as const);
  if (entries.every(([, one]) => one.isStatic)) return { isStatic: true, render: () => value };
  return {
    isStatic: false,
    render: (scope) => Object.fromEntries(entries.map(([key, one]) => [key, one.render(scope)])),
  };
}

/** Is it sent as it is, without a look inside? */
function isWhole(value: object): boolean {
  return value instanceof Uint8Array || value instanceof ExactNumber;
}

/** Every placeholder within a value, however deep, with where it stands. */
function* placeholdersIn(at: Path, value: unknown): Generator<{ at: Path; whole: string; name: string }> {
  if (typeof value === 'string') {
    for (const [whole, name] of value.matchAll(placeholder)) yield { at, whole, name: name! };
  } else if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) yield* placeholdersIn([...at, i], one);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, one] of Object.entries(value)) yield* placeholdersIn([...at, key], one);
  }
}

/** A mistake for every placeholder, anywhere in the value, of a kind that does not exist. */
export function findTemplateMistakes(path: Path, value: unknown, known: readonly string[]): Mistake[] {
  const feeders = { known, used: new Set<string>() };
  return [...placeholdersIn(path, value)].flatMap(({ at, whole, name }) =>
    parsePlaceholder(name, feeders) === undefined
      ? [mistakeAt(at, `one of ${placesWith(feeders)}`, whole, nearestFeeder(name, known))]
      : [],
  );
}

/** `${customers.email}` in place of `${customer.email}`. */
function nearestFeeder(name: string, known: readonly string[]): string | undefined {
  const [root = '', ...path] = name.trim().split('.');
  const nearest = path.length === 0 ? undefined : nearestName(root, known);
  return nearest === undefined ? undefined : `\${${[nearest, ...path].join('.')}}`;
}

/** The columns of feeders that a value names. */
export function findFeederPlaces(
  path: Path,
  value: unknown,
  known: readonly string[],
): { readonly at: Path; readonly feeder: string; readonly column: string }[] {
  return [...placeholdersIn(path, value)].flatMap(({ at, name }) => {
    const [feeder = '', column] = name.trim().split('.');
    return column !== undefined && known.includes(feeder) ? [{ at, feeder, column }] : [];
  });
}
