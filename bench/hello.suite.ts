// The plainest user there is: one async function, one request, one check. All built-in metrics are on.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'bench',
  baseUrl: 'http://127.0.0.1:1',
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
  },
  profiles: {
    hello: { executor: 'constant-vus', vus: 50, duration: '10s', gracefulStop: '2s' },
  },
});
