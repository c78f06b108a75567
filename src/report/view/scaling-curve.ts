// The curve of throughput by load as a chart draws it: the levels that were measured, and the law that was fitted to them.
// Called by charts.ts and scalability.ts.

import type { Scalability } from '../../analysis/scalability.ts';
import { loadText } from '../../analysis/scalability-findings.ts';
import { uslThroughput } from '../../stats/usl.ts';
import { formatPerSec } from '../format-values.ts';

const pointCount = 60;
/** The curve goes a little beyond the levels: what lies further was not seen. */
const beyond = 1.25;

/** One value per load, ascending; null where a line has no point. */
export interface ScalingCurve {
  /** `users`, `in flight`. */
  readonly unit: string;
  readonly summary: string;
  readonly load: readonly number[];
  readonly fitted: readonly (number | null)[];
  readonly measured: readonly (number | null)[];
  /** Levels that do not count. */
  readonly leftOut: readonly (number | null)[];
}

/** `undefined` where no curve was fitted. */
export function scalingCurve(scalability: Scalability | undefined): ScalingCurve | undefined {
  const model = scalability?.model;
  if (scalability === undefined || model === undefined) return undefined;
  const { levels, unit } = scalability;
  const counted = levels.filter(({ leftOut }) => leftOut === undefined);
  const [least, most] = [counted[0]!.load, counted.at(-1)!.load];
  const parameters = { sigma: model.sigma.value, kappa: model.kappa.value, gamma: model.gamma.value };
  const from = Math.min(least, 1);
  const points = [
    ...Array.from({ length: pointCount }, (_, i) => {
      const load = from + ((most * beyond - from) * i) / (pointCount - 1);
      return { load, fitted: uslThroughput(parameters, load), measured: null, leftOut: null };
    }),
    ...levels.map(({ load, throughput, leftOut }) => {
      const isCounted = leftOut === undefined;
      return {
        load,
        fitted: uslThroughput(parameters, load),
        measured: isCounted ? throughput : null,
        leftOut: isCounted ? null : throughput,
      };
    }),
  ].sort((a, b) => a.load - b.load);
  const short = (value: number | null): number | null =>
    value === null ? null : Number(value.toPrecision(5));
  const texts = counted.map(
    ({ load, throughput }) => `${formatPerSec(throughput)} at ${loadText(load, unit)}`,
  );
  return {
    unit,
    summary: `Iterations finished per second by load: ${texts.join('; ')}. The curve is the fitted law.`,
    load: points.map(({ load }) => Number(load.toPrecision(5))),
    fitted: points.map(({ fitted }) => short(fitted)),
    measured: points.map(({ measured }) => short(measured)),
    leftOut: points.map(({ leftOut }) => short(leftOut)),
  };
}
