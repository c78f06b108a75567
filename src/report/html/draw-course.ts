// A figure over several runs as a small chart that needs no script. Called by draw-section.ts.

import type { Course, CoursePoint } from '../view/section.ts';
import { states } from './draw-table.ts';
import { escapeHtml } from './escape.ts';

const width = 1000;
const height = 120;
const margin = 10;

/** Runs from left to right; the axis begins at 0 where the values are near enough to it. */
export function drawCourse({ title, summary, points }: Course): string {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return '';
  const most = values.reduce((a, b) => Math.max(a, b));
  const least = values.reduce((a, b) => Math.min(a, b));
  const floor = least >= 0 && least < most / 2 ? 0 : least;
  const span = most - floor || 1;
  const x = (i: number): string => (margin + ((width - 2 * margin) * (i + 0.5)) / points.length).toFixed(1);
  const y = (value: number): string =>
    (height - margin - ((height - 2 * margin) * (value - floor)) / span).toFixed(1);
  const line = points.flatMap(({ value }, i) => (value === null ? [] : [`${x(i)},${y(value)}`])).join(' ');
  const marks = points.flatMap((point, i) => [...changeMark(point, x(i)), ...pointMark(point, x(i), y)]);
  return `<figure class="chart"><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${escapeHtml(summary)}"><polyline points="${line}" fill="none" stroke="var(--c2)" stroke-width="2"/>${marks.join('')}</svg>
<p class="dim key">${escapeHtml(summary)}</p></figure>`;
}

function changeMark({ change }: CoursePoint, x: string): string[] {
  if (change === undefined) return [];
  const colour = change === 'bad' ? 'var(--bad)' : 'var(--good)';
  return [
    `<line x1="${x}" x2="${x}" y1="0" y2="${height}" stroke="${colour}" stroke-width="1.5" stroke-dasharray="4 3"><title>${escapeHtml(states[change][1])}</title></line>`,
  ];
}

function pointMark({ value, label }: CoursePoint, x: string, y: (value: number) => string): string[] {
  if (value === null) return [];
  return [
    `<circle cx="${x}" cy="${y(value)}" r="4" fill="var(--c2)"><title>${escapeHtml(label)}</title></circle>`,
  ];
}
