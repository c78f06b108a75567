// The alerts of a run in report.html: what fired and what to do about it, and the bars that mark it in the charts.

import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, oneLine } from '../format-values.ts';
import { type AlertRow, alertRows, alertsToRespondTo, alertTitles } from '../view/alerts.ts';
import { code, type HtmlCell, table, text } from './html-table.ts';
import { escapeHtml } from './html-text.ts';

const shownEpisodes = 100;

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
  return rows.map(({ alert, episode, cells: [title, level, began, lasted] }) => ({
    from: episode.fromMs / 1000,
    until: (episode.untilMs ?? Math.max(endMs, episode.fromMs)) / 1000,
    level: episode.level,
    row: fired.indexOf(alert),
    text: `${oneLine(title)}: ${level} at ${began}, ${episode.untilMs === null ? lasted : `for ${lasted}`}`,
  }));
}

/** Each time that an alert was firing, and what to do; empty for a run in which none fired. */
export function renderAlerts(record: RunRecord): string {
  const rows = alertRows(record);
  if (rows.length === 0) return '';
  const count = (record.alerts ?? []).reduce((sum, { episodeCount }) => sum + episodeCount, 0);
  const more = count - Math.min(rows.length, shownEpisodes);
  const columns = alertTitles.map((title, k) =>
    k === 2 || k === 3 ? { title, numeric: true as const } : { title },
  );
  const body = table('Alerts', columns, rows.slice(0, shownEpisodes).map(cellsOf));
  const rest =
    more > 0 ? `<p class="dim">${formatCount(more)} more, the first 100 of each alert in run.json.</p>` : '';
  return `${body}${rest}${responses(record)}${rules(record)}`;
}

/** In place of the section, where no alert fired; empty for a plan without any. */
export function noAlertFired({ alerts = [] }: RunRecord): string {
  if (alerts.length === 0 || alerts.some(({ episodeCount }) => episodeCount > 0)) return '';
  const which =
    alerts.length === 1
      ? '1 alert watched, it did not fire'
      : `${formatCount(alerts.length)} alerts watched, none fired`;
  return `<p class="dim">${which}.</p>`;
}

function cellsOf({ alert, episode, cells: [title, level, began, lasted, figures] }: AlertRow): HtmlCell[] {
  const [kind, mark] = episode.level === 'critical' ? ['fail', '✗'] : ['warn', '!'];
  const lastedMs = episode.untilMs === null ? Number.MAX_SAFE_INTEGER : episode.untilMs - episode.fromMs;
  const ended = alert.aborted ? '<br><span class="bad">It ended the run.</span>' : '';
  return [
    { html: `${escapeHtml(title)}${ended}` },
    { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${level}</span>` },
    { html: escapeHtml(began), sort: episode.fromMs },
    { html: escapeHtml(lasted), sort: lastedMs },
    text(figures),
  ];
}

/** What to do, one list for each alert that fired. */
function responses(record: RunRecord): string {
  const lists = alertsToRespondTo(record).map(({ title, respond, episodes }) => {
    const level = episodes.some((one) => one.level === 'critical') ? 'critical' : 'warning';
    const steps = respond.map((step) => `<li>${escapeHtml(step)}</li>`);
    return `<article class="finding ${level}"><h3>What to do: ${escapeHtml(title)}</h3><ol class="steps">${steps.join('')}</ol></article>`;
  });
  return lists.length === 0 ? '' : `<div class="responses">${lists.join('')}</div>`;
}

/** Every alert of the plan with its rules, also those that never fired. */
function rules({ alerts = [] }: RunRecord): string {
  const fired = alerts.filter(({ episodeCount }) => episodeCount > 0).length;
  const rows = alerts.flatMap((alert) =>
    alert.rules.map(({ level, expression }) => [
      text(alert.title),
      text(level),
      code(expression),
      { html: formatCount(alert.episodeCount), sort: alert.episodeCount },
    ]),
  );
  const columns = [
    { title: 'Alert' },
    { title: 'Level' },
    { title: 'Rule' },
    { title: 'Fired', numeric: true as const },
  ];
  return `<details class="data"><summary>All alerts that were watched (${formatCount(alerts.length)}, ${formatCount(fired)} fired)</summary>
${table('Rules of alerts', columns, rows)}</details>`;
}
