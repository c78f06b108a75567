// The client library alone, as fast as answers come: node redis-loop.mjs <url> <get|set> <seconds> <connections>.
import { Redis } from 'ioredis';

const [url, command, seconds, connections] = process.argv.slice(2);
const clients = Array.from({ length: Number(connections) }, () => new Redis(url, { protocol: 2 }));
const untilMs = performance.now() + Number(seconds) * 1000;
let count = 0;
await Promise.all(
  clients.map(async (redis) => {
    while (performance.now() < untilMs) {
      const key = `key:${Math.floor(Math.random() * 100_000)}`;
      if (command === 'get') await redis.get(key);
      else await redis.set(key, 'xxx');
      count++;
    }
    redis.disconnect();
  }),
);
console.log(JSON.stringify({ count }));
