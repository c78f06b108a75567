import { expect, test } from 'vitest';
import type { AlertRecord } from '../../model/alert.ts';
import { makeRecord } from '../record.cases.ts';
import { alertRows, alertsSection, alertsToRespondTo } from './alerts.ts';
import { figureText } from './cells.ts';
import type { Table } from './section.ts';

const figure = { name: 'vus', value: 12, limit: 10, unit: 'count' } as const;

function alert(title: string, starts: readonly number[], respond: readonly string[] = []): AlertRecord {
  const episodes = starts.map((fromMs) => ({
    ...({ level: 'warning', fromMs, figures: [figure] } as const),
    untilMs: fromMs === 9000 ? null : fromMs + 1500,
  }));
  const common = { name: title, title, rules: [], respond, aborted: false };
  return { ...common, episodes, episodeCount: episodes.length };
}

test('alerts are shown by the time at which they began, and those with advice once', () => {
  const alerts = [
    alert('busy', [1000, 9000], ['Look.']),
    alert('full', [4000]),
    alert('calm', [], ['Wait.']),
  ];
  const record = { ...makeRecord('passing', 3), alerts };
  const { rows } = alertsSection(record).blocks[0] as Table;
  const words = rows.map(({ cells }) =>
    cells.map((cell) =>
      cell.kind === 'list'
        ? cell.items.map((item) => item.text).join('; ')
        : cell.kind === 'figure'
          ? figureText(cell, '')
          : cell.text,
    ),
  );
  expect(words).toEqual([
    ['busy', 'warning', '1s', '1.5s', 'vus 12 (limit 10)'],
    ['full', 'warning', '4s', '1.5s', 'vus 12 (limit 10)'],
    ['busy', 'warning', '9s', 'until the end', 'vus 12 (limit 10)'],
  ]);
  expect(alertsToRespondTo(record).map(({ name }) => name)).toEqual(['busy']);
  const { alerts: _, ...without } = record;
  expect([alertRows(without), alertsToRespondTo(without)]).toEqual([[], []]);
});
