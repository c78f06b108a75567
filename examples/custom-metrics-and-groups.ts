// Custom metrics, and groups that time several requests as one unit.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'custom-metrics',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  // Declare a metric to use it in thresholds and to give it a unit in reports.
  metrics: {
    order_value: { type: 'trend' },
    stock_known: { type: 'rate' },
    page_weight: { type: 'trend', contains: 'data' },
  },
  users: {
    buyer: {
      thinkTime: '20ms',
      tasks: {
        checkout: {
          async run({ http, group, metrics, vu }) {
            await group('checkout', async () => {
              const page = await http.get('/items');
              metrics.trend('page_weight').add(Buffer.byteLength(page.text()));
              metrics.rate('stock_known').add(page.json<number[]>().length > 0);
              const order = await http.post('/orders', { json: { buyer: vu.id }, expect: 201 });
              metrics.trend('order_value').add(order.json<{ value: number }>().value);
              // This metric is not declared: the first call creates it as a counter without a unit.
              metrics.counter('orders_placed').add(1, { channel: 'web' });
            });
          },
        },
      },
    },
  },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 3, duration: '10s' },
  },
  thresholds: {
    order_value: ['avg>0'],
    stock_known: ['rate==1'],
    'group_duration{group:checkout}': ['p(95)<2000'],
  },
});
