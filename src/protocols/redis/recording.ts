// Turns what was sent and has ended into samples. Called by user-commands.ts, once for each exchange.

import { addDuration, cutOffAfter } from '../scheduled-start.ts';
import type { Exchange } from './exchange.ts';
import { addHits } from './hits.ts';

/**
 * Records what has ended by itself. Every command counts as one operation, as the server counts them; the time is
 * that of the whole, once, since a pipeline is one wait.
 */
export function recordEnded(exchange: Exchange, pooled: boolean): void {
  const { lines, failures, replies, endpoint } = exchange;
  for (let i = 0; i < lines.length; i++) {
    const { name, endpoint: own } = lines[i]!;
    const failure = failures[i];
    const series = failure === undefined ? own.ok : own.failed(failure);
    series.operations.add(1);
    series.failed.add(failure !== undefined);
    if (own.hits !== null && failure === undefined && replies[i] !== undefined) {
      addHits(name, replies[i], own.hits);
    }
  }
  const failure = exchange.kind === 'command' ? failures[0] : undefined;
  const series = failure === undefined ? endpoint.ok : endpoint.failed(failure);
  addDuration(exchange, series.duration, endpoint);
  if (pooled) endpoint.scope.trend('redis_pool_wait').add(exchange.waitedMs);
  if (exchange.sentByteCount > 0) series.sentBytes.add(exchange.sentByteCount);
  if (exchange.receivedByteCount > 0) series.receivedBytes.add(exchange.receivedByteCount);
}

/**
 * Records what the end of the run cut off. What was sent counts, but measures nothing; how long it had waited is noted
 * beside.
 */
export function recordCutOff(exchange: Exchange): void {
  if (exchange.sent) recordAborted(exchange);
  const { waitedMs, mark } = cutOffAfter(exchange, exchange.serviceMs);
  exchange.endpoint.scope.cutOff('redis_op_duration', waitedMs, mark);
}

function recordAborted({ lines, endpoint, sentByteCount, receivedByteCount }: Exchange): void {
  for (const { endpoint: own } of lines) own.failed({ code: 'aborted' }).operations.add(1);
  const series = endpoint.failed({ code: 'aborted' });
  if (sentByteCount > 0) series.sentBytes.add(sentByteCount);
  if (receivedByteCount > 0) series.receivedBytes.add(receivedByteCount);
}
