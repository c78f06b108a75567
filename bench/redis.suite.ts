// redis-benchmark's own two loads, as a user of Plimsoll writes them: one async function, one check, all built-in
// metrics on.
import { defineSuite } from 'plimsoll';

const keyCount = 100_000;

export default defineSuite({
  name: 'bench-redis',
  redis: {},
  users: {
    reader: {
      tasks: {
        get: {
          async run({ redis, vu, check }) {
            const value = await redis.get(`key:${Math.floor(vu.random() * keyCount)}`);
            check(value, { answered: (given) => given === null || given === 'xxx' });
          },
        },
      },
    },
    writer: {
      tasks: {
        set: {
          async run({ redis, vu, check }) {
            const answer = await redis.set(`key:${Math.floor(vu.random() * keyCount)}`, 'xxx');
            check(answer, { stored: (given) => given === 'OK' });
          },
        },
      },
    },
  },
  profiles: {
    get: { executor: 'constant-vus', vus: 8, duration: '5s', gracefulStop: '2s', users: ['reader'] },
    set: { executor: 'constant-vus', vus: 8, duration: '5s', gracefulStop: '2s', users: ['writer'] },
  },
});
