import { describe, expect, test } from 'vitest';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { endOfCharts, watchedCharts } from '../view/watched-charts.ts';
import { makeWatchedRecord } from '../watched-record.cases.ts';
import { renderHtml } from './html.ts';

const record = makeWatchedRecord();
const html = renderHtml(record);

/** The markup between a section's heading and the next section. */
function section(page: string, id: string): string {
  return new RegExp(`<h2 id="${id}">.*?</section>`, 's').exec(page)?.[0] ?? '';
}

describe('charts of monitors', () => {
  const [postgres, target] = watchedCharts(record);

  test('figures of one unit and of similar size share a chart', () => {
    expect(postgres!.charts.map(({ title }) => title)).toEqual([
      'Connections, active connections',
      'Transactions per second',
      'Cache hits',
    ]);
    const { monitors } = record;
    const { series, ...rest } = monitors.postgres!;
    const few = series.connections_active!.avg.map((value) => (value === null ? null : value / 100));
    const apart = watchedCharts({
      ...record,
      monitors: { postgres: { ...rest, series: { ...series, connections_active: { avg: few } } } },
    });
    expect(apart[0]!.charts.map(({ title }) => title)).toContain('Active connections');
  });

  test('a moment without a value lies within each gap, and none beside it', () => {
    const { timeSec, charts } = postgres!;
    const { times, series } = record.monitors.postgres!;
    expect(timeSec).toHaveLength(times.length + 1);
    expect([...timeSec].sort((a, b) => a - b)).toEqual(timeSec);
    const [connections] = charts[0]!.series;
    const unknown = timeSec.filter((_, k) => connections!.avg[k] === null);
    expect(unknown).toEqual([11]);
    expect(connections!.avg.filter((value) => value !== null)).toEqual(series.connections!.avg);
  });

  test('joined readings have a band, single ones have none', () => {
    expect(
      target!.charts.flatMap(({ series }) => series.map(({ min, max }) => [min?.length, max?.length])),
    ).toEqual([
      [10, 10],
      [10, 10],
    ]);
    expect(postgres!.charts[0]!.series[0]).not.toHaveProperty('min');
  });

  test('a gap until the end of the run reaches to the end of the charts', () => {
    const open = { fromMs: 15_000, untilMs: null, reason: 'gone' };
    const postgresOnly = { postgres: { ...record.monitors.postgres!, gaps: [open] } };
    const [one] = watchedCharts({ ...record, monitors: postgresOnly });
    expect(one!.gapsSec).toEqual([[15, endOfCharts(record) / 1000]]);
    expect(endOfCharts(record)).toBe(20_000);
  });

  test('their words say what was lowest and highest', () => {
    expect(postgres!.charts[0]!.summary).toMatch(
      /^PostgreSQL: Connections, active connections over time: connections from \d+ to \d+ \(highest at [\d.]+s\); /,
    );
  });
});

describe('report.html of a run that was watched', () => {
  test('has the alerts before the charts, and the monitors after them', () => {
    const ids = [...html.matchAll(/<h2 id="([a-z-]+)"/g)].map(([, id]) => id);
    expect(ids.slice(0, 5)).toEqual(['figures', 'alerts', 'time', 'watched', 'distribution']);
  });

  test('shows every figure that was read, and the tables and remarks of each monitor', () => {
    const watched = section(html, 'watched');
    for (const { title } of Object.values(record.monitors.postgres!.figures))
      expect(watched).toContain(`<td>${title}</td>`);
    expect(watched).toContain('<summary>Slowest statements by mean time (2 rows)</summary>');
    expect(watched).toContain('<b>9s to 13s</b> no readings: connect ECONNREFUSED 127.0.0.1:5432');
    expect(watched).toContain('<b>13.4s</b> the server was restarted');
    expect(watched).toContain('Redis could not be read: connect ECONNREFUSED 127.0.0.1:6379');
  });

  test('keeps what watches the load generator in its section', () => {
    expect(section(html, 'watched')).not.toContain('Its processes');
    expect(section(html, 'generator')).toMatch(/Its processes.*Its machine/s);
    const { generator, generator_host: host } = record.monitors;
    const own = renderHtml({ ...record, monitors: { generator: generator!, generator_host: host! } });
    expect(own).not.toContain('id="watched"');
  });

  test('tells each time that an alert was firing, what to do, and which alerts there are', () => {
    const alerts = section(html, 'alerts');
    expect(alerts.match(/<span class="state (fail|warn)">/g)).toHaveLength(3);
    expect(alerts).toContain('until the end');
    expect(alerts).toContain('<li>Look for the slowest endpoints.</li>');
    expect(alerts).toContain('All alerts that were watched (3, 2 fired)');
    expect(alerts).toContain('monitor_target_rss_bytes &gt; 2GB');
  });

  test('says in a line that no alert fired, and nothing in a run without alerts', () => {
    const quiet = record.alerts!.map((alert) => ({ ...alert, episodes: [], episodeCount: 0 }));
    const page = renderHtml({ ...record, alerts: quiet });
    expect(page).toContain('<p class="dim">3 alerts watched, none fired.</p>');
    expect(page).not.toContain('id="alerts"');
    expect(renderHtml({ ...record, alerts: quiet.slice(0, 1) })).toContain(
      '1 alert watched, it did not fire.',
    );
    const none = renderHtml(makeRecord('passing', 5));
    expect(none).not.toMatch(/alerts? watched|id="alerts"|id="watched"/);
  });

  test('an alert that ended the run says so', () => {
    const [first, ...others] = record.alerts!;
    expect(renderHtml({ ...record, alerts: [{ ...first!, aborted: true }, ...others] })).toContain(
      'It ended the run.',
    );
  });

  test('keeps hostile names, statements, events and reasons from becoming markup', () => {
    const page = renderHtml(makeWatchedRecord('hostile'));
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    for (const name of Object.values(hostileNames)) {
      if (/[<>]/.test(name)) expect(page).not.toContain(name);
    }
  });

  test('labels the kinds of findings', () => {
    const finding = { kind: 'monitor-gap', severity: 'info', title: 'T', detail: 'D', evidence: [] } as const;
    expect(renderHtml({ ...record, findings: [finding] })).toContain('<span class="tag">not watched</span>');
  });
});
