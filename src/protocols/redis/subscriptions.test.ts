// What users listen to, against a real server.

import { expect, it } from 'vitest';
import { connectUsers, serve } from './user-redis.cases.ts';

it('a subscription gives what is published on its channels, in order', async () => {
  const { url } = await serve();
  const crowd = await connectUsers(url);
  const [listener, speaker] = [crowd.user(), crowd.user()];
  const news = await listener.redis.subscribe(['news', 'sport']);
  expect(await speaker.redis.publish('news', 'one')).toBe(1);
  expect(await speaker.redis.publish('sport', 'two')).toBe(1);
  expect(await speaker.redis.publish('weather', 'three')).toBe(0);
  expect(await news.next({ timeout: '5s' })).toEqual({ channel: 'news', pattern: undefined, message: 'one' });
  expect(await news.next({ timeout: '5s' })).toEqual({
    channel: 'sport',
    pattern: undefined,
    message: 'two',
  });
  expect(await news.next({ timeout: 20 })).toBeNull();
  expect(await listener.redis.get('its other connection still answers')).toBeNull();
  await news.close();
  expect(await speaker.redis.publish('news', 'four')).toBe(0);
  expect(await news.next()).toBeNull();
  expect(crowd.count('redis_msgs_received')).toBe(2);
  expect(crowd.count('redis_ops', { command: 'subscribe' })).toBe(1);
  expect(crowd.count('redis_ops', { command: 'unsubscribe' })).toBe(1);
});

it('patterns, channels and bytes are told apart, and one channel may have two listeners', async () => {
  const { url } = await serve();
  const crowd = await connectUsers(url);
  const { redis } = crowd.user();
  const all = await redis.subscribe('news.*', { pattern: true });
  const one = await redis.subscribe('news.de');
  const other = await redis.with({ buffers: true }).subscribe('news.de');
  await redis.publish('news.de', 'x');
  const wait = { timeout: 5000 };
  expect(await all.next(wait)).toEqual({ channel: 'news.de', pattern: 'news.*', message: 'x' });
  expect(await one.next(wait)).toMatchObject({ pattern: undefined, message: 'x' });
  expect(await other.next(wait)).toMatchObject({ message: Buffer.from('x') });
  await one.close();
  await redis.publish('news.de', 'y');
  expect(await other.next(wait)).toMatchObject({ message: Buffer.from('y') });
  expect(crowd.count('redis_ops', { command: 'unsubscribe' })).toBe(0);
  expect(crowd.meter.values('redis_connecting')).toHaveLength(2);
});

it('iterating over a subscription ends when it is closed', async () => {
  const { url } = await serve();
  const { redis } = (await connectUsers(url)).user();
  const news = await redis.subscribe('news');
  await redis.pipeline([
    ['publish', 'news', 'a'],
    ['publish', 'news', 'b'],
  ]);
  const got: unknown[] = [];
  for await (const { message } of news) {
    got.push(message);
    if (got.length === 2) await news.close();
  }
  expect(got).toEqual(['a', 'b']);
});

it('what nobody reads is let go with a warning', async () => {
  const { url } = await serve();
  const crowd = await connectUsers(url);
  const { redis } = crowd.user();
  const news = await redis.subscribe('news', { maxUnread: 2 });
  await redis.pipeline(['a', 'b', 'c'].map((text) => ['publish', 'news', text]));
  while (crowd.count('redis_msgs_received') < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await news.next())?.message).toBe('b');
  expect(crowd.warnings).toEqual([expect.stringContaining('the oldest are discarded')]);
});

it('a subscription whose connection breaks is closed, and a new one can be made', async () => {
  const { url } = await serve();
  const crowd = await connectUsers(url);
  const { redis } = crowd.user();
  const news = await redis.subscribe('news');
  const next = news.next();
  await redis.command('client', 'kill', 'type', 'pubsub');
  expect(await next).toBeNull();
  expect(news.closed).toBe(true);
  expect(news.error).toMatchObject({ code: 'connection_closed' });
  expect(crowd.failures).toEqual(['connection_closed']);
  const again = await redis.subscribe('news');
  expect(await redis.publish('news', 'x')).toBe(1);
  expect((await again.next({ timeout: 5000 }))?.message).toBe('x');
});

it('the end of a user wakes who waits for a message', async () => {
  const { url } = await serve();
  const crowd = await connectUsers(url);
  const { redis } = crowd.user();
  const news = await redis.subscribe('news');
  const next = news.next().catch((thrown: Error) => thrown.name);
  await crowd.end();
  expect(await next).toBe('StoppedError');
});
