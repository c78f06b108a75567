// Alerts that fired, as the reports show them: rows and cells as text.

import { figureText } from '../../analysis/alert-findings.ts';
import type { AlertEpisode, AlertRecord } from '../../model/alert.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';

export interface AlertRow {
  readonly alert: AlertRecord;
  readonly episode: AlertEpisode;
  readonly cells: readonly [title: string, level: string, began: string, lasted: string, figures: string];
}

export const alertTitles = ['Alert', 'Level', 'Began', 'Lasted', 'Figures'] as const;

/** One row for each time that an alert was firing, ascending by time. */
export function alertRows({ alerts = [] }: RunRecord): AlertRow[] {
  return alerts
    .flatMap((alert) => alert.episodes.map((episode) => ({ alert, episode, cells: cellsOf(alert, episode) })))
    .sort((a, b) => a.episode.fromMs - b.episode.fromMs);
}

function cellsOf(
  { title }: AlertRecord,
  { level, fromMs, untilMs, figures }: AlertEpisode,
): AlertRow['cells'] {
  const lasted = untilMs === null ? 'until the end' : formatDuration(untilMs - fromMs);
  return [title, level, formatDuration(fromMs), lasted, figures.map(figureText).join('; ')];
}

/** Alerts that fired and say what to do, each once. */
export function alertsToRespondTo({ alerts = [] }: RunRecord): AlertRecord[] {
  return alerts.filter(({ episodeCount, respond }) => episodeCount > 0 && respond.length > 0);
}
