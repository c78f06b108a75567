// The suite velro against its target: what is sent is what arrives, step by step, and the hit rates of the cache's layers are
// those that the target counts itself.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type RunningCli, readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

const env = { SUPABASE_SERVICE_KEY: 'key-of-this-test', DATABASE_URL: undefined, REDIS_URL: undefined };

async function urlOf(target: RunningCli): Promise<string> {
  let text = '';
  target.child.stderr!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await target.saw(/press Ctrl-C to stop/);
  return /is ready at (\S+)/.exec(text)![1]!;
}

/** The sum of a metric's samples on the page whose labels match. */
function sumOf(page: string, metric: string, labels: RegExp): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) && labels.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const scenarioFile = fileURLToPath(new URL('../suites/velro/load_test_scenarios.yaml', import.meta.url));

const steps: readonly (readonly [task: string, route: RegExp, chance: number])[] = [
  ['authentication_check', /auth\/me"/, 1],
  ['authorization_check', /authorization"/, 0.95],
  ['generation_list', /generations",status="200"/, 0.85],
  ['model_access', /models"/, 0.6],
  ['generation_create', /generations",status="201"/, 0.25],
  ['media_url_access', /media"/, 0.4],
];

test('a run is counted alike by both sides, and each step has its own chance', async () => {
  // Cold and soon forgotten: each layer both finds and misses.
  const knobs = { VELRO_POOL_SIZE: '8', VELRO_WARMING: 'off', VELRO_MEMORY_TTL: '0.1' };
  const target = startCli(['target', 'velro', '--port', '0', '--json'], { env: { ...env, ...knobs } });
  const out = temporaryFolder();
  try {
    const url = await urlOf(target);
    const [users, iterations] = [20, 20];
    const flags = ['--users', '20', '--ops', '20', '--think-time', '30ms', '--ramp-up', '500ms'];
    const { stderr } = await runCli(
      ['run', 'velro', '-p', 'warm_up', ...flags, '--base-url', url, '--out', out.path],
      { env },
    );
    const { metrics, errors } = readRecord(out.path, 'velro');
    expect(errors, stderr).toEqual([]);
    const page = await (await fetch(`${url}/metrics`)).text();
    const served = (route: RegExp) => sumOf(page, 'velro_http_requests_total', route);
    const sent = (key: string) => {
      const values = metrics[key]?.values;
      return values !== undefined && 'count' in values ? values.count : 0;
    };

    expect(sent('iterations')).toBe(users * iterations);
    expect(sent('http_reqs')).toBe(served(/api/));
    expect(sent('http_reqs{task:onStart,user:creator}')).toBe(users);
    expect(served(/session"/)).toBe(users);
    for (const [task, route, chance] of steps) {
      const count = sent(`http_reqs{task:${task},user:creator}`);
      expect(count, task).toBe(served(route));
      const expected = users * iterations * chance;
      // Six standard deviations of a binomial count.
      expect(Math.abs(count - expected), task).toBeLessThanOrEqual(6 * Math.sqrt(expected * (1 - chance)));
    }

    for (const [metric, layer] of [
      ['cache_hits', 'all'],
      ['cache_hits_memory', 'memory'],
      ['cache_hits_redis', 'redis'],
    ] as const) {
      const counted = (result: string) =>
        sumOf(page, 'velro_authorization_cache_lookups_total', RegExp(`"${layer}",result="${result}"`));
      const [hits, misses] = [counted('hit'), counted('miss')];
      expect(hits, metric).toBeGreaterThan(0);
      expect(misses, metric).toBeGreaterThan(0);
      expect(metrics[metric]!.values, metric).toMatchObject({ passes: hits, fails: misses });
    }

    const dryRun = (at: string) =>
      runCli(['run', scenarioFile, '-p', 'prd_compliance', '--dry-run', '--base-url', at], { env });
    const [answered, refused] = await Promise.all([dryRun(url), dryRun('http://127.0.0.1:1')]);
    expect(answered.stdout).toContain('10,000 VUs for 10m');
    expect(answered.stdout).toContain(`target answers: a connection to ${url} could be opened`);
    expect([answered.code, refused.code]).toEqual([0, 3]);
    const after = await (await fetch(`${url}/metrics`)).text();
    expect(sumOf(after, 'velro_http_requests_total', /api/)).toBe(sent('http_reqs'));
  } finally {
    target.child.kill('SIGINT');
    await target.done;
    out.dispose();
  }
}, 180_000);
