// Rules of test data: what a feeder may say together with what else, before any file is opened; and, once its columns are
// known, the columns that the suite names. Called by rules.ts, and by load-data.ts.

import path from 'node:path';
import { findPlaceFault } from '../feeders/generated-rows.ts';
import { findColumnMistake } from '../feeders/scan-file.ts';
import type { Mistake } from '../model/errors.ts';
import type { FeederPlan, FileFormat } from '../model/feeder.ts';
import { mistakeAt, type Path, printPath, recordOf, unknownName } from './mistake.ts';
import { findChoiceMistakes, findNameMistakes } from './rules-names.ts';
import { findFeederPlaces, templateRoots } from './template.ts';

const formats: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

/** By the ending of a file's name; `undefined` for another one. */
export function formatOfFile(file: string): FileFormat | undefined {
  return formats[path.extname(file).toLowerCase()];
}

/** The names of a suite's feeders, whatever else is wrong with it. */
export function feederNames(suite: unknown): string[] {
  return Object.keys(recordOf(recordOf(suite).data));
}

export function findDataMistakes(suite: unknown): Mistake[] {
  return Object.entries(recordOf(recordOf(suite).data)).flatMap(([name, feeder]) => {
    const at: Path = ['data', name];
    const reserved = templateRoots.includes(name)
      ? [mistakeAt(at, `another name: \${${name}} in templates means something else`, name)]
      : [];
    return [
      ...findNameMistakes(at, name),
      ...reserved,
      ...findChoiceMistakes(at, feeder, ['file', 'rows', 'generate']),
      ...findSourceMistakes(at, recordOf(feeder)),
      ...findPolicyMistakes(at, recordOf(feeder)),
    ];
  });
}

type Raw = Readonly<Record<string, unknown>>;

function findSourceMistakes(at: Path, feeder: Raw): Mistake[] {
  const { file, generate, columns } = feeder;
  const format = feeder.format ?? (typeof file === 'string' ? formatOfFile(file) : undefined);
  const mistakes: Mistake[] = [];
  if (typeof file === 'string' && file !== '' && format === undefined) {
    mistakes.push(
      mistakeAt([...at, 'file'], 'a file that ends in .csv, .json, .jsonl or .ndjson, or a `format`', file),
    );
  }
  for (const key of ['format', 'delimiter', 'columns']) {
    if (feeder[key] === undefined) continue;
    if (file === undefined)
      mistakes.push(mistakeAt([...at, key], `no \`${key}\`: there is no file`, feeder[key]));
    else if (key !== 'format' && format !== undefined && format !== 'csv') {
      mistakes.push(mistakeAt([...at, key], `no \`${key}\`: the file is not CSV`, feeder[key]));
    }
  }
  if (Array.isArray(columns)) {
    const mistake = findColumnMistake(columns.map(String));
    if (mistake !== undefined) {
      mistakes.push({ path: printPath([...at, 'columns']), expected: 'names that differ', found: mistake });
    }
  }
  if (feeder.count !== undefined && generate === undefined) {
    mistakes.push(mistakeAt([...at, 'count'], 'no `count`: the rows are not generated', feeder.count));
  }
  return [...mistakes, ...findGeneratorMistakes([...at, 'generate'], generate)];
}

function findGeneratorMistakes(at: Path, generate: unknown): Mistake[] {
  if (typeof generate !== 'object' || generate === null) return [];
  const columns = Object.entries(generate);
  if (columns.length === 0) return [mistakeAt(at, 'at least one column', generate)];
  return columns.flatMap(([name, column]) => {
    const fault = typeof column === 'string' ? findPlaceFault(column) : undefined;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the placeholders themselves
    const known = '${row}, or ${row:000} for a number of at least three digits';
    return fault === undefined ? [] : [mistakeAt([...at, name], known, fault)];
  });
}

function findPolicyMistakes(at: Path, { policy = 'circular', atEnd, generate, count }: Raw): Mistake[] {
  const isEndless = generate !== undefined && count === undefined;
  if (policy === 'random' && isEndless) {
    return [{ path: printPath([...at, 'count']), expected: 'the number of rows that `random` draws from' }];
  }
  if (atEnd === undefined) return [];
  const where = [...at, 'atEnd'];
  if (isEndless) return [mistakeAt(where, 'no `atEnd`: without `count` the rows have no end', atEnd)];
  if (policy === 'random' && atEnd !== 'wrap') {
    return [mistakeAt(where, 'no `atEnd`: random rows have no end', atEnd)];
  }
  if (policy === 'circular' && atEnd !== 'wrap') {
    return [mistakeAt(where, '"wrap", or the policy "unique": circular rows begin again at the end', atEnd)];
  }
  if (policy === 'unique' && atEnd === 'wrap') {
    return [
      mistakeAt(
        where,
        '"stop-user", "end-scenario" or "fail", or the policy "circular": a unique row is given once',
        atEnd,
      ),
    ];
  }
  return [];
}

/** Columns that the suite names and no row has: in `secrets`, and in requests written as data. */
export function findColumnMistakes(suite: unknown, plans: readonly FeederPlan[]): Mistake[] {
  const columns = new Map(plans.map((plan) => [plan.name, plan.columns]));
  const inSecrets = plans.flatMap(({ name, columns: known, masked }) =>
    masked.flatMap((column, i) =>
      known.includes(column) ? [] : [unknownName(['data', name, 'secrets', i], 'a column', column, known)],
    ),
  );
  const inRequests = requestsOf(suite).flatMap(({ at, request }) =>
    findFeederPlaces(at, request, [...columns.keys()]).flatMap(({ at: where, feeder, column }) => {
      const known = columns.get(feeder)!;
      return known.includes(column) ? [] : [unknownName(where, `a column of data.${feeder}`, column, known)];
    }),
  );
  return [...inSecrets, ...inRequests];
}

function requestsOf(suite: unknown): { readonly at: Path; readonly request: unknown }[] {
  return Object.entries(recordOf(recordOf(suite).users)).flatMap(([name, user]) => {
    const { onStart, onStop, tasks, flow } = recordOf(user);
    const at: Path = ['users', name];
    const actions = [
      ...Object.entries({ onStart, onStop }).map(([key, hook]) => ({ at: [...at, key], action: hook })),
      ...Object.entries({ tasks, flow }).flatMap(([key, all]) =>
        Object.entries(recordOf(all)).map(([action, one]) => ({ at: [...at, key, action], action: one })),
      ),
    ];
    return actions.flatMap(({ at: where, action }) => {
      const { requests } = recordOf(action);
      const list: readonly unknown[] = Array.isArray(requests) ? requests : [];
      return list.map((request, i) => ({ at: [...where, 'requests', i], request }));
    });
  });
}
