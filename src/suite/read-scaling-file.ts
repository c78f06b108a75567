// Reads an autoscaling policy from a file of its own: YAML or JSON with the keys of `scaling`, a list of rules, or a suite
// that has one. Called by cli/scaling.ts.

import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { type Mistake, messageOf, SuiteError, UsageError } from '../model/errors.ts';
import type { MetricDefinition } from '../model/metric.ts';
import type { ScalingPlan } from '../model/scaling.ts';
import { recordOf } from './mistake.ts';
import { readScaling } from './read-scaling.ts';
import { findScalingShapeMistakes } from './schema.ts';

const longestFile = 1_000_000;

/**
 * The policy of a file, whose rules may be on these metrics. Throws a `UsageError` for a file that cannot be read or has no
 * policy, and a `SuiteError` with every mistake in it.
 */
export async function readScalingFile(
  file: string,
  metrics: Readonly<Record<string, MetricDefinition>>,
): Promise<ScalingPlan> {
  const scaling = policyIn(await contentOf(file));
  if (scaling === undefined) {
    throw new UsageError(`${file} holds no autoscaling policy`, {
      hint: 'write `rules:` with a trigger and an action each, a list of such rules, or `scaling:` as in a suite',
    });
  }
  const mistakes: Mistake[] = findScalingShapeMistakes(scaling);
  const read = readScaling(['scaling'], scaling, metrics);
  const reported = new Set(mistakes.map(({ path }) => path));
  mistakes.push(...read.mistakes.filter(({ path }) => !reported.has(path)));
  if (mistakes.length > 0) throw new SuiteError(file, mistakes);
  return read.plan;
}

async function contentOf(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    throw new UsageError(`cannot read ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
  if (text.length > longestFile) throw new UsageError(`${file} is too long for an autoscaling policy`);
  try {
    const document = parseDocument(text, { merge: true, stringKeys: true });
    const [first] = document.errors;
    if (first !== undefined) throw first;
    return document.toJS();
  } catch (thrown) {
    throw new UsageError(`${file} is not sound YAML: ${messageOf(thrown).split('\n')[0]}`, { cause: thrown });
  }
}

/** What stands at `scaling`, else the whole, if it has rules or is a list of them. */
function policyIn(content: unknown): unknown {
  if (Array.isArray(content)) return { rules: content };
  const { scaling, rules } = recordOf(content);
  return scaling ?? (rules === undefined ? undefined : content);
}
