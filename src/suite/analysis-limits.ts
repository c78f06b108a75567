// What a suite changes of the rules about bottlenecks: mistakes in it, and what a plan holds of it. Called by rules.ts and
// plan/plan.ts.

import {
  type AnalysisPlan,
  type BottleneckLimit,
  type BottleneckRulePlan,
  bottleneckLimits,
  bottleneckRuleIds,
  type LimitUnit,
} from '../model/bottleneck.ts';
import type { Mistake } from '../model/errors.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { mistakeAt, type Path, recordOf, unknownName } from './mistake.ts';
import { parseQuantity } from './quantity.ts';

const known: Readonly<Record<string, Readonly<Record<string, BottleneckLimit>>>> = bottleneckLimits;

const examples: Readonly<Record<LimitUnit, string>> = {
  ratio: 'a share such as 0.9 or "90%"',
  ms: 'a time such as 200 (ms) or "200ms"',
  count: 'a number such as 10',
  'per min': 'a number a minute such as 10 or "10/min"',
  times: 'a factor such as 2',
};

/** All mistakes in `analysis.rules`: rules and signs that there are none of, and limits in another unit. */
export function findAnalysisMistakes(suite: unknown): Mistake[] {
  const rules = recordOf(recordOf(recordOf(suite).analysis).rules);
  return Object.entries(rules).flatMap(([id, changes]) => {
    const at = ['analysis', 'rules', id];
    if (!Object.hasOwn(known, id)) return [unknownName(at, 'a rule', id, bottleneckRuleIds)];
    return Object.entries(recordOf(recordOf(changes).limits)).flatMap(([sign, value]) =>
      findLimitMistakes([...at, 'limits', sign], known[id]!, sign, value),
    );
  });
}

function findLimitMistakes(
  path: Path,
  limits: Readonly<Record<string, BottleneckLimit>>,
  sign: string,
  value: unknown,
): Mistake[] {
  if (!Object.hasOwn(limits, sign))
    return [unknownName(path, 'a sign of the rule', sign, Object.keys(limits))];
  if (typeof value !== 'number' && typeof value !== 'string') return [];
  const { unit } = limits[sign]!;
  return limitOf(value, unit) === undefined ? [mistakeAt(path, examples[unit], value)] : [];
}

/** A limit in the unit of its sign; `undefined` where it is none. Shares are 0..1. */
function limitOf(value: number | string, unit: LimitUnit): number | undefined {
  const quantity = typeof value === 'number' ? { value, dimension: 'none' as const } : parseQuantity(value);
  if (quantity === undefined || !Number.isFinite(quantity.value) || quantity.value < 0) return undefined;
  const { dimension } = quantity;
  const perMs = 'perMs' in quantity ? quantity.perMs : undefined;
  if (perMs !== undefined && unit !== 'per min') return undefined;
  if (
    dimension !== 'none' &&
    !(dimension === 'ratio' && unit === 'ratio') &&
    !(dimension === 'time' && unit === 'ms')
  ) {
    return undefined;
  }
  if (unit === 'ratio') return quantity.value <= 1 ? quantity.value : undefined;
  return unit === 'per min' && perMs !== undefined ? (quantity.value * 60_000) / perMs : quantity.value;
}

/** What differs from the usual, for the plan of a checked suite; no field where nothing does. */
export function planAnalysis({ analysis }: SuiteDefinition): { readonly analysis?: AnalysisPlan } {
  const changed = Object.entries(analysis?.rules ?? {}).flatMap(([id, { off, limits }]) => {
    const plain = Object.entries(limits ?? {}).flatMap(([sign, value]): [string, number][] => {
      const limit = known[id]?.[sign];
      const number = limit === undefined ? undefined : limitOf(value, limit.unit);
      return number === undefined ? [] : [[sign, number]];
    });
    const rule: BottleneckRulePlan = {
      ...(off === true && { off }),
      ...(plain.length > 0 && { limits: Object.fromEntries(plain) }),
    };
    return Object.keys(rule).length === 0 ? [] : [[id, rule] as const];
  });
  return changed.length === 0 ? {} : { analysis: { rules: Object.fromEntries(changed) } };
}
