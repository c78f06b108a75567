// What the URL of a Redis server says: where it is, who connects, and which database. Called by settings.ts, runtime.ts and
// reachable.ts. Source: the schemes "redis" and "rediss" of IANA.

export interface RedisPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  /** Number of the database. */
  readonly database: number;
  readonly secure: boolean;
}

const defaultPort = 6379;

/** Throws a `TypeError` for what is no URL of Redis. */
export function parseRedisUrl(text: string): RedisPlace {
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new TypeError(`a URL such as redis://127.0.0.1:6379/0 is needed, not one of ${url.protocol}`);
  }
  const path = url.pathname.slice(1);
  if (!/^\d*$/.test(path)) throw new TypeError(`the path of a Redis URL is a database number, not "${path}"`);
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(url.port || defaultPort),
    username: decodeURIComponent(url.username) || undefined,
    database: Number(path),
    secure: url.protocol === 'rediss:',
  };
}

/** For messages: no user, no password. */
export function placeOf({ host, port, database }: RedisPlace): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** One that a suite may name. */
export function isRedisUrl(text: string): boolean {
  return /^rediss?:\/\//.test(text) && URL.canParse(text) && /^\/?\d*$/.test(new URL(text).pathname);
}

/** The URL as records may show it: without its password. */
export function publicRedisUrl(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}
