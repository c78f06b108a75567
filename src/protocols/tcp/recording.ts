// Turns TCP connections and requests that have ended into samples. connection.ts and user-tcp.ts call it, once for each.

import type { TrendRecorder } from '../../model/metric.ts';
import { addDuration, cutOffAfter } from '../scheduled-start.ts';
import type { Scope } from '../scope.ts';
import type { TcpError } from './tcp.ts';

/** What was done: a connection that was opened, or a request. */
export interface TcpOperation {
  readonly kind: 'connection' | 'request';
  /** With its name. */
  readonly scope: Scope;
  /** When its iteration was due, on the process clock; -1 for all but the first operation of an arrival. */
  readonly scheduledAtMs: number;
  readonly startedAtMs: number;
  /** Something of it was sent, so that it counts even if it is cut off. */
  readonly sent: boolean;
}

const metricsOf = {
  connection: { count: 'tcp_connections', failed: 'tcp_connection_failed', duration: 'tcp_connecting' },
  request: { count: 'tcp_reqs', failed: 'tcp_req_failed', duration: 'tcp_req_duration' },
} as const;

/** Records what has ended by itself. */
export function recordEnded(operation: TcpOperation, endedAtMs: number, error: TcpError | null): void {
  const { kind, scope, scheduledAtMs, startedAtMs } = operation;
  const metrics = metricsOf[kind];
  const own = error === null ? scope : scope.with({ error_code: error.code });
  own.counter(metrics.count).add(1);
  own.rate(metrics.failed).add(error !== null);
  const serviceMs = endedAtMs - startedAtMs;
  addDuration({ scheduledAtMs, endedAtMs, serviceMs }, own.trend(metrics.duration), new ServiceTime(scope));
}

class ServiceTime {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get serviceTime(): TrendRecorder {
    return this.#scope.trend('tcp_req_service_time');
  }
}

/** Records what the end of the run cut off: it counts if it was sent, and its wait is noted beside. */
export function recordCutOff(operation: TcpOperation, endedAtMs: number): void {
  const { kind, scope, scheduledAtMs, startedAtMs, sent } = operation;
  const { count, duration } = metricsOf[kind];
  if (sent) scope.with({ error_code: 'aborted' }).counter(count).add(1);
  const { waitedMs, mark } = cutOffAfter({ scheduledAtMs, endedAtMs, sent }, endedAtMs - startedAtMs);
  scope.cutOff(duration, waitedMs, mark);
}
