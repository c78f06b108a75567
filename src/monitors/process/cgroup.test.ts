import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { read } from '../monitor.cases.ts';
import { createProcessMonitor } from '../process.ts';
import { Cgroups, parseCgroup } from './cgroup.ts';
import { statLine, writeFolder } from './proc-folder.cases.ts';

const stat2 = (usedUs: number, periods: number, throttled: number): string =>
  `usage_usec ${usedUs}\nuser_usec 1\nsystem_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_usec 5\n`;
const memory2 = 'anon 5000\nfile 3000\ninactive_anon 1\nactive_file 1000\ninactive_file 2000\n';

/** A host with systemd and version 2, where a slice has the memory limit and the container in it that of CPU. */
const unified = {
  'sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
  'sys/fs/cgroup/cpu.stat': stat2(1, 0, 0),
  'sys/fs/cgroup/app.slice/cpu.max': 'max 100000\n',
  'sys/fs/cgroup/app.slice/memory.max': '1000000\n',
  'sys/fs/cgroup/app.slice/memory.current': '10000\n',
  'sys/fs/cgroup/app.slice/memory.stat': memory2,
  'sys/fs/cgroup/app.slice/c1.scope/cpu.max': '150000 100000\n',
  'sys/fs/cgroup/app.slice/c1.scope/cpu.stat': stat2(7_000_000, 100, 40),
  'sys/fs/cgroup/app.slice/c1.scope/memory.max': 'max\n',
  'sys/fs/cgroup/app.slice/c1.scope/memory.current': '9000\n',
};

const memory1 = (prefix: string, limit: string): Record<string, string> => ({
  [`${prefix}/memory.limit_in_bytes`]: `${limit}\n`,
  [`${prefix}/memory.usage_in_bytes`]: '50000\n',
  [`${prefix}/memory.stat`]: 'inactive_file 1\ntotal_cache 9\ntotal_inactive_file 20000\n',
});
const cpu1 = (prefix: string, quota: string): Record<string, string> => ({
  [`${prefix}/cpu.cfs_quota_us`]: `${quota}\n`,
  [`${prefix}/cpu.cfs_period_us`]: '100000\n',
  [`${prefix}/cpu.stat`]: 'nr_periods 10\nnr_throttled 3\nthrottled_time 999\n',
});

describe('limits', () => {
  test('paths by controller', () => {
    const paths = parseCgroup(
      '9:name=systemd:/init.scope\n4:memory:/docker/abc:d\n2:cpu,cpuacct:/docker/abc\n0::/\n',
    );
    expect(paths.get('memory')).toBe('/docker/abc:d');
    expect([paths.get('cpu'), paths.get('cpuacct'), paths.get('')]).toEqual([
      '/docker/abc',
      '/docker/abc',
      '/',
    ]);
  });

  test('version 2: each limit of the nearest group that has it', async () => {
    const groups = new Cgroups(await writeFolder(unified));
    expect(groups.look('0::/app.slice/c1.scope\n')).toEqual({
      cpu: { cores: 1.5, usedUs: 7_000_000, periods: 100, throttledPeriods: 40 },
      memory: { limitBytes: 1_000_000, usedBytes: 8000 },
    });
    expect(groups.look('0::/app.slice\n')).toEqual({ memory: { limitBytes: 1_000_000, usedBytes: 8000 } });
  });

  test('no limit, no group, no cgroups: nothing', async () => {
    const groups = new Cgroups(await writeFolder(unified));
    for (const text of ['0::/\n', '', '0::/../other\n']) expect(groups.look(text)).toEqual({});
    expect(new Cgroups(await writeFolder({})).look('0::/app.slice\n')).toEqual({});
  });

  test('version 2 inside a container, where the mount is the group', async () => {
    const root = await writeFolder({
      'sys/fs/cgroup/memory.max': '500000\n',
      'sys/fs/cgroup/memory.current': '100000\n',
      'sys/fs/cgroup/memory.stat': memory2,
    });
    for (const text of ['0::/\n', '0::/docker/of-the-host\n']) {
      expect(new Cgroups(root).look(text)).toEqual({ memory: { limitBytes: 500_000, usedBytes: 98_000 } });
    }
  });

  test('version 1, with version 2 mounted beside it', async () => {
    const root = await writeFolder({
      ...memory1('sys/fs/cgroup/memory/docker/a', '9223372036854771712'),
      ...memory1('sys/fs/cgroup/memory/docker', '90000'),
      ...memory1('sys/fs/cgroup/memory', '9223372036854771712'),
      ...cpu1('sys/fs/cgroup/cpu/docker/a', '50000'),
      ...cpu1('sys/fs/cgroup/cpu/docker', '-1'),
      'sys/fs/cgroup/cpuacct/docker/a/cpuacct.usage': '123000000\n',
      'sys/fs/cgroup/unified/cgroup.procs': '',
    });
    expect(
      new Cgroups(root).look('4:memory:/docker/a\n2:cpuacct:/docker/a\n1:cpu:/docker/a\n0::/\n'),
    ).toEqual({
      cpu: { cores: 0.5, usedUs: 123_000, periods: 10, throttledPeriods: 3 },
      memory: { limitBytes: 90_000, usedBytes: 30_000 },
    });
    expect(new Cgroups(root).look('4:memory:/\n1:cpu:/\n0::/\n')).toEqual({});
  });
});

test('figures of a limited container are shares of its limits', async () => {
  const root = await writeFolder({
    ...unified,
    'proc/70/stat': statLine({ pid: 70, parentPid: 1, startTicks: 9 }),
    'proc/70/cgroup': '0::/app.slice/c1.scope\n',
  });
  const monitor = createProcessMonitor({ kind: 'process', pid: 70, children: true }, { root });
  onTestFinished(() => monitor.close());
  const first = (await read(monitor)).values;
  expect(first).toMatchObject({ cgroup_memory_bytes: 8000, cgroup_memory_ratio: 0.008 });
  expect(first).not.toHaveProperty('cgroup_cpu_ratio');
  await writeFile(join(root, 'sys/fs/cgroup/app.slice/c1.scope/cpu.stat'), stat2(7_003_000, 120, 45));
  await delay(60);
  const second = (await read(monitor)).values;
  expect(second.cgroup_throttled_ratio).toBe(0.25);
  expect(second.cgroup_cpu_ratio).toBeGreaterThan(0);
  // Nothing ran since: no share of no periods.
  await delay(60);
  const third = (await read(monitor)).values;
  expect(third).not.toHaveProperty('cgroup_throttled_ratio');
  expect(third.cgroup_cpu_ratio).toBe(0);
});
