// Iterations that start at a fixed rate, whatever the target does, with limits of two levels.
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
        // A breach of the target warns, of the critical level fails.
        http_req_duration: [{ target: 'p(95)<100', critical: 'p(99)<1000' }],
        // Not worth going on: ends the run, but not within the first two seconds.
        http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: '2s' }],
        // Holds, but warns when less than a fifth of the limit away from it.
        dropped_iterations: [{ threshold: 'count<10', warnMargin: 0.2 }],
      },
    },
  },
});
