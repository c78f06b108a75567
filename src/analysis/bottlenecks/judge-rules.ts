// Applies the rules to a run: which signs are beyond their limits, with the limits that the suite gives. Called by
// bottlenecks.ts.

import { type BottleneckLimit, bottleneckLimits } from '../../model/bottleneck.ts';
import type { Plan } from '../../model/plan.ts';
import type { Candidate, Held, Rule, Sign, SignKind } from './rule.ts';
import type { Scene } from './scene.ts';

const kindRank: Readonly<Record<SignKind, number>> = {
  errors: 0,
  saturation: 1,
  utilisation: 2,
  waste: 3,
  guess: 4,
};

/** The rules that the suite leaves on, and what it wants to have judged otherwise. */
function limitsOf(
  { analysis }: Pick<Plan, 'analysis'>,
  { id }: Rule,
): Readonly<Record<string, BottleneckLimit>> | undefined {
  const rules = analysis?.rules ?? {};
  const own = Object.hasOwn(rules, id) ? rules[id] : undefined;
  if (own?.off === true) return undefined;
  const limits: Readonly<Record<string, BottleneckLimit>> = bottleneckLimits[id];
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => {
      const changed =
        own?.limits !== undefined && Object.hasOwn(own.limits, name) ? own.limits[name] : undefined;
      return [name, changed === undefined ? limit : { ...limit, limit: changed, source: 'the suite' }];
    }),
  );
}

/** The rules of which at least one sign counts, in the order of the rules. */
export function judgeRules(scene: Scene, rules: readonly Rule[]): Candidate[] {
  return rules.flatMap((rule): Candidate[] => {
    const limits = limitsOf(scene.measured.plan, rule);
    if (limits === undefined) return [];
    const held = Object.entries(rule.signs).flatMap(([name, sign]): Held[] => {
      const limit = limits[name];
      if (limit === undefined) return [];
      return sign
        .measure(scene)
        .filter(({ value }) => counts(value, limit))
        .map((measured) => ({ ...titled(sign), name, kind: sign.kind, measured, limit }));
    });
    held.sort((a, b) => kindRank[a.kind] - kindRank[b.kind] || excessOf(b) - excessOf(a));
    return held.length === 0 ? [] : [{ rule, held }];
  });
}

function titled({ title }: Sign): Pick<Held, 'title'> {
  return title === undefined ? {} : { title };
}

function counts(value: number, { counts: direction, limit }: BottleneckLimit): boolean {
  if (!Number.isFinite(value)) return false;
  return direction === 'over' ? value > limit : value < limit;
}

/** How far beyond its limit, as a factor from 1; 1000 at the most. */
export function excessOf({ measured: { value }, limit: { counts: direction, limit } }: Held): number {
  const [greater, less] = direction === 'over' ? [value, limit] : [limit, value];
  return less <= 0 ? 1000 : Math.min(1000, greater / less);
}
