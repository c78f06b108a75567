// The event streams of one virtual user: opens them over its HTTP client, and closes what is left when it ends.

import type { HttpClient, HttpError, HttpOptions, HttpResponse } from '../../model/context.ts';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { type HeldRuntime, sizeLimit, unreadLimit } from '../held-connections.ts';
import { noEndMs } from '../http/no-end.ts';
import { parseTimeouts } from '../http/setting-values.ts';
import type { Scope } from '../scope.ts';
import type { SseClient, SseConnection, SseOptions } from './sse.ts';
import { EventStream } from './stream.ts';
import { StreamSeries } from './stream-series.ts';

export interface SseClientDeps {
  readonly runtime: HeldRuntime;
  readonly user: { readonly scope: Scope };
  readonly http: HttpClient;
}

export class UserEventStreams implements SseClient {
  readonly client: SseClient = this;
  readonly #deps: SseClientDeps;
  readonly #streams = new Set<EventStream>();
  #closed = false;

  constructor(deps: SseClientDeps) {
    this.#deps = deps;
  }

  async connect(url: string, options: SseOptions = {}): Promise<SseConnection> {
    const { runtime, user, http } = this.#deps;
    const { tags, method = 'GET', reconnect = false } = options;
    const scope = tags === undefined ? user.scope : user.scope.with(tags);
    const target = runtime.http.resolve(url);
    const name = options.name ?? target.name;
    const requestOptions = { ...this.#httpOptions(options), name };
    const stream = new EventStream({
      request: (lastEventId) => {
        if (this.#closed) return Promise.reject(new StoppedError());
        const { headers } = requestOptions;
        return http.request(method, url, {
          ...requestOptions,
          headers: lastEventId === '' ? headers : { ...headers, 'last-event-id': utf8Octets(lastEventId) },
        }) as Promise<HttpResponse<'stream'>>;
      },
      series: new StreamSeries(scope.with({ name })),
      runtime,
      url: target.href,
      maxUnread: unreadLimit(options.maxUnread),
      maxEventSize: sizeLimit(options.maxEventSize, runtime.http.defaults.maxResponseBytes),
      maxReconnects: typeof reconnect === 'number' ? reconnect : reconnect ? Number.POSITIVE_INFINITY : 0,
      isUserGone: () => this.#closed,
      onClosed: (closed) => this.#streams.delete(closed),
    });
    this.#streams.add(stream);
    await stream.open();
    if (options.throw === true && stream.error !== null && !stream.ok) {
      throw new HttpRequestError(stream.error.code, `${stream.url}: ${stream.error.message}`);
    }
    return stream;
  }

  #httpOptions(options: SseOptions): HttpOptions<'stream'> & Required<Pick<HttpOptions, 'headers'>> {
    const { headers, params, tags, auth, json, body } = options;
    const given = { params, tags, auth, json, body };
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return {
      ...(present as HttpOptions),
      headers: { accept: 'text/event-stream', 'cache-control': 'no-store', ...headers },
      responseType: 'stream',
      retries: { count: 0 },
      timeout: this.#timeouts(options.timeout),
    };
  }

  /** A stream has no end of its own: its requests have limits until the answer begins, and none in all. */
  #timeouts(timeout: SseOptions['timeout']): { connect: number; response: number; total: number } {
    const { timeoutMs, phases } = this.#deps.runtime.http.defaults;
    const own = timeout === undefined ? undefined : parseTimeouts(timeout);
    const total = own?.totalMs ?? timeoutMs;
    const atMost = (ms: number | undefined): number => Math.min(ms ?? total, total);
    return {
      connect: atMost(own?.connectMs ?? phases?.connectMs),
      response: atMost(own?.responseMs ?? phases?.responseMs),
      total: noEndMs,
    };
  }

  /** User code waits for an event of an open stream. */
  get listens(): boolean {
    return [...this.#streams].some((stream) => stream.listens);
  }

  /** The user has ended. To be called before its HTTP client is closed, with the same `cause`. */
  close(cause?: HttpError): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of [...this.#streams]) stream.stop(cause);
  }
}

/** Header values are octets: these are those of the text in UTF-8 (HTML standard, section 9.2.3). */
function utf8Octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}
