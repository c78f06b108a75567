// The package `pg` as fast as it goes, with nothing around it: `node pg-loop.mjs <url> <select|update> <seconds>`.
import pg from 'pg';

const [url, script, seconds] = process.argv.slice(2);
const connections = 8;
const upTo = (n) => 1 + Math.floor(Math.random() * n);
const select = (aid) => ({
  name: 's',
  text: 'SELECT abalance FROM pgbench_accounts WHERE aid = $1',
  values: [aid],
});
const update = (delta, aid) => ({
  name: 'u',
  text: 'UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
  values: [delta, aid],
});
const insert = (delta, aid) => ({
  name: 'i',
  text: 'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
  values: [upTo(100), upTo(10), aid, delta],
});

const clients = await Promise.all(
  Array.from({ length: connections }, async () => {
    const client = new pg.Client(url);
    await client.connect();
    return client;
  }),
);
const startedAt = performance.now();
const endAt = startedAt + Number(seconds) * 1000;
let count = 0;
await Promise.all(
  clients.map(async (client) => {
    while (performance.now() < endAt) {
      const aid = upTo(1_000_000);
      if (script === 'select') {
        await client.query(select(aid));
      } else {
        const delta = upTo(10_001) - 5001;
        await client.query('BEGIN');
        await client.query(update(delta, aid));
        await client.query(select(aid));
        await client.query(insert(delta, aid));
        await client.query('END');
      }
      count++;
    }
    await client.end();
  }),
);
console.log(JSON.stringify({ count }));
