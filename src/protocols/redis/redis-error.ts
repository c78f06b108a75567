// The error that user code meets where a Redis command fails. Made by user-redis.ts and subscriptions.ts; the package exports it.

/** A Redis command that failed. `code` is the first word of the server's answer, or `timeout`, `ECONNREFUSED`, ... */
export class RedisError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'RedisError';
    this.code = code;
  }
}
