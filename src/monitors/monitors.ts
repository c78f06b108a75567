// Makes the monitors of a plan, each by its kind. A kind is loaded only when a plan has it.

import { assertNever } from '../model/errors.ts';
import type { MonitorPlan, MonitorSecret } from '../model/monitor-settings.ts';
import { Dialer } from '../network/dialer.ts';
import { leastSpanOf } from './least-span.ts';
import type { Monitor } from './monitor.ts';

/** The monitor of a plan. It reads nothing before it is asked. */
export async function createMonitor(
  plan: MonitorPlan,
  secret: MonitorSecret = {},
  dialer: Dialer = new Dialer(),
): Promise<Monitor> {
  const { source, timeoutMs } = plan;
  const leastSpanMs = leastSpanOf(plan.intervalMs);
  switch (source.kind) {
    case 'host': {
      if (source.nodeExporter !== undefined) {
        const { createNodeExporterMonitor } = await import('./node-exporter.ts');
        return createNodeExporterMonitor(source, secret, dialer, leastSpanMs);
      }
      const { createHostMonitor } = await import('./host.ts');
      return createHostMonitor(source, { leastSpanMs });
    }
    case 'process': {
      const { createProcessMonitor } = await import('./process.ts');
      const { pageFetcher } = await import('./process/heap-page.ts');
      const { port, pid, pidFile, name } = source;
      const isTold = [port, pid, pidFile, name].some((one) => one !== undefined);
      const fetchPage = pageFetcher(dialer);
      if (isTold) return createProcessMonitor(source, { fetchPage, leastSpanMs });
      // A run may have started its target, which is no part of the load generator.
      return createProcessMonitor(
        { ...source, pid: process.pid },
        { sameCommand: true, fetchPage, leastSpanMs },
      );
    }
    case 'postgres': {
      const { createPostgresMonitor } = await import('./postgres.ts');
      return createPostgresMonitor(source, secret, dialer);
    }
    case 'redis': {
      const { createRedisMonitor } = await import('./redis.ts');
      return createRedisMonitor(source, secret, dialer, leastSpanMs);
    }
    case 'prometheus': {
      const { createPrometheusMonitor } = await import('./prometheus.ts');
      return createPrometheusMonitor(source, secret, dialer);
    }
    case 'prometheus-query': {
      const { createPrometheusQueryMonitor } = await import('./prometheus-query.ts');
      return createPrometheusQueryMonitor(source, secret, dialer);
    }
    case 'http': {
      const { createHttpMonitor } = await import('./http.ts');
      return createHttpMonitor(source, secret, { timeoutMs, dialer });
    }
    case 'otlp': {
      const { createOtlpMonitor } = await import('./otlp.ts');
      return createOtlpMonitor(source);
    }
    case 'log': {
      const { createLogMonitor } = await import('./log.ts');
      return createLogMonitor(source);
    }
    default:
      return assertNever(source);
  }
}
