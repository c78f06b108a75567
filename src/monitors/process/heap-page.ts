// Reads the heap of a process off its own metrics page. Used by ../process.ts.

import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { messageOf } from '../../model/errors.ts';
import { Dialer } from '../../network/dialer.ts';
import { ownConnection } from '../../network/node-http.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';

/** Resolves with the text of a page that was answered with status 200; rejects when `signal` aborts. */
export type FetchPage = (url: string, signal: AbortSignal) => Promise<string>;

/**
 * In the order in which they are looked for: client libraries of Node, of tcmalloc, Go and Java (old and new). Series of
 * one name are summed: a heap of the JVM has several pools.
 */
const heapMetrics: readonly { readonly name: string; readonly label?: string }[] = [
  { name: 'nodejs_heap_size_used_bytes' },
  { name: 'process_heap_bytes' },
  { name: 'go_memstats_heap_alloc_bytes' },
  { name: 'jvm_memory_used_bytes', label: 'area="heap"' },
  { name: 'jvm_memory_bytes_used', label: 'area="heap"' },
];

/** The heap by a page in Prometheus text or OpenMetrics format; `undefined` when it has none of the known metrics. */
export function parseHeapBytes(page: string): number | undefined {
  for (const { name, label = '' } of heapMetrics) {
    const values: number[] = [];
    for (const [, labels = '', value] of page.matchAll(
      new RegExp(`^${name}(\\{[^\\n]*\\})?[ \\t]+(\\S+)`, 'gm'),
    )) {
      if (labels.includes(label)) values.push(Number(value));
    }
    const sum = values.reduce((total, value) => total + value, 0);
    if (values.length > 0 && Number.isFinite(sum)) return sum;
  }
  return undefined;
}

/**
 * A reading waits so long for the page at the most: a process that is too busy to answer is the very one whose CPU and
 * memory must not be lost with it.
 */
const longestWaitMs = 500;

export interface HeapReading {
  readonly bytes?: number;
  /** Told when the page fails, and again only after it has worked. */
  readonly event?: string;
}

export class HeapPage {
  readonly #url: string;
  readonly #fetchPage: FetchPage;
  #failed = false;

  constructor(url: string, fetchPage: FetchPage) {
    this.#url = url;
    this.#fetchPage = fetchPage;
  }

  /** Never rejects; resolves soon after `signal` aborts. */
  async read(signal: AbortSignal): Promise<HeapReading> {
    const waiting = new AbortController();
    const giveUp = (): void => waiting.abort(new Error('the reading was cancelled'));
    const timer = startTimer(
      () => waiting.abort(new Error(`no answer within ${longestWaitMs} ms`)),
      longestWaitMs,
    );
    signal.addEventListener('abort', giveUp);
    try {
      const bytes = parseHeapBytes(await this.#fetchPage(this.#url, waiting.signal));
      if (bytes === undefined) return this.#failure('it has no metric of a heap that is known');
      this.#failed = false;
      return { bytes };
    } catch (error) {
      return signal.aborted
        ? {}
        : this.#failure(reasonOf(waiting.signal.aborted ? waiting.signal.reason : error));
    } finally {
      cancelTimer(timer);
      signal.removeEventListener('abort', giveUp);
    }
  }

  #failure(reason: string): HeapReading {
    if (this.#failed) return {};
    this.#failed = true;
    return { event: `the heap could not be read from ${this.#url}: ${reason}` };
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error) || 'unknown reason';
}

/** Far above any page that people write, so that a wrong address does not fill the memory. */
const mostBytes = 16 * 1024 * 1024;

/** Opens a connection for each page: one that is kept would count among the open files of the process watched. */
export const pageFetcher =
  (dialer: Dialer): FetchPage =>
  (url, signal) =>
    new Promise((resolve, reject) => {
      const get = url.startsWith('https:') ? getHttps : getHttp;
      const options = {
        ...ownConnection(dialer, new URL(url), signal),
        signal,
        headers: { accept: 'text/plain' },
      };
      const request = get(url, options, (response) => {
        if (response.statusCode !== 200) {
          response.destroy();
          reject(new Error(`it answers with status ${response.statusCode}`));
          return;
        }
        textOf(response).then(resolve, reject);
      });
      request.on('error', reject);
    });

export const fetchPage: FetchPage = pageFetcher(new Dialer());

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`it is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
