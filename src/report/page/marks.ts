// What is marked in the charts over time: outages, alerts, events, and times without readings.

import uPlot from 'uplot';
import type { AlertSpan } from '../view/alerts.ts';
import type { WatchedCharts } from '../view/watched-charts.ts';
import { colour } from './colours.ts';
import { clock } from './numbers.ts';
import type { Tip } from './tip.ts';

type Event = WatchedCharts['events'][number];

const closestEventsPx = 12;
const toldEventCount = 5;
const lowestAlertRow = 3;

/** Times that are shaded, in seconds of the run. */
export function fillSpans(
  plot: uPlot,
  spans: readonly (readonly [from: number, until: number])[],
  fill: string,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = fill;
  for (const [fromSec, untilSec] of spans) {
    const from = plot.valToPos(fromSec, 'x', true);
    const until = plot.valToPos(untilSec, 'x', true);
    ctx.fillRect(from, bbox.top, Math.max(1, until - from), bbox.height);
  }
  ctx.restore();
}

/** A line at the time of each event. */
export function drawEventLines(plot: uPlot, events: readonly Event[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour('--faint');
  ctx.lineWidth = uPlot.pxRatio;
  ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  for (const { at } of events) {
    if (!isInside(plot, at, at)) continue;
    const x = Math.round(plot.valToPos(at, 'x', true));
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
  ctx.restore();
}

/** Puts the marks of alerts and events over a plot, in place of those it had. Only one plot's marks take the focus. */
export function remark(
  plot: uPlot,
  {
    alerts,
    events,
    takesFocus,
  }: {
    readonly alerts: readonly AlertSpan[];
    readonly events: readonly Event[];
    readonly takesFocus: boolean;
  },
  tip: Tip,
): void {
  tip.leave(plot.over);
  for (const mark of plot.over.querySelectorAll('[class^=mark-]')) mark.remove();
  for (const alert of alerts) markAlert(plot, alert, tip);
  markEvents(plot, events, takesFocus, tip);
}

function isInside({ scales }: uPlot, from: number, until: number): boolean {
  const { min, max } = scales.x!;
  return min !== undefined && min !== null && until >= min && from <= max!;
}

function addMark<Tag extends 'div' | 'button'>(
  plot: uPlot,
  tag: Tag,
  name: string,
  text: string,
  tip: Tip,
): HTMLElementTagNameMap[Tag] {
  const mark = document.createElement(tag);
  mark.className = `mark-${name}`;
  tip.tell(mark, text);
  plot.over.appendChild(mark);
  return mark;
}

/** A bar along the upper edge for the time that an alert was firing, one row per alert. */
function markAlert(plot: uPlot, alert: AlertSpan, tip: Tip): void {
  if (!isInside(plot, alert.from, alert.until)) return;
  const from = Math.max(0, plot.valToPos(alert.from, 'x'));
  const until = Math.min(plot.over.clientWidth, plot.valToPos(alert.until, 'x'));
  const bar = addMark(plot, 'div', `alert ${alert.level}`, alert.text, tip);
  bar.style.left = `${from}px`;
  bar.style.width = `${Math.max(3, until - from)}px`;
  bar.style.top = `${Math.min(alert.row, lowestAlertRow) * 6}px`;
}

/** Events that would lie upon each other have one mark. */
function markEvents(plot: uPlot, events: readonly Event[], takesFocus: boolean, tip: Tip): void {
  const groups: { readonly x: number; readonly events: Event[] }[] = [];
  for (const event of events) {
    if (!isInside(plot, event.at, event.at)) continue;
    const x = plot.valToPos(event.at, 'x');
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < closestEventsPx) last.events.push(event);
    else groups.push({ x, events: [event] });
  }
  for (const { x, events: group } of groups) {
    const texts = group.slice(0, toldEventCount).map(({ at, text }) => `${clock(at)}  ${text}`);
    if (group.length > toldEventCount) texts.push(`and ${group.length - toldEventCount} more`);
    const mark = addMark(plot, 'button', 'event', texts.join('\n'), tip);
    mark.type = 'button';
    mark.style.left = `${x}px`;
    mark.setAttribute('aria-label', texts.join('; '));
    if (!takesFocus) mark.tabIndex = -1;
  }
}
