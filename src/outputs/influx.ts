// InfluxDB line protocol, once per interval: to InfluxDB's HTTP API (1.x, 2.x and 3.x), or to Telegraf over UDP or TCP.

import type { InfluxOutputDefinition } from '../model/output.ts';
import { createBatchOutput, type EncodedBatch, intervalOf } from './batch-output.ts';
import type { Attempt } from './delivery.ts';
import { createPost } from './http-post.ts';
import { type InfluxLine, InfluxLines } from './influx-lines.ts';
import type { Output, OutputRun } from './output.ts';
import { parseReceiverUrl, type ReceiverUrl } from './receiver-url.ts';
import { createTcpAttempt, createUdpAttempt } from './sockets.ts';

/** Larger requests are refused by some receivers. */
const longestBatchBytes = 1024 * 1024;
/** What fits into one frame of an Ethernet, so that no datagram is split. */
const longestDatagramBytes = 1400;

/** Throws a `UsageError` for a URL that is none, or a wrong interval. */
export function createInfluxOutput(definition: InfluxOutputDefinition, run: OutputRun): Output {
  const receiver = parseReceiverUrl(definition.url, ['http', 'https', 'udp', 'tcp']);
  const lines = new InfluxLines(run);
  const datagrams = receiver.url.protocol === 'udp:';
  return createBatchOutput({
    kind: 'influx',
    run,
    to: receiver.shown,
    intervalMs: intervalOf(definition.interval),
    attempt: attemptFor(receiver, definition),
    encode(book, time) {
      const batches = pack(lines.of(book, time), datagrams ? longestDatagramBytes : longestBatchBytes);
      book.startInterval();
      return batches;
    },
  });
}

function attemptFor(receiver: ReceiverUrl, { headers }: InfluxOutputDefinition): Attempt {
  const { protocol } = receiver.url;
  if (protocol === 'udp:') return createUdpAttempt(receiver.url);
  if (protocol === 'tcp:') return createTcpAttempt(receiver.url);
  const url = new URL(receiver.url);
  url.searchParams.set('precision', url.pathname.startsWith('/api/v3') ? 'nanosecond' : 'ns');
  const formatHeaders: Record<string, string> = { 'content-type': 'text/plain; charset=utf-8' };
  // A user without a password is a token: InfluxDB 2 and 3 have no other way in.
  const { user } = receiver;
  if (user !== undefined && user.password === '') formatHeaders.authorization = `Token ${user.name}`;
  return createPost({ receiver: { ...receiver, url }, headers, formatHeaders });
}

/** Joins lines up to a size; a line that is longer goes alone. */
function pack(lines: readonly InfluxLine[], longestBytes: number): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  let texts: string[] = [];
  let bytes = 0;
  let points = 0;
  const end = (): void => {
    if (texts.length > 0) batches.push({ body: Buffer.from(texts.join('')), points });
    texts = [];
    bytes = 0;
    points = 0;
  };
  for (const line of lines) {
    const size = Buffer.byteLength(line.text);
    if (bytes + size > longestBytes) end();
    texts.push(line.text);
    bytes += size;
    points += line.points;
  }
  end();
  return batches;
}
