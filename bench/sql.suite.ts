// pgbench's own two loads, as a user of Plimsoll writes them: one async function, one check, all built-in metrics on.
import { defineSuite } from 'plimsoll';

const accounts = 1_000_000;
const select = { name: 'select', text: 'SELECT abalance FROM pgbench_accounts WHERE aid = $1' };
const update = {
  name: 'update',
  text: 'UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
};
const insert = {
  name: 'insert',
  text: 'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
};

export default defineSuite({
  name: 'bench-sql',
  sql: {},
  users: {
    reader: {
      tasks: {
        select: {
          async run({ sql, vu, check }) {
            const result = await sql.query(select, [1 + Math.floor(vu.random() * accounts)]);
            check(result, { found: ({ rows }) => rows.length === 1 });
          },
        },
      },
    },
    writer: {
      tasks: {
        update: {
          async run({ sql, vu, check }) {
            const account = 1 + Math.floor(vu.random() * accounts);
            const delta = Math.floor(vu.random() * 10_001) - 5000;
            const result = await sql.transaction(async (transaction) => {
              await transaction.query(update, [delta, account]);
              await transaction.query(select, [account]);
              const [teller, branch] = [1 + Math.floor(vu.random() * 100), 1 + Math.floor(vu.random() * 10)];
              await transaction.query(insert, [teller, branch, account, delta]);
            });
            check(result, { committed: ({ ok }) => ok });
          },
        },
      },
    },
  },
  profiles: {
    select: { executor: 'constant-vus', vus: 8, duration: '5s', gracefulStop: '2s', users: ['reader'] },
    update: { executor: 'constant-vus', vus: 8, duration: '5s', gracefulStop: '2s', users: ['writer'] },
  },
});
