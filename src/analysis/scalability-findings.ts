// What the levels of a run say of its scalability, in words. Called by analyse.ts, and by the reports for several runs.

import type { Evidence, Finding } from '../model/verdict.ts';
import { formatFigure } from '../text/format-figure.ts';
import type { Estimate, Scalability, ScalabilityModel } from './scalability.ts';
import type { LoadUnit } from './scaling-levels.ts';

/** One finding when the levels of a run support a model; none otherwise, since most runs are not made for that. */
export function scalabilityFindings(scalability: Scalability | undefined): Finding[] {
  const model = scalability?.model;
  if (scalability === undefined || model === undefined) return [];
  const { unit } = scalability;
  const evidence: Evidence[] = [
    ...(model.peak === undefined
      ? []
      : intervalEvidence('load of the greatest throughput', model.peak.load, unit)),
    ...(model.peak === undefined
      ? []
      : intervalEvidence('greatest throughput', model.peak.throughput, 'iterations/s')),
    ...intervalEvidence('sigma (contention)', model.sigma, ''),
    ...intervalEvidence('kappa (coherency)', model.kappa, ''),
    { name: 'R²', value: model.rSquared, unit: '' },
  ];
  return [
    {
      kind: 'scalability',
      severity: 'info',
      title: scalabilityTitle(scalability, model),
      detail: scalabilitySentences(scalability, model).join(' '),
      evidence: evidence.filter(({ value }) => Number.isFinite(value)),
    },
  ];
}

function intervalEvidence(name: string, { value, low, high }: Estimate, unit: string): Evidence[] {
  return [
    { name, value, unit },
    { name: `${name}, low end of the 95 % interval`, value: low, unit },
    { name: `${name}, high end of the 95 % interval`, value: high, unit },
  ];
}

/** `40 users`, `12.3 in flight`. */
export function loadText(load: number, unit: LoadUnit): string {
  if (unit === 'users') return formatFigure(Math.round(load), 'users');
  return `${formatFigure(load, 'count')} in flight`;
}

/** `96 (80 to 120)`; without an upper end `96 (80 or more)`. */
export function rangeText({ value, low, high }: Estimate, show: (value: number) => string): string {
  const range = Number.isFinite(high) ? `${show(low)} to ${show(high)}` : `${show(low)} or more`;
  return `${show(value)} (${range})`;
}

function scalabilityTitle({ unit, levels }: Scalability, { peak, capacity }: ScalabilityModel): string {
  if (peak === undefined) {
    return `Throughput shows no peak up to ${loadText(capacity.load, unit)}`;
  }
  const users = loadText(peak.load.value, unit);
  const isSeen = levels.some(({ leftOut, load }) => leftOut === undefined && load >= peak.load.value);
  return `Throughput ${isSeen ? 'is' : 'would be'} greatest at about ${users}${isSeen ? '' : ', by the curve'}: ${formatFigure(Math.round(peak.throughput.value), 'iterations/s')}`;
}

/** The model in sentences, with its intervals. How much load is safe depends on limits too: capacity-plan/ says that. */
export function scalabilitySentences({ unit, levels }: Scalability, model: ScalabilityModel): string[] {
  const { peak, sigma, kappa, rSquared, deviation } = model;
  const counted = levels.filter(({ leftOut }) => leftOut === undefined);
  const whole = (value: number): string => formatFigure(Math.round(value), 'count');
  const load = unit === 'users' ? whole : (value: number): string => formatFigure(value, 'count');
  const small = (value: number): string => (value === 0 ? '0' : value.toPrecision(3));
  const [least, most] = [counted[0]!.load, counted.at(-1)!.load];
  const isBeyond = peak !== undefined && peak.load.value > most;
  const greatest =
    peak === undefined
      ? `No peak of throughput is proven up to ${loadText(most, unit)}.`
      : `Throughput ${isBeyond ? 'would be' : 'is'} greatest at ${rangeText(peak.load, load)} ${unit === 'users' ? 'users' : 'iterations in flight'}, with ${rangeText(peak.throughput, whole)} iterations/s.`;
  const unseen = isBeyond ? ' That load was not reached: the peak follows from the curve.' : '';
  return [
    `The Universal Scalability Law was fitted to ${counted.length} levels from ${load(least)} to ${loadText(most, unit)}; ranges are 95 % intervals.`,
    `${greatest}${unseen}`,
    `Contention sigma ${rangeText(sigma, small)}, coherency kappa ${rangeText(kappa, small)}; R² ${rSquared.toFixed(3)}, the levels lie ${formatFigure(deviation, 'ratio')} from the curve.`,
  ];
}
