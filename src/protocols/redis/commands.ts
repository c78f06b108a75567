// The usual commands by name. What sends them is in user-redis.ts.

import type { RedisArgument, RedisCommands, RedisReply, RedisSetOptions } from './redis.ts';

type Values = Readonly<Record<string, RedisArgument>>;
type Key = RedisArgument;

/** Key, value, key, value ... as the server wants them. */
function flat(values: Values): RedisArgument[] {
  return Object.entries(values).flat();
}

function setArguments(options: RedisSetOptions): RedisArgument[] {
  const args: RedisArgument[] = [];
  for (const name of ['ex', 'px', 'exat'] as const) {
    const value = options[name];
    if (value !== undefined) args.push(name.toUpperCase(), value);
  }
  for (const name of ['keepttl', 'nx', 'xx', 'get'] as const) {
    if (options[name] === true) args.push(name.toUpperCase());
  }
  return args;
}

export abstract class NamedCommands implements RedisCommands {
  protected abstract send(name: string, args: readonly RedisArgument[]): Promise<RedisReply>;

  ping() {
    return this.send('ping', []);
  }
  get(key: Key) {
    return this.send('get', [key]);
  }
  set(key: Key, value: RedisArgument, options?: RedisSetOptions) {
    return this.send('set', options === undefined ? [key, value] : [key, value, ...setArguments(options)]);
  }
  getdel(key: Key) {
    return this.send('getdel', [key]);
  }
  mget(...keys: Key[]) {
    return this.send('mget', keys);
  }
  mset(values: Values) {
    return this.send('mset', flat(values));
  }
  del(...keys: Key[]) {
    return this.send('del', keys);
  }
  exists(...keys: Key[]) {
    return this.send('exists', keys);
  }
  expire(key: Key, seconds: number) {
    return this.send('expire', [key, seconds]);
  }
  pexpire(key: Key, ms: number) {
    return this.send('pexpire', [key, ms]);
  }
  ttl(key: Key) {
    return this.send('ttl', [key]);
  }
  incr(key: Key) {
    return this.send('incr', [key]);
  }
  incrby(key: Key, amount: number) {
    return this.send('incrby', [key, amount]);
  }
  decr(key: Key) {
    return this.send('decr', [key]);
  }
  append(key: Key, value: RedisArgument) {
    return this.send('append', [key, value]);
  }
  hget(key: Key, field: RedisArgument) {
    return this.send('hget', [key, field]);
  }
  hset(key: Key, fields: Values) {
    return this.send('hset', [key, ...flat(fields)]);
  }
  hmget(key: Key, ...fields: RedisArgument[]) {
    return this.send('hmget', [key, ...fields]);
  }
  hgetall(key: Key) {
    return this.send('hgetall', [key]);
  }
  hdel(key: Key, ...fields: RedisArgument[]) {
    return this.send('hdel', [key, ...fields]);
  }
  hincrby(key: Key, field: RedisArgument, amount: number) {
    return this.send('hincrby', [key, field, amount]);
  }
  lpush(key: Key, ...values: RedisArgument[]) {
    return this.send('lpush', [key, ...values]);
  }
  rpush(key: Key, ...values: RedisArgument[]) {
    return this.send('rpush', [key, ...values]);
  }
  lpop(key: Key) {
    return this.send('lpop', [key]);
  }
  rpop(key: Key) {
    return this.send('rpop', [key]);
  }
  llen(key: Key) {
    return this.send('llen', [key]);
  }
  lrange(key: Key, from: number, to: number) {
    return this.send('lrange', [key, from, to]);
  }
  sadd(key: Key, ...members: RedisArgument[]) {
    return this.send('sadd', [key, ...members]);
  }
  srem(key: Key, ...members: RedisArgument[]) {
    return this.send('srem', [key, ...members]);
  }
  sismember(key: Key, member: RedisArgument) {
    return this.send('sismember', [key, member]);
  }
  smembers(key: Key) {
    return this.send('smembers', [key]);
  }
  scard(key: Key) {
    return this.send('scard', [key]);
  }
  zadd(key: Key, score: number, member: RedisArgument) {
    return this.send('zadd', [key, score, member]);
  }
  zincrby(key: Key, amount: number, member: RedisArgument) {
    return this.send('zincrby', [key, amount, member]);
  }
  zscore(key: Key, member: RedisArgument) {
    return this.send('zscore', [key, member]);
  }
  zrange(key: Key, from: number, to: number) {
    return this.send('zrange', [key, from, to]);
  }
  zrem(key: Key, ...members: RedisArgument[]) {
    return this.send('zrem', [key, ...members]);
  }
  publish(channel: string, message: RedisArgument) {
    return this.send('publish', [channel, message]);
  }
}
