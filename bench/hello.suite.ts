// The plainest user there is: one async function, one request, one check. All built-in metrics are on.
import { defineSuite } from 'plimsoll';

// An arrival keeps its user, and so the connection, this long: 1,000 arrivals a second keep 10,000 busy in turn.
const holdMs = 9900;
const fifty = Array.from({ length: 50 }, () => '/');

export default defineSuite({
  name: 'bench',
  baseUrl: 'http://127.0.0.1:1',
  http: { tls: { insecureSkipVerify: true } },
  users: {
    visitor: {
      tasks: {
        hello: {
          async run({ http, check }) {
            const response = await http.get('/');
            check(response, { 'is 200': (r) => r.status === 200 });
          },
        },
      },
    },
    gatherer: {
      tasks: {
        hello: {
          async run({ http, check }) {
            for (const response of await http.batch(fifty)) {
              check(response, { 'is 200': (r) => r.status === 200 });
            }
          },
        },
      },
    },
    lingerer: {
      tasks: {
        hello: {
          async run({ http, check, sleep }) {
            const response = await http.get('/');
            check(response, { 'is 200': (r) => r.status === 200 });
            await sleep(holdMs);
          },
        },
      },
    },
  },
  profiles: {
    hello: { executor: 'constant-vus', vus: 50, duration: '10s', gracefulStop: '2s', users: ['visitor'] },
    batches: { executor: 'constant-vus', vus: 1, duration: '10s', gracefulStop: '2s', users: ['gatherer'] },
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: 1000,
      duration: '20s',
      gracefulStop: '0s',
      preAllocatedVUs: 10_500,
      maxVUs: 10_500,
      users: ['lingerer'],
    },
  },
});
