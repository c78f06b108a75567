// Which executors there are, and what is said of others and of what does not fit together in one. Used by rules-profiles.ts.

import type { FieldMistake, LoadForm, Unchecked } from '../executors/executor.ts';
import { loadForms } from '../executors/executors.ts';
import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';

/**
 * What does not fit together in a scenario, and that it names no executor, or one that does not exist. Then only what is
 * wrong with every executor that may be meant is a mistake.
 */
export function findExecutorMistakes(path: Path, scenario: unknown): Mistake[] {
  if (typeof scenario !== 'object' || scenario === null) return [];
  const fields = recordOf(scenario);
  const { executor } = fields;
  const forms = loadForms();
  const form = typeof executor === 'string' ? forms.get(executor) : undefined;
  const found = ({ at, expected, found }: FieldMistake): Mistake =>
    mistakeAt([...path, ...at], expected, found);
  if (form !== undefined) return form.findMistakes(fields).map(found);
  const names = [...forms.keys()];
  const nearest = typeof executor === 'string' ? nearestName(executor, names) : undefined;
  const meant = nearest === undefined ? formsWithFieldsOf(fields) : [forms.get(nearest)!];
  return [
    mistakeAt([...path, 'executor'], `one of the executors ${listNames(names)}`, executor, nearest),
    ...findSharedMistakes(meant, fields).map(found),
  ];
}

/** The executors that have every field which the scenario gives and any executor has. */
function formsWithFieldsOf(scenario: Unchecked): LoadForm<never>[] {
  const forms = [...loadForms().values()];
  const given = Object.keys(scenario).filter((key) => forms.some(({ fields }) => Object.hasOwn(fields, key)));
  return forms.filter(({ fields }) => given.every((key) => Object.hasOwn(fields, key)));
}

function findSharedMistakes(forms: readonly LoadForm<never>[], scenario: Unchecked): readonly FieldMistake[] {
  const [first = [], ...others] = forms.map((form) => form.findMistakes(scenario));
  const isSame = (a: FieldMistake, b: FieldMistake): boolean =>
    a.expected === b.expected && a.at.join() === b.at.join();
  return first.filter((one) => others.every((list) => list.some((other) => isSame(one, other))));
}
