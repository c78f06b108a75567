// Shares of operations that failed in one way, or were answered with one status. Used by rules-load.ts and other rules.

import type { BuiltInMetric } from '../../model/metric.ts';
import { operationMetrics, sentKinds } from '../../model/operation.ts';
import { countOf } from '../measured.ts';
import type { Measured } from './rule.ts';
import type { Scene } from './scene.ts';

/** Codes and places named in evidence, at the most. */
const named = 3;

/** Operations of all kinds that were sent. */
export function sentCount({ measured }: Scene): number {
  return sentKinds.reduce(
    (sum, kind) => sum + countOf(measured, operationMetrics[kind].count as BuiltInMetric),
    0,
  );
}

/** The share of all operations of the run that failed with codes that fit; none where nothing was sent. */
export function errorShare(scene: Scene, codes: RegExp, what: string): Measured[] {
  const total = sentCount(scene);
  if (total === 0) return [];
  const counts = new Map<string, number>();
  for (const { code, count, source } of scene.measured.errors) {
    if (source === 'request' && code !== 'aborted' && codes.test(code)) {
      counts.set(code, (counts.get(code) ?? 0) + count);
    }
  }
  const failed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const more = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, named)
    .map(([name, value]) => ({ name, value, unit: 'count' }));
  return [
    {
      name: `share of operations that ${what}`,
      title: `operations that ${what}`,
      value: Math.min(1, failed / total),
      unit: 'ratio',
      more,
    },
  ];
}

/** The share of HTTP answers with a status that fits, also of those that the suite expects. */
export function statusShare({ measured }: Scene, fits: (status: number) => boolean): Measured[] {
  const total = countOf(measured, 'http_reqs');
  if (total === 0) return [];
  const more = Object.values(measured.metrics).flatMap(({ metric, tags, values }) => {
    const isOfStatus = metric === 'http_reqs' && tags?.status !== undefined && Object.keys(tags).length === 1;
    if (!isOfStatus || !('count' in values) || values.count === 0 || !fits(Number(tags.status))) return [];
    return [{ name: `answers with status ${tags.status}`, value: values.count, unit: 'count' }];
  });
  const value = Math.min(1, more.reduce((sum, one) => sum + one.value, 0) / total);
  const shown = more.sort((a, b) => b.value - a.value).slice(0, named);
  const which = shown.map(({ name }) => name.slice('answers with status '.length)).join(', ');
  const title = `answers with status ${which === '' ? 'of this kind' : which}`;
  return [{ name: `share of ${title}`, title, value, unit: 'ratio', more: shown }];
}
