// The monitor of a Redis server: memory, clients, commands, keys found and lost. Made by monitors.ts; what is asked is in
// redis/questions.ts.

import type { MonitorTable, Reading } from '../model/monitor.ts';
import type { redisFigures } from '../model/monitor-figures.ts';
import type { MonitorSecret, SourceOf } from '../model/monitor-settings.ts';
import { Dialer } from '../network/dialer.ts';
import { parseRedisUrl, type RedisPlace } from '../protocols/redis/redis-url.ts';
import { untilClosed } from './give-up.ts';
import { leastSpanMs } from './least-span.ts';
import type { Monitor } from './monitor.ts';
import { Changes } from './redis/changes.ts';
import { RedisLink } from './redis/link.ts';
import { Questions } from './redis/questions.ts';
import type { ServerInfo } from './redis/server-info.ts';
import { commandStatistics, commandsSinceStart, serverFacts, slowLog } from './redis/tables.ts';

/** Watches the whole server, whatever database the URL names. */
export function createRedisMonitor(
  source: SourceOf<'redis'>,
  secret: MonitorSecret,
  dialer: Dialer = new Dialer(),
  spanMs: number = leastSpanMs,
): Monitor {
  return new RedisMonitor(source, secret, dialer, spanMs);
}

class RedisMonitor implements Monitor {
  readonly #place: RedisPlace;
  readonly #dialer: Dialer;
  readonly #password: string | undefined;
  readonly #closing = new AbortController();
  #session: { readonly link: RedisLink; readonly questions: Questions } | null = null;
  readonly #changes: Changes;
  /** Sentences that were said, and are said once. */
  readonly #said = new Set<string>();
  #newestSlow: number | undefined;

  constructor(source: SourceOf<'redis'>, secret: MonitorSecret, dialer: Dialer, spanMs: number) {
    this.#dialer = dialer;
    this.#changes = new Changes(spanMs);
    const url = secret.url ?? source.url;
    this.#place = parseRedisUrl(url);
    this.#password = decodeURIComponent(new URL(url).password) || undefined;
  }

  read(signal: AbortSignal): Promise<Reading> {
    return untilClosed(signal, this.#closing.signal, (until) => this.#read(until));
  }

  async #read(signal: AbortSignal): Promise<Reading> {
    const { questions } = await this.#connected(signal);
    const answers = await questions.ask(signal);
    const events = this.#changes.see(answers);
    const notes = questions.missing.filter((note) => !this.#said.has(note));
    for (const note of notes) this.#said.add(note);
    const { info, slow } = answers;
    const tables: MonitorTable[] = [];
    if (this.#changes.commands.size > 0) tables.push(commandStatistics(this.#changes.commands));
    const newest = slow?.entries[0]?.id;
    if (slow !== null && newest !== undefined && newest !== this.#newestSlow)
      tables.push(slowLog(slow.entries));
    this.#newestSlow = newest;
    const values = valuesOf({
      ...infoValues(info),
      hit_ratio: this.#changes.hitRatio,
      cpu_ratio: this.#changes.cpuRatio,
      slow_commands: slow === null ? undefined : this.#changes.slowCommands,
    });
    return { values, tables, events: [...events, ...notes] };
  }

  diagnose(signal: AbortSignal): Promise<readonly MonitorTable[]> {
    return untilClosed(signal, this.#closing.signal, async (until) => {
      const { questions } = await this.#connected(until);
      const { info, slow } = await questions.ask(until);
      return [
        serverFacts(info),
        ...(info.commands === null ? [] : [commandsSinceStart(info.commands)]),
        ...(slow === null || slow.entries.length === 0 ? [] : [slowLog(slow.entries)]),
      ];
    });
  }

  async #connected(signal: AbortSignal) {
    if (this.#session?.link.alive) return this.#session;
    this.#session = null;
    const link = await RedisLink.open(this.#place, this.#password, signal, this.#dialer);
    this.#session = { link, questions: new Questions(link) };
    return this.#session;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#session?.link.drop();
    this.#session = null;
  }
}

type Told = Partial<Record<keyof typeof redisFigures, number | undefined>>;

function infoValues(info: ServerInfo): Told {
  const memory = info.number('used_memory');
  const limit = info.number('maxmemory') ?? 0;
  const clients = info.number('connected_clients');
  return {
    memory_bytes: memory,
    memory_peak_bytes: info.number('used_memory_peak'),
    memory_ratio: memory === undefined || limit === 0 ? undefined : memory / limit,
    memory_fragmentation: info.number('mem_fragmentation_ratio'),
    // Ours is one of them.
    clients: clients === undefined ? undefined : Math.max(0, clients - 1),
    blocked_clients: info.number('blocked_clients'),
    commands: info.number('total_commands_processed'),
    hits: info.number('keyspace_hits'),
    misses: info.number('keyspace_misses'),
    evictions: info.number('evicted_keys'),
    expirations: info.number('expired_keys'),
    rejected_connections: info.number('rejected_connections'),
    keys: info.keys,
  };
}

/** What was not told is left out. */
function valuesOf(told: Told): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [figure, value] of Object.entries(told)) if (value !== undefined) values[figure] = value;
  return values;
}
