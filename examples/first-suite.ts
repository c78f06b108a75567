// A first suite: one kind of user, two tasks, two profiles, three thresholds.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'first',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    customer: {
      thinkTime: ['100ms', '300ms'],
      tasks: {
        view_account: {
          weight: 80,
          async run({ http, check, vu }) {
            const account = 1 + Math.floor(vu.random() * 300);
            const response = await http.get(`/api/accounts/${account}`, { name: '/api/accounts/:id' });
            check(response, {
              'status is 200': (r) => r.status === 200,
              'it is the right account': (r) => r.json<{ id: number }>().id === account,
            });
          },
        },
        calculate_savings: {
          weight: 20,
          async run({ http, check }) {
            const response = await http.post('/api/savings/calculate', {
              json: { hoursPerWeek: 12, hourlyRate: 45, automationShare: 0.6 },
            });
            check(response, { 'status is 200': (r) => r.status === 200 });
          },
        },
      },
    },
  },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 5, duration: '15s' },
    rush: {
      executor: 'constant-arrival-rate',
      rate: 50,
      duration: '30s',
      preAllocatedVUs: 20,
      maxVUs: 100,
      users: ['customer'],
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    'http_req_duration{task:view_account}': [{ target: 'p(95)<50', critical: 'p(95)<200' }],
    checks: ['rate>0.99'],
  },
});
