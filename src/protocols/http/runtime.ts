// What all HTTP connections of one worker share: the read buffer, deadlines, name look-ups, defaults.

import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { DnsPlan, HttpPlan, HttpVersion } from '../../model/http-settings.ts';
import { Dialer, type Guard } from '../../network/dialer.ts';
import { createLookup, type ResolveName } from '../../network/name-lookup.ts';
import { type TlsSessions, TlsSettings } from '../../network/tls-settings.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startRepeating, type Timer } from '../../time/timer.ts';
import { BodyDecoder } from './body-decoder.ts';
import { BodyMemory } from './body-memory.ts';
import type { HttpExchange } from './exchange.ts';
import { HeadBlocks } from './http2/head-block.ts';
import { KnownHeads } from './http2/known-heads.ts';
import { ParserPool } from './parser-pool.ts';
import type { RedirectHeaders } from './redirect.ts';
import {
  normaliseHeaders,
  type PreparedRequest,
  phaseLimits,
  prepareRequest,
  type RequestDefaults,
} from './request.ts';
import { Routes } from './route.ts';
import { type Target, TargetResolver } from './target.ts';
import type { ConnectionHost, Transport } from './transport.ts';

const readBufferBytes = 64 * 1024;
const sweepIntervalMs = 25;
const defaultDns: DnsPlan = { ttlMs: 300_000, select: 'random', policy: 'preferIPv4' };
const defaultMaxResponseBytes = 256 * 1024 * 1024;
const maxPreparedRequests = 5000;

export interface HttpRuntimeOptions {
  readonly baseUrl: string | undefined;
  readonly plan: HttpPlan;
  readonly userAgent: string;
  /** Certificates, keys and the like; none when absent. */
  readonly secrets?: HttpSecrets;
  /** Asked before every connection. */
  readonly guard?: Guard | undefined;
  /** Finds the addresses of names in place of the system, and is asked as `plan.dns` says. */
  readonly resolve?: ResolveName;
  /** What the bodies that the worker receives at once may take; half a GB unless given. */
  readonly bodyMemoryBytes?: number;
  /** Called for each request that failed or had an unexpected status, and for each that was cut off. */
  readonly onFailure: (exchange: HttpExchange, code: string, message: string) => void;
}

/** Who has requests that wait for a connection. */
export interface WaitingClient {
  /** Called about forty times a second: ends what has waited too long. Returns false when nothing waits any more. */
  sweep(nowMs: number): boolean;
}

export class HttpRuntime implements ConnectionHost {
  readonly bodies: BodyMemory;
  readonly parsers: ParserPool;
  readonly heads: ConnectionHost['heads'] = { known: new KnownHeads(), blocks: new HeadBlocks() };
  readonly decoder: BodyDecoder;
  readonly version: HttpVersion;
  readonly agreed: ConnectionHost['agreed'] = new Map();
  readonly readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
  readonly tls: TlsSettings;
  readonly dialer: Dialer;
  readonly defaults: RequestDefaults;
  readonly redirectHeaders: RedirectHeaders;
  readonly connectionsPerHost: number;
  readonly onFailure: HttpRuntimeOptions['onFailure'];
  readonly #targets: TargetResolver;
  readonly #connections = new Set<Transport>();
  #preparedGets = new Map<string, PreparedRequest>();
  /** Clients with requests that wait for a connection. */
  readonly #waiting = new Set<WaitingClient>();
  readonly #sweeper: Timer;
  readonly #localAddresses: readonly string[];
  #vuCount = 0;
  #whenDrained: (() => void) | null = null;

  constructor(options: HttpRuntimeOptions) {
    this.version = options.plan.version ?? 'auto';
    this.bodies = new BodyMemory(options.bodyMemoryBytes);
    this.parsers = new ParserPool(this.bodies);
    this.decoder = new BodyDecoder(this.bodies);
    this.tls = new TlsSettings(options.plan.tls, options.secrets?.tls);
    this.#targets = new TargetResolver(
      options.baseUrl,
      options.plan.nameFromPath,
      new Routes(options.plan, options.secrets),
    );
    const lookup = createLookup(options.plan.dns ?? defaultDns, options.resolve);
    this.dialer = new Dialer({ lookup, guard: options.guard });
    this.#localAddresses = options.plan.localAddresses ?? [];
    this.defaults = {
      headers: { 'user-agent': options.userAgent, accept: '*/*', ...normaliseHeaders(options.plan.headers) },
      timeoutMs: options.plan.timeoutMs,
      redirects: {
        most: options.plan.maxRedirects,
        sameOrigin: options.plan.redirectsTo === 'same-origin',
      },
      phases: phaseLimits(
        {
          connectMs: options.plan.connectTimeoutMs,
          responseMs: options.plan.responseTimeoutMs,
          totalMs: undefined,
        },
        null,
      ),
      maxResponseBytes: options.plan.maxResponseBytes ?? defaultMaxResponseBytes,
      retries: options.plan.retries ?? null,
    };
    const { keep = [], drop = [] } = options.plan.redirectHeaders ?? {};
    this.redirectHeaders = { keep: lowerCased(keep), drop: lowerCased(drop) };
    this.connectionsPerHost = options.plan.connectionsPerHost;
    this.onFailure = options.onFailure;
    this.#sweeper = startRepeating(() => {
      const nowMs = monotonicMs();
      for (const connection of this.#connections) connection.sweep(nowMs);
      for (const client of this.#waiting) if (!client.sweep(nowMs)) this.#waiting.delete(client);
    }, sweepIntervalMs);
    this.#sweeper.unref();
  }

  resolve(url: string): Target {
    return this.#targets.resolve(url);
  }

  /** The request for a GET without options or cookies: its bytes are the same every time. */
  plainGet(url: string): PreparedRequest {
    let prepared = this.#preparedGets.get(url);
    if (prepared === undefined) {
      const request = prepareRequest('GET', this.resolve(url), undefined, this.defaults, '');
      prepared = { ...request, bytes: Buffer.from(request.bytes as string, 'latin1') };
      if (this.#preparedGets.size >= maxPreparedRequests) this.#preparedGets = new Map();
      this.#preparedGets.set(url, prepared);
    }
    return prepared;
  }

  /** Where the connections of one more VU come from: the given addresses in turn. */
  nextLocalAddress(): string | undefined {
    const addresses = this.#localAddresses;
    return addresses[this.#vuCount++ % addresses.length];
  }

  /** Where one VU keeps its TLS sessions; `null` when they are not to be used again. */
  createTlsSessions(): TlsSessions | null {
    if (this.tls.sessionReuse === 'none') return null;
    return this.tls.sessionReuse === 'worker' ? this.tls.shared : new Map();
  }

  /** From now on the client is swept, until nothing waits. */
  waits(client: WaitingClient): void {
    this.#waiting.add(client);
  }

  opened(connection: Transport): void {
    this.#connections.add(connection);
  }

  closed(connection: Transport): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenDrained?.();
  }

  /** Resolves when every connection is closed; callers have closed or cut off their sessions before. */
  async close(): Promise<void> {
    if (this.#connections.size > 0) {
      this.#sweeper.ref();
      await new Promise<void>((resolve) => {
        this.#whenDrained = resolve;
      });
    }
    cancelTimer(this.#sweeper);
  }
}

function lowerCased(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}
