// Iterations start at a fixed rate, however fast the target answers. Thresholds have two levels.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'arrival-rate',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    visitor: { tasks: { health: { run: ({ http }) => http.get('/health') } } },
  },
  profiles: {
    steady: {
      executor: 'constant-arrival-rate',
      rate: 60,
      timeUnit: '1s',
      duration: '20s',
      preAllocatedVUs: 10,
      maxVUs: 50,
      thresholds: {
        // A breach of `target` is a warning; a breach of `critical` fails the run.
        http_req_duration: [{ target: 'p(95)<100', critical: 'p(99)<1000' }],
        // Ends the run as soon as the threshold fails, but not within the first two seconds.
        http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: '2s' }],
        // Warns when the value is within 20 % of the limit.
        dropped_iterations: [{ threshold: 'count<10', warnMargin: 0.2 }],
      },
    },
  },
});
