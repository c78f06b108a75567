import { describe, expect, test } from 'vitest';
import type { Recommendation, RecommendationPlan } from '../../model/recommendation.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { limitOn, recordIterations } from '../measurements.cases.ts';
import { recommend } from './recommend.ts';
import { type Watched, watchedRun } from './watched-runs.cases.ts';

function idsOf(measured: Measurements, findings: readonly Finding[] = []): string[] {
  return recommend(measured, findings).map(({ id }) => id);
}

function find(measured: Measurements, id: string, findings: readonly Finding[] = []): Recommendation {
  const found = recommend(measured, findings).find((one) => one.id === id);
  expect(found, id).toBeDefined();
  return found!;
}

const host = (read: Watched['read']): Record<string, Watched> => ({ host: { kind: 'host', read } });
const db = (read: Watched['read']): Record<string, Watched> => ({ db: { kind: 'postgres', read } });

describe('triggers at their edge', () => {
  const process = (read: Watched['read']): Record<string, Watched> => ({ app: { kind: 'process', read } });
  const cache = (read: Watched['read']): Record<string, Watched> => ({ cache: { kind: 'redis', read } });
  test.each<[string, Record<string, Watched>, Record<string, Watched>]>([
    ['cpu', host({ cpu_ratio: 0.7 }), host({ cpu_ratio: 0.701 })],
    ['cpu', process({ cgroup_cpu_ratio: 0.7 }), process({ cgroup_cpu_ratio: 0.71 })],
    ['memory', host({ memory_used_ratio: 0.8 }), host({ memory_used_ratio: 0.801 })],
    ['memory', process({ cgroup_memory_ratio: 0.8 }), process({ cgroup_memory_ratio: 0.81 })],
    ['database', db({ connections: 70 }), db({ connections: 71 })],
    // Of two minutes: 10 and 10.5 a minute.
    ['database', db({ slow_statements: 20 }), db({ slow_statements: 21 })],
    ['indexes', db({ slow_statements: 20 }), db({ slow_statements: 21 })],
    ['connection-pool', db({ connections_ratio: 0.9 }), db({ connections_ratio: 0.91 })],
    ['cache-hits', cache({ hit_ratio: 0.7 }), cache({ hit_ratio: 0.69 })],
    ['cache-memory', cache({ memory_bytes: 4e9 }), cache({ memory_bytes: 4.1e9 })],
    ['cache-memory', cache({ evictions: 20 }), cache({ evictions: 21 })],
    ['scale-out', host({ memory_used_ratio: 0.75 }), host({ memory_used_ratio: 0.76 })],
    ['open-files', process({ open_files_ratio: 0.8 }), process({ open_files_ratio: 0.81 })],
  ])('%s', (id, at, beyond) => {
    expect(idsOf(watchedRun(at))).not.toContain(id);
    expect(idsOf(watchedRun(beyond))).toContain(id);
  });

  test('reads count from 60 % on, and only where the database shows that it is the limit', () => {
    const run = (reads: number, connections: number): Measurements =>
      watchedRun(db({ connections }), {
        record: (meter, second) => {
          for (let i = 0; i < 10; i++) {
            const method = i < reads ? 'GET' : 'POST';
            const tags = { scenario: 'main', user: 'buyer', task: 'price', method, name: '/price' };
            meter.counter('http_reqs', tags).add(1);
          }
          recordIterations(meter, second === 0 ? 0 : 1);
        },
      });
    // One POST comes with each iteration.
    const both = ['read-replicas', 'query-cache'];
    expect(idsOf(run(7, 80))).toEqual(expect.arrayContaining(both));
    expect(idsOf(run(6, 80))).not.toEqual(expect.arrayContaining(['read-replicas']));
    expect(idsOf(run(9, 20))).not.toEqual(expect.arrayContaining(['read-replicas']));
    const replicas = find(run(7, 80), 'read-replicas');
    expect(replicas.trigger).toMatch(/63.* % of the requests only read .* highest number of connections 80/);
    expect(replicas.evidence.map(({ name }) => name)).toContain('share of GET and HEAD among http_reqs');
  });

  test('sharding takes 10,000 users and a database at its limit', () => {
    const run = (users: number): Measurements =>
      watchedRun(db({ connections: 80 }), {
        plan: {
          capacity: {
            instances: 1,
            buffers: { users: 0.3, rate: 0.25, connections: 0.3, memory: 0.25, cpu: 0.3 },
            growth: { expected: [{ title: '1 year', months: 12, users }] },
          },
        },
      });
    expect(idsOf(run(9999))).not.toContain('sharding');
    expect(idsOf(run(10_000))).toContain('sharding');
  });

  test('five busy minutes are enough to scale out, and fewer are not', () => {
    const busyFor = (readings: number): Watched['read'] => ({
      cpu_ratio: Array.from({ length: 240 }, (_, i) => (i >= 30 && i < 30 + readings ? 0.9 : 0.2)),
    });
    const long = { seconds: 1200 };
    expect(idsOf(watchedRun(host(busyFor(61)), long))).toEqual(['scale-out']);
    expect(idsOf(watchedRun(host(busyFor(30)), long))).toEqual([]);
    // A run that is too short shows no five minutes.
    expect(idsOf(watchedRun(host({ cpu_ratio: 0.9 })))).toEqual(['cpu']);
  });

  test('a leak of memory that was found is told, another finding is not', () => {
    const leak = (unit: string): Finding => ({
      kind: 'leak',
      severity: 'warning',
      title: 'app resident memory grows by 200 MB an hour',
      detail: '',
      evidence: [{ name: 'growth', value: 2e8, unit }],
    });
    expect(find(watchedRun({}), 'memory-leak', [leak('bytes')]).trigger).toContain('200 MB an hour');
    expect(idsOf(watchedRun({}), [leak('count')])).toEqual([]);
    expect(idsOf(watchedRun({}), [{ ...leak('bytes'), source: 'suite' }])).toEqual([]);
  });

  test('memory that the load generator or its own machine keeps is no leak of the target', () => {
    const leak = (metric: string): Finding => ({
      kind: 'leak',
      severity: 'warning',
      title: `${metric} grows by 200 MB an hour`,
      detail: '',
      evidence: [
        { name: `${metric} at first`, value: 1e8, unit: 'bytes' },
        { name: 'growth', value: 2e8, unit: 'bytes/h' },
      ],
    });
    const watched = {
      generator: { kind: 'process', read: { rss_bytes: 1e8 } },
      box: { kind: 'host', read: { memory_used_bytes: 1e8 } },
      app: { kind: 'process', read: { rss_bytes: 1e8 } },
    } as const;
    const remote = { plan: { baseUrl: 'http://shop.example.org' } };
    const [ofGenerator, ofBox, ofApp] = [
      leak('monitor_generator_rss_bytes'),
      leak('monitor_box_memory_used_bytes'),
      leak('monitor_app_rss_bytes'),
    ];
    expect(idsOf(watchedRun(watched), [ofGenerator])).not.toContain('memory-leak');
    expect(idsOf(watchedRun(watched, remote), [ofBox])).not.toContain('memory-leak');
    expect(idsOf(watchedRun(watched), [ofBox])).toContain('memory-leak');
    expect(idsOf(watchedRun(watched, remote), [ofGenerator, ofBox, ofApp])).toContain('memory-leak');
  });

  test('monitors are recommended where a limit broke and nothing was watched', () => {
    const slow = { thresholds: [limitOn('http_req_duration', 'p95', '<', 10)] };
    expect(idsOf(watchedRun({}, { plan: slow }))).toEqual(['watch-target']);
    expect(idsOf(watchedRun(db({ connections: 3 }), { plan: slow }))).toEqual([]);
    expect(idsOf(watchedRun({}))).toEqual([]);
  });
});

describe('no data, no recommendation', () => {
  test('a run without monitors recommends nothing', () => {
    expect(recommend(watchedRun({}), [])).toEqual([]);
  });

  test.each<[string, Record<string, Watched>]>([
    ['NaN', host({ cpu_ratio: Number.NaN, memory_used_ratio: Number.NaN })],
    ['infinity', db({ connections: Number.POSITIVE_INFINITY, slow_statements: Number.POSITIVE_INFINITY })],
    ['two readings', host({ cpu_ratio: [0.99, 0.99] })],
  ])('%s', (_what, monitors) => {
    expect(idsOf(watchedRun(monitors))).toEqual([]);
  });

  test('the machine of the load generator says nothing of a target elsewhere', () => {
    const monitors = host({ cpu_ratio: 0.95, memory_used_ratio: 0.95 });
    expect(idsOf(watchedRun(monitors, { plan: { baseUrl: 'http://shop.example.com' } }))).toEqual([]);
    const { baseUrl: _, ...rest } = watchedRun(monitors).plan;
    expect(idsOf({ ...watchedRun(monitors), plan: rest })).toEqual([]);
    expect(idsOf(watchedRun({ generator: { kind: 'process', read: { open_files_ratio: 0.95 } } }))).toEqual(
      [],
    );
  });

  test('nothing is recommended by a run that the generator limited', () => {
    const run = watchedRun(host({ cpu_ratio: 0.95 }));
    expect(idsOf(run)).toEqual(['cpu']);
    expect(idsOf({ ...run, generator: { ...run.generator, saturated: true, reasons: ['x'] } })).toEqual([]);
  });

  test('what the load generator takes of the machine is not counted', () => {
    const run = watchedRun(host({ cpu_ratio: 0.95 }));
    // One worker that keeps 0.4 of one of two cores busy.
    const generator = { ...run.generator, cpu: { ...run.generator.cpu, avg: 0.4 } };
    expect(find({ ...run, generator }, 'cpu').trigger).toBe(
      'Average CPU 75 % without the 20 % that the load generator took itself (95 % with it) (limit 70 %), read by host.',
    );
    expect(idsOf({ ...run, generator: { ...generator, cpu: { ...generator.cpu, avg: 0.6 } } })).toEqual([]);
  });
});

describe('fields', () => {
  test('sizes come from the record, what the guide estimates is named as that', () => {
    expect(find(watchedRun(host({ cpu_ratio: 0.84 })), 'cpu')).toEqual({
      id: 'cpu',
      component: 'CPU',
      current: '2 cores',
      recommended: '4 cores',
      priority: 'high',
      effort: 'low',
      cost: { currency: 'EUR', low: 50, high: 100 },
      improvement: { text: '40 % performance gain', source: 'the load-test guide of the Pratiko system' },
      trigger: 'Average CPU 84 % (limit 70 %), read by host.',
      evidence: [{ name: 'avg of monitor_host_cpu_ratio', value: 0.84, unit: 'ratio', limit: 0.7 }],
      change:
        'At the same load twice the cores would be 42 % busy, if the work spreads over all of them: work in a single thread does not.',
      // A suite of the user's own is run by its file, and not by its name.
      verify: expect.stringMatching(
        /at or below 70 % .* `plimsoll run` on the file or name that the suite shop was run by, with `--profile \S+ --seed \d+`, and compare/,
      ),
      options: expect.arrayContaining(['Compress responses.']),
      source: 'the load-test guide of the Pratiko system',
    });
    const memory = find(watchedRun(host({ memory_used_ratio: 0.9, memory_used_bytes: 3.6e9 })), 'memory');
    expect(memory).toMatchObject({ current: '4 GB RAM', recommended: '8 GB RAM' });
    expect(memory.cost).toEqual({ currency: 'EUR', low: 30, high: 60 });
    expect(find(watchedRun(db({ connections: 75 })), 'database')).toMatchObject({
      current: 'single PostgreSQL instance',
      recommended: 'primary + 2 read replicas',
      priority: 'medium',
      effort: 'medium',
      cost: { low: 100, high: 200 },
    });
  });

  test('names that a shell would not take stand in no command', () => {
    const run = watchedRun(host({ cpu_ratio: 0.84 }));
    const { verify } = find({ ...run, plan: { ...run.plan, suite: 'a; rm -rf /' } }, 'cpu');
    expect(verify).not.toContain('rm -rf');
  });

  test('found bottlenecks come first, then priority, then little effort', () => {
    const run = watchedRun({
      ...host({ cpu_ratio: 0.9, memory_used_ratio: 0.9 }),
      ...db({ connections: 80, connections_ratio: 0.95 }),
    });
    expect(idsOf(run)).toEqual(['cpu', 'memory', 'connection-pool', 'database', 'scale-out']);
    const bottleneck = {
      ...{ kind: 'bottleneck', severity: 'warning', title: 'Too many connections', detail: '' },
      rule: 'connections',
      evidence: [],
    } as unknown as Finding;
    expect(idsOf(run, [bottleneck]).slice(0, 2)).toEqual(['connection-pool', 'database']);
    expect(find(run, 'database', [bottleneck]).bottleneck).toBe('Too many connections');
  });
});

describe('rules of the suite', () => {
  const withRules = (recommendations: RecommendationPlan[], cpu = 0.84): Measurements =>
    watchedRun(host({ cpu_ratio: cpu }), { plan: { recommendations } });

  test('switch off, change and add', () => {
    expect(idsOf(withRules([{ id: 'cpu', off: true }]))).toEqual([]);
    const changed = find(
      withRules([{ id: 'cpu', recommended: '8 cores', improvement: 'twice as fast' }]),
      'cpu',
    );
    expect(changed.recommended).toBe('8 cores');
    expect(changed.current).toBe('2 cores');
    expect(changed.improvement).toEqual({ text: 'twice as fast', source: 'the suite' });
    expect(changed.source).toMatch(/changed by the suite$/);
  });

  test('conditions of the suite take the place of the rule’s, and stand at their limit', () => {
    const when = (limit: number): RecommendationPlan[] => [
      {
        id: 'cpu',
        when: [
          {
            ...{ metric: 'monitor_host_cpu_ratio', expression: `max>${limit}`, operator: '>', limit },
            aggregation: { kind: 'max' },
          },
        ],
      },
    ];
    expect(idsOf(withRules(when(0.5), 0.5))).toEqual([]);
    expect(find(withRules(when(0.5), 0.51), 'cpu').trigger).toBe(
      'Max of monitor_host_cpu_ratio is 0.51 (max>0.5).',
    );
    expect(idsOf(withRules(when(0.9), 0.84))).toEqual([]);
  });

  test('a rule of its own applies where the record has its metric', () => {
    const rule = (metric: string): RecommendationPlan => ({
      ...{
        id: 'queue',
        component: 'Queue',
        recommended: 'a second consumer',
        priority: 'low',
        effort: 'low',
      },
      when: [{ metric, expression: 'avg>0.1', aggregation: { kind: 'avg' }, operator: '>', limit: 0.1 }],
    });
    expect(find(withRules([rule('monitor_host_cpu_ratio')]), 'queue').source).toBe('the suite');
    expect(idsOf(withRules([rule('monitor_queue_depth')]))).toEqual(['cpu']);
  });
});
