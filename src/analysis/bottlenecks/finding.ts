// Puts a ranked candidate into a finding: severity, sentences, evidence and advice. Called by bottlenecks.ts.

import type { Evidence, Finding } from '../../model/verdict.ts';
import { formatFigure } from '../../text/format-figure.ts';
import { formatDuration } from '../../time/duration.ts';
import type { OperationCost } from '../slowest-operations.ts';
import { seenIn } from './figures.ts';
import { type Ranked, tierOf } from './rank.ts';
import { adviceOf } from './remedies.ts';
import type { Held, Measured } from './rule.ts';
import type { Scene } from './scene.ts';
import { turnMs } from './waits-for-cpu.ts';

/** Signs and figures behind them, at the most. */
const mostSigns = 4;
const mostEvidence = 16;
const namedOperations = 3;
const longestName = 200;

export interface Surroundings {
  /** All that was found, in order. */
  readonly among: readonly Ranked[];
  /** Operations that are slow while others are not. */
  readonly slow: readonly OperationCost[];
}

const severities = ['info', 'warning', 'critical'] as const;

/**
 * No more severe than what there is to explain; a consequence, and what explains nothing of what went badly, is `info`.
 * What does needless work is a `warning` at the most. What is merely busy, or concluded by exclusion, explains slowness
 * alone: a `warning`, or `info` where something else is full or where operations that share it are fast. A generator at its
 * limit is critical where anything went badly, since it leaves nothing to say of the target, whose own findings are `info`
 * then.
 */
function severityOf(scene: Scene, ranked: Ranked, among: readonly Ranked[]): Finding['severity'] {
  const { rule, cause, misfits } = ranked;
  if (rule.id === 'generator') return scene.condition.symptoms.length === 0 ? 'info' : 'critical';
  if (scene.measured.generator.saturated || cause !== undefined) return 'info';
  const tier = tierOf(ranked);
  const isVague = tier >= 2;
  if (isVague && (misfits || among.some((one) => tierOf(one) <= 1))) return 'info';
  const worst = scene.condition.symptoms
    .filter(({ kind }) => rule.explains.includes(kind) && !(isVague && kind === 'errors'))
    .map(({ severity }) => severities.indexOf(severity));
  const least = ranked.held.some(({ measured }) => measured.isAlarming === true) ? 1 : 0;
  return severities[Math.min(Math.max(least, ...worst), tier === 0 && !misfits ? 2 : 1)]!;
}

export function bottleneckFinding(scene: Scene, ranked: Ranked, { among, slow }: Surroundings): Finding {
  const { rule, held, cause } = ranked;
  const severity = severityOf(scene, ranked, among);
  const signs = held.slice(0, mostSigns);
  const opening =
    cause !== undefined ? 'Beside it' : severity === 'info' ? 'Beyond the usual limit' : 'Bottleneck';
  return {
    kind: 'bottleneck',
    severity,
    rule: rule.id,
    title: `${opening}: ${held[0]?.title ?? rule.title}`,
    detail: [
      rule.meaning,
      ...signs.map(signSentence),
      ...(cause === undefined ? [] : [`This is what follows from ${cause.title}, which is told before it.`]),
      ...explanationSentence(ranked),
      ...symptomSentence(scene, ranked, severity),
      ...(hasSlowness(scene) ? slowSentence(slow, ranked) : []),
      ...(ranked.isTooShort ? [shortWaitsSentence(scene)] : []),
    ].join(' '),
    evidence: evidenceOf(scene, ranked, signs),
    advice: adviceOf(rule, scene.condition),
  };
}

/** Print a value of a sign or its limit. */
function show(value: number, unit: Measured['unit']): string {
  if (unit === 'per min') return `${formatFigure(value, 'count')} a minute`;
  if (unit === 'times') return `${formatFigure(value, 'count')} times`;
  return unit === 'bytes/s' ? `${formatFigure(value, 'bytes')}/s` : formatFigure(value, unit);
}

function signSentence({ measured, limit }: Held): string {
  const direction = limit.counts === 'over' ? 'above' : 'below';
  const { title, name, value, unit } = measured;
  const spoken = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
  const subject = (title === name ? spoken : `${spoken} (${name})`).slice(0, longestName);
  return `${subject}: ${show(value, unit)}, ${direction} ${show(limit.limit, unit)}.`;
}

function explanationSentence({ explanation }: Ranked): string[] {
  if (explanation === undefined) return [];
  const { held, rho, lagMs, pairs, effectivePairs } = explanation;
  const lag = lagMs === 0 ? 'at the same time' : `${formatDuration(lagMs)} later`;
  const independent = `${pairs} readings, worth ${formatFigure(effectivePairs, 'count')} independent ones`;
  return [
    `Response times go along with ${held.measured.title} ${lag} (rank correlation ${rho.toFixed(2)} over ${independent}).`,
  ];
}

function symptomSentence({ condition }: Scene, { rule }: Ranked, severity: Finding['severity']): string[] {
  const explained = condition.symptoms.find(({ kind }) => rule.explains.includes(kind));
  if (explained === undefined) return ['Nothing went badly in this run that it would have to explain.'];
  return severity === 'info' ? [] : [`What it may explain: ${explained.text}`];
}

function hasSlowness({ condition }: Scene): boolean {
  return condition.symptoms.some(({ kind }) => kind === 'latency');
}

function slowSentence(slow: readonly OperationCost[], { misfits, isTooShort }: Ranked): string[] {
  if (slow.length === 0) return [];
  const names = slow.slice(0, namedOperations).map(({ name }) => name.slice(0, longestName));
  const more = slow.length > names.length ? ` and ${slow.length - names.length} more` : '';
  const some = `Only some operations are slow (${names.join(', ')}${more}), the others are not`;
  return [misfits && !isTooShort ? `${some}, while all would share this.` : `${some}.`];
}

function shortWaitsSentence({ measured, load }: Scene): string {
  const waited = `The load generator waited for this CPU no longer than ${formatFigure(turnMs(measured), 'ms')} at a time (p99)`;
  return `${waited}, and the target uses little of it: that does not explain a mean time of ${formatFigure(load.meanMs, 'ms')}.`;
}

function evidenceOf(scene: Scene, { explanation }: Ranked, signs: readonly Held[]): Evidence[] {
  const span = seenIn(scene);
  const ofSigns = signs.flatMap(({ measured, limit }): Evidence[] => [
    { name: measured.name, value: measured.value, unit: measured.unit, limit: limit.limit, ...span },
    ...(measured.more ?? []),
  ]);
  const ofCorrelation: Evidence[] =
    explanation === undefined
      ? []
      : [
          { name: 'rank correlation with response times', value: explanation.rho, unit: '' },
          { name: 'lag of response times', value: explanation.lagMs, unit: 'ms' },
          { name: 'chance of such a correlation', value: explanation.pValue, unit: 'ratio', limit: 0.05 },
        ];
  return [...ofSigns.slice(0, mostEvidence - ofCorrelation.length), ...ofCorrelation]
    .filter(({ value }) => Number.isFinite(value))
    .map((one) => ({ ...one, name: one.name.slice(0, longestName) }));
}
