// What user code is handed: the context of a task, its HTTP client, and what comes back.

import type { HookProtocol, ProtocolClients } from '../protocols/registry.ts';
import type { Row } from './feeder.ts';
import type { MultipartFields, QueryFields } from './http-fields.ts';
import type { HttpRetries, HttpTimeout } from './http-settings.ts';
import type { Tags } from './metric.ts';
import type { ByteStream, Bytes } from './platform-types.ts';
import type { SuiteFinding } from './verdict.ts';

/** Timings of one request in ms, with k6's names. `duration` = sending + waiting + receiving. */
export interface HttpTimings {
  readonly blocked: number;
  readonly looking_up: number;
  readonly connecting: number;
  readonly tls_handshaking: number;
  readonly sending: number;
  readonly waiting: number;
  readonly receiving: number;
  readonly duration: number;
}

/** Why a request got no response, or not the final one. `code` is stable: `ECONNREFUSED`, `timeout`, `protocol_error`, ... */
export interface HttpError {
  readonly code: string;
  readonly message: string;
}

/** Response headers: names in lower case; repeated headers joined by `, `, `set-cookie` by a line feed. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** What `body` is, by `responseType`. */
export interface ResponseBodies {
  text: string;
  buffer: Bytes;
  /** Parsed when `body` is read, which throws a `SyntaxError` for what is not JSON; `null` without an answer. */
  json: unknown;
  /** Read it to its end, or destroy it: that ends the request. */
  stream: ByteStream;
  none: null;
}

export type ResponseType = keyof ResponseBodies;

export interface HttpResponse<Type extends ResponseType = ResponseType> {
  /** 0 when the request failed on the network; see `error`. */
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Decoded text by default; see `responseType`. */
  readonly body: ResponseBodies[Type];
  /** The URL that answered, after redirects. */
  readonly url: string;
  readonly timings: HttpTimings;
  readonly error: HttpError | null;
  /** True for an expected status: 200 to 399, or what `expect` said. */
  readonly ok: boolean;
  text(): string;
  /** Parses the body. Throws a `SyntaxError` that shows the start of a body that is not JSON. */
  json<T = unknown>(): T;
}

/** A body that is made while it is sent: a readable stream, an async generator. Pieces of text are UTF-8. */
export type BodySource = AsyncIterable<string | Uint8Array>;

/** How many redirects are followed, or to where: to any origin, or to the one that was asked. */
export type Redirects = number | 'all' | 'same-origin';

export interface HttpOptions<Type extends ResponseType = ResponseType> {
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Query parameters, appended to the URL. */
  readonly params?: QueryFields;
  /** At most one of the four bodies. */
  readonly json?: unknown;
  readonly form?: QueryFields;
  readonly multipart?: MultipartFields;
  /**
   * Text, bytes, or a source that is read while it is sent: in chunks, or with the length that a `content-length`
   * header gives. Give a function that opens the source when the request may have to be sent again, after a
   * redirect, a challenge or a failure: a source itself can be read once only.
   */
  readonly body?: string | Uint8Array | BodySource | (() => BodySource);
  /** Tags of this request's samples, beside those of its scenario, user and task. */
  readonly tags?: Tags;
  /** Series name of the request; without it the URL's path, without its query, its ids as `:id`. */
  readonly name?: string;
  /** Longest time from the start to the last byte: ms, or a duration such as `"5s"`; or one per phase. */
  readonly timeout?: HttpTimeout;
  /** Attempts after a failure; each counts as a request of its own. */
  readonly retries?: HttpRetries;
  /**
   * How many redirects to follow; 0 returns the redirect itself. Or where they may lead: `all`, or `same-origin`. One
   * that cannot be followed is a failure, see `error`.
   */
  readonly redirects?: Redirects;
  readonly auth?:
    | { readonly username: string; readonly password: string; readonly scheme?: 'basic' | 'digest' }
    | { readonly bearer: string };
  /** `text` (default), `buffer`, `json`, `stream`, or `none` to read and discard the body. */
  readonly responseType?: Type;
  /** A longer response fails: bytes, or a size such as `"10MB"`. */
  readonly maxResponseSize?: number | string;
  /** Statuses of the final answer, after redirects, that count as success in place of 200 to 399. */
  readonly expect?: number | readonly number[];
  /** Throw an `HttpRequestError` in place of a response that has an `error`. */
  readonly throw?: boolean;
}

export type BatchRequest =
  | string
  | { readonly method?: string; readonly url: string; readonly options?: HttpOptions };

export interface HttpClient {
  get<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  head<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  post<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  put<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  patch<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  del<Type extends ResponseType = 'text'>(
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  request<Type extends ResponseType = 'text'>(
    method: string,
    url: string,
    options?: HttpOptions<Type>,
  ): Promise<HttpResponse<Type>>;
  /** Sends all at once, over parallel connections; the responses come in the order of the requests. */
  batch(requests: readonly BatchRequest[]): Promise<HttpResponse[]>;
}

/** Records one boolean per name; true when all hold. An exception inside a predicate counts as false. */
export type CheckFunction = <T>(
  value: T,
  predicates: Readonly<Record<string, ((value: T) => boolean) | boolean>>,
  tags?: Tags,
) => boolean;

export interface CustomMetrics {
  trend(name: string): { add(value: number, tags?: Tags): void };
  counter(name: string): { add(amount: number, tags?: Tags): void };
  rate(name: string): { add(passed: boolean, tags?: Tags): void };
  gauge(name: string): { set(value: number, tags?: Tags): void };
}

export interface VirtualUser {
  /** From 1, unique in the run. */
  readonly id: number;
  readonly scenario: string;
  readonly user: string;
  /** Next number of this user's own random stream, 0 <= x < 1; the same for the same seed. */
  random(): number;
}

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A value per VU that user code fills as it likes, typically in `onStart`. */
// biome-ignore lint/suspicious/noExplicitAny: a session holds whatever user code puts there
export type Session = Record<string, any>;

/**
 * What a task, `onStart` and `onStop` are called with. The same object serves every iteration of one VU,
 * so it is meant to be taken apart in the parameter list. It has the client of each protocol under its name: `http`, `ws`
 * and `sse`, whose connections may be kept in `session` from one iteration to the next, `sql` and `redis`.
 */
// biome-ignore lint/suspicious/noExplicitAny: `data` is whatever the suite's `setup` returned
export interface TaskContext<Data = any> extends ProtocolClients {
  readonly check: CheckFunction;
  /** Runs `body`, tags its samples with the group, and records `group_duration`. Groups nest with `::`. */
  group<T>(name: string, body: () => T | Promise<T>): Promise<T>;
  /** Waits: ms, or a duration such as `"1s"`. Ends early when the VU is stopped. */
  sleep(duration: number | string): Promise<void>;
  /**
   * A row of the feeder that the suite declares under this name in `data`: the same one for the whole iteration, or as
   * the feeder's `per` says. Rejects when no row is left, which ends the iteration.
   */
  row<One extends Row = Row>(feeder: string): Promise<One>;
  readonly session: Session;
  readonly data: Data;
  readonly metrics: CustomMetrics;
  readonly vu: VirtualUser;
  /** Number of this iteration: from 0 per VU, or over the whole scenario with arrival-rate executors. */
  readonly iteration: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** What `setup` and `teardown` are called with: no virtual user, no session. */
export type RunContext = Pick<TaskContext, HookProtocol | 'env' | 'log'> & {
  readonly baseUrl: string | undefined;
  /** Name of the profile that is run. */
  readonly profile: string;
  /** Every row of a feeder, in order, whatever its policy; none of them counts as given. */
  rows<One extends Row = Row>(feeder: string): Iterable<One>;
  /** Puts something into the run's record and reports: `critical` fails the run, `warning` warns. */
  finding(finding: SuiteFinding): void;
};
