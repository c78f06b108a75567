// The monitor `prometheus`: figures from a page in Prometheus text, OpenMetrics or Prometheus protobuf format.

import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import type { Dialer } from '../network/dialer.ts';
import { wallClock } from '../time/clock.ts';
import type { Monitor } from './monitor.ts';
import { createPageReader } from './prometheus/page.ts';
import { SelectionReader, wantedNames } from './prometheus/selection.ts';

/** Throws a `TypeError` when the source's URL is none. */
export function createPrometheusMonitor(
  { url, select }: SourceOf<'prometheus'>,
  secret?: MonitorSecret,
  dialer?: Dialer,
): Monitor {
  const preferNative = Object.values(select).some(({ as }) => as === 'quantile');
  const page = createPageReader({ url, secret, wanted: wantedNames(select), preferNative, dialer });
  const selections = new SelectionReader(select);
  return {
    async read(signal) {
      const { metrics, names } = await page.read(signal);
      return selections.read({ metrics, names, atEpochMs: wallClock().getTime() });
    },
    async close() {
      page.close();
    },
  };
}
