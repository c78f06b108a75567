// An event stream of one virtual user: the HTTP requests that carry it, one after the other when it reconnects,
// and what is recorded of them.

import type { Readable } from 'node:stream';
import type { HttpError, HttpHeaders, HttpResponse } from '../../model/context.ts';
import { HttpRequestError, messageOf, StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { WaitOptions } from '../connection-types.ts';
import { type HeldRuntime, waitMs } from '../held-connections.ts';
import { Inbox } from '../inbox.ts';
import { ReceivedEvent } from './event.ts';
import { EventParser } from './event-parser.ts';
import type { SseConnection, SseEvent } from './sse.ts';
import type { StreamSeries } from './stream-series.ts';

export interface StreamSetup {
  /** Sends the request; the id is empty for the first. */
  readonly request: (lastEventId: string) => Promise<HttpResponse<'stream'>>;
  readonly series: StreamSeries;
  readonly runtime: HeldRuntime;
  readonly url: string;
  readonly maxUnread: number;
  /** Characters of an event, and of a line. */
  readonly maxEventSize: number;
  readonly maxReconnects: number;
  readonly isUserGone: () => boolean;
  /** Told when nothing more will come. */
  readonly onClosed: (stream: EventStream) => void;
}

const defaultRetryMs = 3000;
const mediaType = /^\s*text\/event-stream\s*(;|$)/i;

export class EventStream implements SseConnection {
  url: string;
  status = 0;
  headers: HttpHeaders = {};
  error: HttpError | null = null;
  ok = false;
  closed = false;
  lastEventId = '';

  readonly #setup: StreamSetup;
  readonly #inbox: Inbox<SseEvent>;
  #body: Readable | null = null;
  #startedAtMs = 0;
  #hasEvent = false;
  #retryMs: number | undefined;
  #reconnectCount = 0;
  #timer: Timer | undefined;

  constructor(setup: StreamSetup) {
    this.#setup = setup;
    this.url = setup.url;
    this.#inbox = new Inbox(setup.maxUnread, () => setup.runtime.dropped(this.url), setup.isUserGone);
  }

  /** Connects once. Rejects when the user has ended, and for options that make no sense. */
  async open(): Promise<void> {
    this.#startedAtMs = monotonicMs();
    this.#hasEvent = false;
    let response: HttpResponse<'stream'>;
    try {
      response = await this.#setup.request(this.lastEventId);
    } catch (thrown) {
      const isReturning = this.#reconnectCount > 0 && !(thrown instanceof StoppedError);
      if (isReturning) this.#failToReturn(messageOf(thrown));
      if (!this.closed) this.#end();
      if (isReturning) return;
      throw thrown;
    }
    if (this.closed) {
      response.body.destroy();
      return;
    }
    this.status = response.status;
    this.headers = response.headers;
    this.url = response.url;
    this.error = refusalOf(response);
    if (this.error !== null) {
      response.body.destroy();
      this.#refused(this.error);
      return;
    }
    this.ok = true;
    this.#setup.series.opened();
    this.#read(response.body);
  }

  #refused(error: HttpError): void {
    const { series, runtime } = this.#setup;
    // 204 is how a server says that nobody is to come back (HTML standard, section 9.2.3).
    const isFarewell = this.#reconnectCount > 0 && this.status === 204;
    if (isFarewell) {
      this.error = null;
    } else {
      series.refused(this.status, error.code);
      // Any other failure was told as that of the HTTP request.
      if (error.code === 'sse_not_a_stream') runtime.onFailure(series.tags, error.code, error.message);
    }
    // Only what got no answer is tried again: any other answer than a stream ends it (HTML standard, section 9.2.2).
    if (isFarewell || !this.ok || this.status !== 0 || !this.#comeBack()) this.#end();
  }

  #read(body: Readable): void {
    this.#body = body;
    const parser = this.#createParser();
    const decoder = new TextDecoder();
    body.on('data', (chunk: Buffer) => {
      if (this.#body !== body || parser.feed(decoder.decode(chunk, { stream: true }))) return;
      const message = `an event is longer than ${this.#setup.maxEventSize} characters; see maxEventSize`;
      this.#break({ code: 'sse_event_too_large', message });
    });
    body.on('end', () => this.#disconnected(body, null));
    body.on('error', (error) => {
      if (error instanceof StoppedError) return;
      const code = error instanceof HttpRequestError ? error.code : 'sse_broken';
      this.#disconnected(body, { code, message: error.message });
    });
  }

  #createParser(): EventParser {
    return new EventParser(
      {
        event: (type, data) => {
          this.#received(new ReceivedEvent(type, data, this.lastEventId, this.#retryMs));
        },
        lastId: (id) => {
          this.lastEventId = id;
        },
        retry: (ms) => {
          this.#retryMs = ms;
        },
      },
      this.#setup.maxEventSize,
    );
  }

  #received(event: SseEvent): void {
    const { series } = this.#setup;
    if (!this.#hasEvent) {
      this.#hasEvent = true;
      series.firstEvent(monotonicMs() - this.#startedAtMs);
    }
    series.events.add(1);
    this.#inbox.put(event);
  }

  /** The server sends what we will not take: we hang up. */
  #break(error: HttpError): void {
    const body = this.#body;
    if (body === null) return;
    const { series, runtime } = this.#setup;
    runtime.onFailure(series.tags, error.code, error.message);
    this.#disconnected(body, error);
    body.destroy();
  }

  /** The stream has ended; with an error when it broke, which is told already as that of the HTTP request. */
  #disconnected(body: Readable, error: HttpError | null): void {
    if (this.#body !== body) return;
    this.#conclude(error);
    if (!this.#comeBack()) this.#end();
  }

  #conclude(error: HttpError | null): void {
    this.#body = null;
    this.error = error;
    this.#setup.series.ended(monotonicMs() - this.#startedAtMs, error?.code);
  }

  #comeBack(): boolean {
    if (this.closed || this.#reconnectCount >= this.#setup.maxReconnects) return false;
    this.#reconnectCount++;
    this.#timer = startTimer(() => {
      this.open().catch((thrown: unknown) => {
        if (!(thrown instanceof StoppedError)) throw thrown;
      });
    }, this.#retryMs ?? defaultRetryMs);
    return true;
  }

  /** What the server said cannot be said back to it, such as an id with a control character. */
  #failToReturn(reason: string): void {
    const { series, runtime } = this.#setup;
    this.error = { code: 'sse_reconnect_failed', message: `the stream cannot be asked for again: ${reason}` };
    series.refused(0, this.error.code);
    runtime.onFailure(series.tags, this.error.code, this.error.message);
  }

  #end(): void {
    this.closed = true;
    cancelTimer(this.#timer);
    this.#inbox.end();
    this.#setup.onClosed(this);
  }

  get listens(): boolean {
    return this.#inbox.waitedFor;
  }

  next(options: WaitOptions = {}): Promise<SseEvent | null> {
    return this.#inbox.take(waitMs(options.timeout));
  }

  [Symbol.asyncIterator](): AsyncGenerator<SseEvent, void, undefined> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  close(): void {
    if (this.closed) return;
    const body = this.#body;
    if (body !== null) this.#conclude(null);
    this.#end();
    body?.destroy();
  }

  /**
   * The user has ended, at the end of the run or because of `cause`. A stream that somebody reads is left for the
   * HTTP client to cut off, which counts it as `aborted`, or as failed because of `cause`.
   */
  stop(cause?: HttpError): void {
    const isWaitedFor = this.#inbox.waitedFor;
    this.#inbox.stop();
    if (this.closed) return;
    if (cause === undefined && isWaitedFor && !this.#hasEvent) {
      this.#setup.series.cutOff(monotonicMs() - this.#startedAtMs);
    }
    const body = this.#body;
    if (body !== null) this.#conclude(isWaitedFor ? (cause ?? null) : null);
    this.#end();
    if (!isWaitedFor) body?.destroy();
  }
}

/** Why an answer is no event stream; `null` when it is one. */
function refusalOf({ status, error, headers }: HttpResponse<'stream'>): HttpError | null {
  if (error !== null) return error;
  if (status !== 200) {
    return { code: `sse_http_${status}`, message: `the stream was answered with status ${status}` };
  }
  const type = headers['content-type'] ?? 'none';
  if (mediaType.test(type)) return null;
  return { code: 'sse_not_a_stream', message: `the content type is ${type}, not text/event-stream` };
}
