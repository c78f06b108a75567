// A flow: each iteration goes through the steps in order and runs each step with its own probability.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'flow',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    shopper: {
      thinkTime: ['20ms', '60ms'],
      flow: {
        browse: {
          async run({ http, session }) {
            const response = await http.get('/items');
            session.items = response.json<number[]>();
          },
        },
        view: {
          probability: 0.6,
          async run({ http, session, vu }) {
            const item = session.items[Math.floor(vu.random() * session.items.length)];
            await http.get(`/items/${item}`, { name: '/items/:id' });
          },
        },
        buy: {
          probability: 0.1,
          run: ({ http, vu }) => http.post('/orders', { json: { buyer: vu.id }, expect: 201 }),
        },
      },
    },
  },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 5, duration: '10s' },
    // This profile overrides the probabilities: every user views, and half of them buy.
    sale: {
      executor: 'per-vu-iterations',
      vus: 5,
      iterations: 20,
      tasks: { shopper: { browse: 1, view: 1, buy: 0.5 } },
    },
  },
  thresholds: { http_req_failed: ['rate<0.01'] },
});
