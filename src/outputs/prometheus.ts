// A page that Prometheus scrapes while the run goes on.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../model/errors.ts';
import type { OutputTally, PrometheusOutputDefinition } from '../model/output.ts';
import { isOwnName } from '../network/own-names.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import type { Output, OutputRun } from './output.ts';
import { contentTypes, formatFor, type PageFormat, PrometheusPage } from './prometheus-page.ts';
import { SeriesBook } from './series-book.ts';

const defaultPrometheusPort = 9464;
const defaultHost = '127.0.0.1';
/** A port that is taken, perhaps by a run that is just ending, is tried again after this. */
const listenAgainMs = 2000;
/** A request must be read, and its answer taken, within this time. */
const connectionTimeoutMs = 10_000;

/**
 * Serves `/metrics`. Resolves when it listens, or when it could not: then `lastError` says so, and it tries again as
 * long as the run goes on. Points are sent when a scrape has read them; what no scrape has read at the end is lost.
 */
export async function createPrometheusOutput(
  definition: PrometheusOutputDefinition,
  run: OutputRun,
): Promise<Output> {
  const output = new PrometheusOutput(definition, run);
  await output.listen();
  return output;
}

class PrometheusOutput implements Output {
  readonly #host: string;
  readonly #port: number;
  /** It listens for this machine alone, and not for names that others have given it. */
  readonly #isForUsAlone: boolean;
  readonly #book: SeriesBook;
  readonly #page: PrometheusPage;
  readonly #server: Server;
  /** The latest page by format, until there is something new. */
  readonly #pages = new Map<PageFormat, { readonly revision: number; readonly text: string }>();
  #listenAgain: Timer | undefined;
  /** The book's revision in the newest page that was read to its end, and the points lost by then. */
  #scraped = { revision: 0, lostPoints: 0 };
  #scrapedAtMs: number | undefined;
  #scrapeEveryMs: number | undefined;
  #onScrape: (() => void) | undefined;
  #failures = 0;
  #lastError: string | undefined;
  #closed = false;

  constructor(
    { host = defaultHost, port = defaultPrometheusPort }: PrometheusOutputDefinition,
    run: OutputRun,
  ) {
    this.#host = host;
    this.#port = port;
    this.#isForUsAlone = isOwnName(host.includes(':') ? `[${host}]` : host);
    this.#book = new SeriesBook({ monitors: run.monitors });
    this.#page = new PrometheusPage(this.#book, run);
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.requestTimeout = connectionTimeoutMs;
    this.#server.timeout = connectionTimeoutMs;
    this.#server.maxConnections = 20;
    this.#server.unref();
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      const failed = (error: Error): void => {
        this.#failures++;
        const { code } = error as NodeJS.ErrnoException;
        this.#lastError =
          code === 'EADDRINUSE' ? `port ${this.#port} of ${this.#host} is taken` : messageOf(error);
        if (!this.#closed) this.#listenAgain = startTimer(() => void this.listen(), listenAgainMs).unref();
        resolve();
      };
      this.#server.once('error', failed);
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', failed);
        this.#server.on('error', (error) => {
          this.#lastError = messageOf(error);
        });
        resolve();
      });
    });
  }

  window(window: Parameters<Output['window']>[0]): void {
    this.#book.window(window);
  }

  sample(sample: Parameters<Output['sample']>[0]): void {
    this.#book.sample(sample);
  }

  alert(transition: Parameters<Output['alert']>[0]): void {
    this.#book.alert(transition);
  }

  async close(graceMs: number): Promise<OutputTally> {
    await this.#lastScrape(graceMs);
    this.#closed = true;
    cancelTimer(this.#listenAgain);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    const { revision, lostPoints } = this.#scraped;
    return {
      kind: 'prometheus',
      to: `http://${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.#port}/metrics`,
      sent: revision - lostPoints,
      lost: this.#book.revision - revision + lostPoints,
      failures: this.#failures,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  /** Waits for one more scrape when there is something to read, and when one must come in time. */
  async #lastScrape(graceMs: number): Promise<void> {
    if (this.#scraped.revision === this.#book.revision || this.#scrapedAtMs === undefined) return;
    const everyMs = this.#scrapeEveryMs ?? Number.POSITIVE_INFINITY;
    const dueInMs = this.#scrapedAtMs + everyMs - monotonicMs();
    // A scraper that is overdue by a whole interval is gone.
    if (dueInMs > graceMs || dueInMs < -Math.max(everyMs, 1000)) return;
    await new Promise<void>((resolve) => {
      const timer = startTimer(resolve, graceMs);
      this.#onScrape = () => {
        cancelTimer(timer);
        resolve();
      };
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const pathname = request.url?.split('?')[0];
    if (this.#isForUsAlone && !isOwnName(request.headers.host)) {
      response
        .writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
        .end('only requests to localhost, 127.0.0.1 or [::1] are answered here\n');
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (pathname !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('see /metrics\n');
    } else {
      this.#servePage(request, response);
    }
  }

  #servePage(request: IncomingMessage, response: ServerResponse): void {
    const format = formatFor(request.headers.accept);
    const { revision, lostPoints } = this.#book;
    const known = this.#pages.get(format);
    let text: string;
    try {
      text = known?.revision === revision ? known.text : this.#page.render(format);
    } catch (thrown) {
      this.#failures++;
      this.#lastError = messageOf(thrown);
      response.writeHead(500).end();
      return;
    }
    this.#pages.set(format, { revision, text });
    response.writeHead(200, {
      'content-type': contentTypes[format],
      'content-length': Buffer.byteLength(text),
      vary: 'accept',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.on('finish', () => this.#wasScraped(revision, lostPoints));
    response.end(text);
  }

  #wasScraped(revision: number, lostPoints: number): void {
    const nowMs = monotonicMs();
    if (this.#scrapedAtMs !== undefined) this.#scrapeEveryMs = nowMs - this.#scrapedAtMs;
    this.#scrapedAtMs = nowMs;
    if (revision >= this.#scraped.revision) this.#scraped = { revision, lostPoints };
    if (revision === this.#book.revision) this.#onScrape?.();
  }
}
