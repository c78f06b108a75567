// Phases: scenarios that run one after the other. A threshold can select a phase by its name.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'phases',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    visitor: { thinkTime: '50ms', tasks: { items: { run: ({ http }) => http.get('/items') } } },
  },
  profiles: {
    day: {
      description: 'Morning, noon and evening of one day, in half a minute',
      phases: [
        { name: 'morning', executor: 'constant-vus', vus: 3, duration: '10s', pause: '1s' },
        {
          name: 'noon',
          executor: 'ramping-vus',
          startVUs: 3,
          stages: [
            { duration: '5s', target: 10 },
            { duration: '5s', target: 3 },
          ],
        },
        {
          name: 'evening',
          executor: 'constant-arrival-rate',
          rate: 20,
          duration: '10s',
          preAllocatedVUs: 5,
          maxVUs: 20,
        },
      ],
      thresholds: {
        'http_req_duration{scenario:noon}': ['p(95)<500'],
        'http_req_failed{scenario:evening}': ['rate<0.01'],
      },
    },
  },
});
