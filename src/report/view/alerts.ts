// Alerts that fired, as the reports show them: their section, and the bars that mark them in the charts over time.

import { figureText } from '../../analysis/alert-findings.ts';
import type { AlertEpisode, AlertRecord } from '../../model/alert.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, oneLine } from '../format-values.ts';
import { code, figure, figureColumn, pageOnly, row, state, table, text, textColumn } from './cells.ts';
import type { Block, Note, Row, Section } from './section.ts';

interface AlertRow {
  readonly alert: AlertRecord;
  readonly episode: AlertEpisode;
  readonly lasted: string;
}

/** One for each time that an alert was firing, ascending by time. */
export function alertRows({ alerts = [] }: RunRecord): AlertRow[] {
  return alerts
    .flatMap((alert) =>
      alert.episodes.map((episode) => ({
        alert,
        episode,
        lasted: episode.untilMs === null ? 'until the end' : formatDuration(episode.untilMs - episode.fromMs),
      })),
    )
    .sort((a, b) => a.episode.fromMs - b.episode.fromMs);
}

/** Alerts that fired and say what to do, each once. */
export function alertsToRespondTo({ alerts = [] }: RunRecord): AlertRecord[] {
  return alerts.filter(({ episodeCount, respond }) => episodeCount > 0 && respond.length > 0);
}

/** A time that an alert was firing, as the charts over time mark it. */
export interface AlertSpan {
  /** Seconds of the run. */
  readonly from: number;
  readonly until: number;
  readonly level: 'warning' | 'critical';
  /** Alerts have a row each. */
  readonly row: number;
  readonly text: string;
}

/** Ascending by time; `endMs` is where the charts end. */
export function alertSpans(record: RunRecord, endMs: number): AlertSpan[] {
  const rows = alertRows(record);
  const fired = [...new Set(rows.map(({ alert }) => alert))];
  return rows.map(({ alert, episode: { fromMs, untilMs, level }, lasted }) => ({
    from: fromMs / 1000,
    until: (untilMs ?? Math.max(endMs, fromMs)) / 1000,
    level,
    row: fired.indexOf(alert),
    text: `${oneLine(alert.title)}: ${level} at ${formatDuration(fromMs)}, ${untilMs === null ? lasted : `for ${lasted}`}`,
  }));
}

const columns = [
  textColumn('Alert', { width: 60 }),
  textColumn('Level'),
  figureColumn('Began'),
  figureColumn('Lasted'),
  { title: 'Figures', kind: 'detail' } as const,
];

/** Each time that an alert was firing, and what to do; without blocks for a run in which none fired. */
export function alertsSection(record: RunRecord): Section {
  const rows = alertRows(record);
  const section = { id: 'alerts', title: 'Alerts' };
  if (rows.length === 0) return { ...section, blocks: [] };
  const count = (record.alerts ?? []).reduce((sum, { episodeCount }) => sum + episodeCount, 0);
  return {
    ...section,
    summary: formatCount(count),
    summaryRooms: ['terminal'],
    blocks: [
      table('Alerts', columns, rows.map(rowOf), {
        limits: { terminal: 10, document: 10, page: 100 },
        unlisted: count - rows.length,
        rest: { place: 'run.json, of each alert its first 100' },
      }),
      ...responses(record),
      rules(record),
    ],
  };
}

/** In place of the section, where no alert fired; none for a plan without any. */
export function noAlertFired({ alerts = [] }: RunRecord): Block[] {
  if (alerts.length === 0 || alerts.some(({ episodeCount }) => episodeCount > 0)) return [];
  const which =
    alerts.length === 1
      ? '1 alert watched, it did not fire'
      : `${formatCount(alerts.length)} alerts watched, none fired`;
  return [{ kind: 'notes', look: 'lines', notes: [{ text: `${which}.` }], ...pageOnly }];
}

function statusOf(level: AlertEpisode['level']): 'bad' | 'caution' {
  return level === 'critical' ? 'bad' : 'caution';
}

function rowOf({ alert, episode, lasted }: AlertRow): Row {
  const { level, fromMs, untilMs, figures } = episode;
  const lastedMs = untilMs === null ? Number.MAX_SAFE_INTEGER : untilMs - fromMs;
  return row(
    text(alert.title, alert.aborted ? { remark: 'It ended the run.' } : {}),
    state(statusOf(level), level),
    figure(fromMs, 'duration'),
    figure(lastedMs, 'duration', { text: lasted }),
    { kind: 'list', items: figures.map((one) => ({ text: figureText(one) })) },
  );
}

/** What to do, one note for each alert that fired. */
function responses(record: RunRecord): Block[] {
  const notes = alertsToRespondTo(record).map(({ title, respond, episodes }): Note => {
    const level = episodes.some((one) => one.level === 'critical') ? 'critical' : 'warning';
    return { title: `What to do: ${title}`, status: statusOf(level), steps: respond };
  });
  return notes.length === 0 ? [] : [{ kind: 'notes', look: 'cards', notes, ...pageOnly }];
}

/** Every alert of the plan with its rules, also those that never fired. */
function rules({ alerts = [] }: RunRecord): Block {
  const fired = alerts.filter(({ episodeCount }) => episodeCount > 0).length;
  const rows = alerts.flatMap((alert) =>
    alert.rules.map(({ level, expression }) =>
      row(text(alert.title), text(level), code(expression), figure(alert.episodeCount, 'count')),
    ),
  );
  const titles = [textColumn('Alert'), textColumn('Level'), textColumn('Rule'), figureColumn('Fired')];
  return table('Rules of alerts', titles, rows, {
    folded: `All alerts that were watched (${formatCount(alerts.length)}, ${formatCount(fired)} fired)`,
    ...pageOnly,
  });
}
