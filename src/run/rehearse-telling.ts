// Does before the load, with figures that nobody keeps, what a worker does each second under it. Code that runs for the
// first time takes tens of milliseconds, and would make the starts of that moment late. Called by worker-session.ts and
// rehearse-counting.ts.

import { maskWindow } from '../masking/mask-window.ts';
import { createMeter } from '../meter/meter.ts';
import { builtInMetrics, type MetricWindow } from '../model/metric.ts';

/** Enough for the code to be made ready; more takes longer than what it spares. */
const valuesEach = 25;
const windowMs = 1000;
const tags = { scenario: 'rehearsal', user: 'nobody', name: '/rehearsal', status: '200' };

/** A window with some values of every built-in trend and rate, masked as those of a run are. */
export function rehearseTelling(): MetricWindow {
  const meter = createMeter(0);
  for (const [name, { type }] of Object.entries(builtInMetrics)) {
    if (type === 'rate') meter.rate(name, tags).add(true);
    if (type !== 'trend') continue;
    const trend = meter.trend(name, tags);
    for (let i = 0; i < valuesEach; i++) trend.add(i / 3);
  }
  return maskWindow(meter.flush(0, windowMs));
}
