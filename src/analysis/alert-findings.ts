// What alerts mean for a run: findings, and reasons of the verdict.

import type { AlertEpisode, AlertFigure, AlertRecord } from '../model/alert.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatCount, formatFigure, formatLimit } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** Alerts that fired, those that ended the run first. */
function fired({ alerts = [] }: Measurements): AlertRecord[] {
  const some = alerts.filter(({ episodeCount }) => episodeCount > 0);
  return [...some.filter((one) => one.aborted), ...some.filter((one) => !one.aborted)];
}

/** The episode that says most: the first of the highest level. */
function worstEpisode({ episodes }: AlertRecord): AlertEpisode {
  return episodes.find(({ level }) => level === 'critical') ?? episodes[0]!;
}

/** An alert's name with its times: `Requests fail (critical at 12s, for 30s)`. */
export function alertSentence(alert: AlertRecord): string {
  const { level, fromMs, untilMs } = worstEpisode(alert);
  const length = untilMs === null ? 'until the end' : `for ${formatDuration(untilMs - fromMs)}`;
  const times = alert.episodeCount > 1 ? `; ${formatCount(alert.episodeCount)} times in all` : '';
  const ended = alert.aborted ? '; this ended the run early' : '';
  return `Alert: ${alert.title} (${level} at ${formatDuration(fromMs)}, ${length}${times}${ended}).`;
}

/** `monitor_host_cpu_ratio 93.1 % (limit 80 %)` */
export function figureText({ name, value, limit, unit }: AlertFigure): string {
  return `${name} ${formatFigure(value, unit)} (limit ${formatLimit(limit, unit)})`;
}

/** One finding per alert that fired: critical when it ended the run, else a warning for a critical one. */
export function findAlerts(measured: Measurements): Finding[] {
  return fired(measured).map((alert) => {
    const { level, figures } = worstEpisode(alert);
    const [first, ...further] = alert.respond;
    const steps =
      further.length === 0 ? alert.respond : [`1. ${first}`, ...further.map((one, i) => `${i + 2}. ${one}`)];
    return {
      kind: 'alert',
      severity: alert.aborted ? 'critical' : level === 'critical' ? 'warning' : 'info',
      title: `Alert: ${alert.title}`,
      detail: `${alertSentence(alert)} ${figures.map(figureText).join('; ')}`.trim(),
      evidence: figures.map(({ name, value, limit, unit }) => ({ name, value, limit, unit })),
      ...(steps.length > 0 && { advice: steps.join(' ') }),
    };
  });
}

/**
 * One finding per alert with rules that could not fire, since nothing was recorded of a figure that they look at. Each
 * condition of a rule must hold, so one such figure is enough.
 */
export function findBlindAlerts({ alerts = [] }: Measurements): Finding[] {
  return alerts.flatMap(({ name, title, rules }) => {
    const blind = rules.filter(({ unrecorded = [] }) => unrecorded.length > 0);
    if (blind.length === 0) return [];
    const sentences = blind.map(
      ({ level, expression, unrecorded = [] }) =>
        `The ${level} rule "${expression}" could not fire: in the whole run nothing was recorded for ${unrecorded.join(' and ')}.`,
    );
    return [
      {
        kind: 'alert-blind',
        severity: 'info',
        title: `Alert without data: ${title}`,
        detail: sentences.join(' '),
        evidence: [{ name: `rules of ${name} that could not fire`, value: blind.length, unit: 'count' }],
        advice:
          'Check the metric and the tags in the rule, or give the alert only to the profiles that record them.',
      },
    ];
  });
}

/** Sentences for the verdict: `fail` those that ended the run, `warn` other critical ones. */
export function alertReasons(measured: Measurements, status: 'fail' | 'warn'): string[] {
  return fired(measured)
    .filter((alert) => (status === 'fail') === alert.aborted)
    .filter((alert) => worstEpisode(alert).level === 'critical')
    .map(alertSentence);
}
